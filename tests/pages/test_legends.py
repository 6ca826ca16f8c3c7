"""Legends of charts: names of any length, as they were typed, and entries that switch curves off and on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec
from pages.parts.base import preferences
from pages.parts.base.services import store
from pages.parts.widgets.chart import DASHES, MARKERS
from pages.parts.widgets.legends import SHAPES, entries_of
from tests.pages.chart_samples import specs
from tests.pages.lab_page import page_text

SPEC = read_spec({"architecture": "ff_classifier", "train_size": 1000, "validation_size": 200, "epochs": 2})


def described(spec: Any) -> Iterator[Any]:
    """Every legend that a spec asks for."""
    if isinstance(spec, dict):
        if spec.get("legend"):
            yield spec["legend"]
        for part in spec.values():
            yield from described(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from described(part)


@pytest.mark.parametrize("name", ["curves", "bands", "seed curves", "seed points", "seed values"])
def test_no_chart_of_lines_leaves_its_names_to_vega_which_cuts_them_off(name: str):
    assert list(described(specs()[name])) == []


def test_every_line_has_a_swatch_of_its_own_and_styles_begin_anew():
    names = [f"line {k}" for k in range(2 * len(DASHES))]
    swatches = [entry.swatch() for entry in entries_of(names, ["#000000"], DASHES, MARKERS)]
    assert swatches[: len(DASHES)] == swatches[len(DASHES) :]
    assert len(set(swatches)) == len(DASHES)
    assert set(MARKERS) == set(SHAPES)


def test_a_name_is_text_however_long():
    def app():
        from pages.parts.widgets.legends import entries_of, line_legend

        line_legend(
            entries_of(["<b>" + 99 * "long "], ["#000000"], [[1, 0]], ["circle"]), [(0.1, "PCA"), (0.2, "")]
        )

    (html,) = (element.value for element in AppTest.from_function(app).run().html)
    assert "&lt;b&gt;" + 99 * "long " in html
    assert html.count("<li>") == 2


def test_accuracies_are_switched_like_losses_and_remembered(visit: Callable[..., AppTest]):
    run_id = store().create_run(SPEC, "B" * 22, "Theirs", status="running")
    events = [Epoch(n, 10 * n, 0.3, 0.2, 0.25, 0.9, 0.8, None, 0.001, 1.0) for n in (1, 2)]
    store().write_slice(run_id, store().claim(run_id), events, step=20, epoch=2, seconds=4.0)
    store().set_status(run_id, "finished")
    app = visit("pages/lab/classifier.py", run=run_id)
    app.pills(key="accuracies_shown").set_value(["validation"]).run()
    assert app.session_state[preferences.KEY] == {"accuracies_shown": "validation"}
    assert any("accuracies_shown=validation" in element.proto.json for element in app.get("bidi_component"))
    assert "Every curve is switched off" not in page_text(app)
    app.pills(key="accuracies_shown").set_value([]).run()
    assert "Every curve is switched off" in page_text(app)
    assert not app.exception
