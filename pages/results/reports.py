"""Results › Reports: the five course reports, published against ours, every row ready to be run."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.replication.recipes import REPORTS
from fmnist_core.replication.recipes.naming import setting
from fmnist_core.replication.recipes.report import Report
from fmnist_core.spec import RunSpec
from pages.parts.base import pins
from pages.parts.base.i18n import _, say
from pages.parts.compare import comparison
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.results.network_drawing import STYLES, network_drawing
from pages.parts.results.report_facts import contradictions, open_points
from pages.parts.results.report_study import chapters, report_study
from pages.parts.results.shipped_evidence import Evidence, shipped_evidence

STUDY = "study"


def networks(report: Report) -> dict[str, RunSpec]:
    """The kinds of network in a report, each with the settings of its first experiment, by name."""
    specs: dict[str, RunSpec] = {}
    for experiment in report.experiments:
        spec = experiment.spec
        name = say(ARCHITECTURES[spec.architecture].in_sentence)
        if spec.convolves and not spec.pooling:
            name = f"{name}, {say(setting(spec, 'pooling'))}"
        specs.setdefault(name[0].upper() + name[1:], spec)
    return specs


def introduction(report: Report, evidence: Evidence) -> None:
    title = f"{report.id} · {say(report.title)}"
    st.header(f"{title} ({report.year})" if report.year else title, anchor=False)
    st.markdown(say(report.asked), width=760)
    drawn = networks(report)
    chosen = next(iter(drawn))
    if len(drawn) > 1:
        chosen = st.segmented_control(
            _("Network"),
            list(drawn),
            default=chosen,
            key=f"network_{report.id}",
            wrap=True,
            required=True,
            label_visibility="collapsed",
        )
    of_it = [experiment.id for experiment in report.experiments if experiment.spec == drawn[chosen]]
    with pins.while_about(partial(evidence.behind, of_it)):
        network_drawing(drawn[chosen], f"network_{report.id}")


def main() -> None:
    st.html(comparison.STYLES)
    st.html(STYLES)
    st.title(_("Reports"), anchor=False)
    short = {
        "R1": _("R1 Autoencoder"),
        "R2": _("R2 Pre-training"),
        "R3": _("R3 Classifier"),
        "R4": _("R4 Transfer"),
        "R5": _("R5 Convolutions"),
    }
    report = REPORTS[linked_choice(_("Report"), short, key="report", within=(STUDY,))]
    evidence = shipped_evidence()
    introduction(report, evidence)
    st.header(_("Published and ours"))
    studies = chapters(report)
    titles = {word: say(chapter.title) for word, chapter in studies.items()}
    word = linked_choice(_("Study"), titles, key=STUDY, control="pills")
    here = f"reports?report={report.id}&{STUDY}={word}&model={{name}}"
    report_study(studies[word], evidence, key=f"{report.id}_{word}", model_href=here)
    contradictions(report, evidence)
    open_points(report)


main()
