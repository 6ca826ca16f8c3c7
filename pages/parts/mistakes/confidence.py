"""How sure the network is, against how often it is right: the reliability diagram."""

from __future__ import annotations

from functools import lru_cache

import altair
import pyarrow as pa
import streamlit as st

from pages.parts.base.formatting import count, percent
from pages.parts.base.i18n import _
from pages.parts.inside.network_choice import Network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.calibration import BINS, reliability
from pages.parts.widgets import chart
from pages.parts.widgets.chart import Spec

NEARLY = 0.01  # sure and right to within so much of each other


def confidence(network: Network, answered: Answered) -> None:
    bins = reliability(answered.confidences, answered.guesses == answered.labels)
    filled = bins.count > 0
    left, right = st.columns([3, 2], gap="large")
    with left:
        table = pa.table(
            {
                "from": bins.edges[:-1][filled],
                "to": bins.edges[1:][filled],
                "confidence": bins.confidence[filled],
                "accuracy": bins.accuracy[filled],
                "count": bins.count[filled],
            }
        )
        spec = _spec(_("Confidence"), _("Right"), _("from"), _("to"), _("Mean confidence"), _("Images"))
        chart.draw(
            table,
            spec,
            "mistakes_reliability",
            _("Reliability diagram: how often the network is right, by how sure it is of its answer"),
        )
        st.caption(
            _(
                "Bars at the dashed line: of the answers with 80 % confidence 80 % are right. Below it, the "
                "network is surer than it is right. Bars of few images are pale, and jump."
            )
        )
    with right:
        sure = float(answered.confidences.mean())
        st.metric(_("Expected calibration error"), percent(bins.error), border=True)
        st.caption(
            _(
                "By how much confidence and share of right answers differ, over {bins} bins, each counted by "
                "its images."
            ).format(bins=BINS)
        )
        st.markdown(
            _("On average the network gives its answer {sure}, and it is right in {right}.").format(
                sure=percent(sure), right=percent(answered.accuracy)
            )
            + " "
            + _judged(sure, answered.accuracy)
        )
        wrong = answered.confidences[answered.guesses != answered.labels]
        st.markdown(
            _("Of its {n} mistakes it was more than 90 % sure in {sure}.").format(
                n=count(len(wrong)), sure=count(int((wrong > 0.9).sum()))
            )
        )
        if network.spec.loss != "cross_entropy":
            st.caption(
                _(
                    "This network learned with squared errors: its confidence is the share of an output in "
                    "all ten, not a softmax."
                )
            )


def _judged(sure: float, accuracy: float) -> str:
    if abs(sure - accuracy) <= NEARLY:
        return _("Taken together, that is about as sure as it should be.")
    if sure > accuracy:
        return _("It is too sure of itself, as networks often are that trained for long.")
    return _("It is less sure than it could be, as after few epochs or with much dropout.")


@lru_cache(maxsize=16)
def _spec(confidence: str, right: str, start: str, end: str, mean: str, images: str) -> Spec:
    shares = {"domain": [0, 1], "nice": False}
    x = altair.X("from:Q").title(confidence).scale(**shares).axis(format=".0%", tickCount=5, grid=False)
    y = altair.Y("accuracy:Q").title(right).scale(**shares).axis(format=".0%", tickCount=5)
    tooltip = [
        altair.Tooltip("from:Q").title(start).format(".0%"),
        altair.Tooltip("to:Q").title(end).format(".0%"),
        altair.Tooltip("confidence:Q").title(mean).format(".1%"),
        altair.Tooltip("accuracy:Q").title(right).format(".1%"),
        altair.Tooltip("count:Q").title(images).format(",.0f"),
    ]
    pale = altair.when("datum.count < 20").then(altair.value(0.35)).otherwise(altair.value(0.9))
    bars = chart.of_rows().mark_bar(cornerRadiusEnd=2)
    bars = bars.encode(x=x, x2=altair.X2("to"), y=y, y2=altair.datum(0), opacity=pale, tooltip=tooltip)
    ends = altair.Data(values=[{"place": 0}, {"place": 1}])
    line = altair.Chart(ends).mark_line(**chart.NOTE, strokeDash=chart.LEVEL_DASH, strokeWidth=1.5)
    line = line.encode(x=altair.X("place:Q").scale(**shares), y=altair.Y("place:Q").scale(**shares))
    return chart.spec(altair.layer(bars, line).properties(height=340))
