"""The chart of losses: what its switches do, what a browser remembers of them, and what is written in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.events import Batches, Epoch
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base import preferences
from pages.parts.base.services import store
from pages.parts.base.spec_words import rates_in_words
from pages.parts.run.losses import rate_notes
from pages.parts.run.status import summary
from pages.parts.widgets.notes import NARROW, WIDE, laid_out
from tests.pages.lab_page import page_text

PAGE = "pages/lab/autoencoder.py"
SPEC = read_spec({"architecture": "ff_autoencoder", "train_size": 1000, "validation_size": 200, "epochs": 4})


def trained(spec: RunSpec = SPEC, **origin: Any) -> str:
    """A run of 4 epochs, whose losses are 0.17 in the first and 0.02 in the others."""
    run_id = store().create_run(spec, "B" * 22, "Theirs", status="running", **origin)
    losses = np.full(40, 0.02, np.float32)
    losses[:10] = 0.17
    events = [
        Batches(1, losses),
        *(Epoch(n, 10 * n, 0.03, 0.02, 0.025, None, None, None, 0.001, 1.0) for n in range(1, 5)),
    ]
    store().write_slice(run_id, store().claim(run_id), events, step=40, epoch=4, seconds=4.0)
    store().set_status(run_id, "finished")
    return run_id


def places(app: AppTest) -> dict[str, list[float]]:
    """Where on the x axis the chart of losses has points, by curve."""
    (chart,) = (element.proto for element in app.get("vega_lite_chart") if "Loss over" in element.proto.alt)
    rows = pa.ipc.open_stream(chart.data.data).read_all().to_pylist()
    curves: dict[str, list[float]] = {}
    for row in rows:
        curves.setdefault(row["series"], []).append(row["x"])
    return curves


def test_changes_of_the_rate_say_from_what_to_what_and_share_words_where_they_stand_close():
    changes = [{"step": step, "learning_rate": rate} for step, rate in ((10, 0.01), (12, 0.1), (30, 0.002))]
    spec = SPEC.changed(learning_rate_changes=changes)
    notes = rate_notes(spec, 0, 4)
    assert notes.places == [1.0, 1.2, 3.0]
    assert laid_out(notes, 0, 4, WIDE) == ["rate 0.001 → 0.01 → 0.1", "", "rate 0.1 → 0.002"]
    assert laid_out(notes, 0, 4, NARROW) == ["rate 0.001 → … → 0.002", "", ""]
    assert laid_out(rate_notes(spec, 0, 1.1), 0, 1.1, WIDE) == ["rate 0.001 → 0.01"]
    assert laid_out(rate_notes(spec, 2, 4), 2, 4, WIDE) == ["rate 0.1 → 0.002"]
    assert rate_notes(SPEC, 0, 4).places == []
    assert rates_in_words([0.1, 0.01, 0.003, 0.001]) == "0.1 → … → 0.001"


def test_the_summary_names_rates_epochs_patience_and_validation_images():
    changes = [{"step": 10, "learning_rate": 0.01}]
    words = summary(SPEC.changed(learning_rate_changes=changes, patience=3))
    assert (
        "Adam 0.001 → 0.01 · batch 100 · 1,000 images · 200 for validation · 4 epochs · patience 3" in words
    )
    assert "patience" not in summary(SPEC)


def test_switched_off_curves_are_said_and_explained_ones_explained(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=trained())
    assert "**With dropout**" in page_text(app)
    assert "**Each batch**" in page_text(app)
    assert set(places(app)) == {"training", "validation", "with dropout", "each batch"}
    app.pills(key="curves_shown").set_value(["training"]).run()
    assert set(places(app)) == {"training"}
    assert "**With dropout**" not in page_text(app)
    app.pills(key="curves_shown").set_value([]).run()
    assert places(app) == {}
    assert "Every curve is switched off. Choose one above the chart." in page_text(app)
    assert not app.exception


def test_from_epoch_1_leaves_out_the_first_batches_and_no_epoch(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=trained())
    assert min(places(app)["each batch"]) == 0.1
    app.toggle(key="curves_late").set_value(True).run()
    assert min(places(app)["each batch"]) == 1.0
    assert places(app)["training"] == [1.0, 2.0, 3.0, 4.0]


def test_a_branch_is_drawn_behind_the_epochs_of_its_parents(visit: Callable[..., AppTest]):
    parent = trained()
    child = trained(parent=parent, parent_step=29)  # in the third epoch, which the parent had not ended
    app = visit(PAGE, run=trained(parent=child, parent_step=20))
    epochs = [1.0, 2.0, 3.9, 4.9]  # then its own
    assert places(app)["training"] == pytest.approx([*epochs, 5.9, 6.9, 7.9, 8.9])
    assert min(places(app)["each batch"]) == pytest.approx(5.0)
    store().delete(child)
    app = visit(PAGE, run=trained(parent=parent, parent_step=0))
    assert places(app)["training"] == [1.0, 2.0, 3.0, 4.0], "it has none of its parent's epochs"


def test_what_is_switched_is_kept_by_the_browser(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=trained())
    app.toggle(key="curves_log").set_value(True).run()
    app.toggle(key="curves_late").set_value(True).run()
    assert app.session_state[preferences.KEY] == {"curves_log": "on", "curves_late": "on"}
    setters = [element.proto.json for element in app.get("bidi_component")]
    assert any("curves_log=on&curves_late=on" in text for text in setters)
    app.toggle(key="curves_log").set_value(False).run()
    assert app.session_state[preferences.KEY]["curves_log"] == "off"


@pytest.mark.parametrize(
    ("cookie", "log", "shown"),
    [
        ("curves_log=on&curves_shown=training.batch", True, ["training", "batch"]),
        ("curves_log=perhaps&curves_shown=nonsense", False, []),
        ("%%%;=", False, ["training", "validation", "dropout", "batch"]),
    ],
)
def test_what_a_browser_brings_is_taken_as_far_as_it_means_something(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, cookie: str, log: bool, shown: list[str]
):
    from streamlit.runtime.context import ContextProxy

    monkeypatch.setattr(ContextProxy, "cookies", {preferences.COOKIE: cookie})
    app = visit(PAGE, run=trained())
    assert app.toggle(key="curves_log").value is log
    assert app.session_state["curves_shown"] == shown
