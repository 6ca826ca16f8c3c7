"""The panel of the diagnosis: in the lab's view of a run, and on the page of runs."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.diagnosis.curves import Curves
from fmnist_core.diagnosis.rules import fired
from fmnist_core.events import Batches, Epoch, Finished
from fmnist_core.spec import read_spec
from pages.parts.base.services import store
from pages.parts.diagnosis.panel import ICONS
from pages.parts.run.past_epochs import past_epochs
from tests.pages.lab_page import page_text

ME = "A" * 22
LAB, RUNS = "pages/lab/classifier.py", "pages/results/runs.py"
FALLING = (2.0, 1.2, 0.8, 0.6, 0.5, 0.45, 0.43, 0.42, 0.415, 0.412, 0.41, 0.409)
OVERFITTING = (1.2, 0.8, 0.6, 0.5, 0.45, 0.46, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)


def recorded(
    validation: Sequence[float] = FALLING,
    training: Sequence[float] = FALLING,
    dead: float | None = 0.2,
    test_loss: float = 0.4,
    ended: bool = True,
    **settings: object,
) -> str:
    """A classifier's run as the engine leaves it, with made-up losses."""
    sizes = {"train_size": 1000, "validation_size": 500, "epochs": len(FALLING), "dropout": 0.1}
    spec = read_spec({"architecture": "ff_classifier", **sizes, **settings})
    run_id = store().create_run(spec, ME, status="running")
    steps = spec.steps_per_epoch
    events = [
        Batches(1, np.full(len(training) * steps, 2.3, np.float32)),
        *(
            Epoch(k, k * steps, loss, loss, unseen, 0.8, 0.8, np.eye(10, dtype=np.int64), 0.001, 1.0, dead)
            for k, (loss, unseen) in enumerate(zip(training, validation, strict=True), 1)
        ),
    ]
    end = len(training) * steps
    if ended:
        matrix = np.eye(10, dtype=np.int64)
        events.append(Finished(end, len(training), "epochs", test_loss, 0.8, matrix, None))
    store().write_slice(run_id, store().claim(run_id), events, step=end, epoch=len(training), seconds=1.0)
    if not ended:
        store().set_status(run_id, "paused")
    return run_id


def tries(app: AppTest) -> list[str]:
    return [button.label for button in app.button if str(button.key).startswith("diagnosis_try")]


def test_a_healthy_run_gets_one_sentence(visit: Callable[..., AppTest]):
    app = visit(LAB, run=recorded())
    assert "The curves show nothing to worry about." in page_text(app)
    assert tries(app) == []


def test_where_nothing_else_is_found_dead_units_are_not_denied(visit: Callable[..., AppTest]):
    for page in ({"path": LAB, "run": recorded(dead=0.42)}, {"path": RUNS, "runs": recorded(dead=0.42)}):
        text = page_text(visit(page.pop("path"), **page))
        assert "**Some units are dead.**" in text
        assert "The curves show nothing to worry about." not in text


def test_of_a_run_that_has_not_ended_all_is_well_so_far_and_of_one_just_begun_nothing_is_said(
    visit: Callable[..., AppTest],
):
    going_on, begun = recorded(ended=False), recorded(FALLING[:4], FALLING[:4], ended=False)
    for page in ({"path": LAB, "run": going_on}, {"path": RUNS, "runs": f"{going_on},{recorded()}"}):
        assert "The curves show nothing to worry about so far." in page_text(visit(page.pop("path"), **page))
    for page in ({"path": LAB, "run": begun}, {"path": RUNS, "runs": f"{begun},{going_on}"}):
        assert "nothing to worry about" not in page_text(visit(page.pop("path"), **page))


def test_what_an_experiment_does_not_repeat_is_said(visit: Callable[..., AppTest]):
    changes = [{"step": 5, "learning_rate": 0.02}]
    branch = {"run": recorded(), "step": 20}
    branched = recorded(OVERFITTING, dead=0.9, learning_rate_changes=changes, branch=branch)
    app = visit(LAB, run=branched)
    text = page_text(app)
    assert tries(app) == ["Try dropout 0.4", "Try learning rate 0.002"]
    assert text.count("This run branched off another one; the experiment begins from scratch.") == 1
    assert "The experiment keeps learning rate 0.001 throughout; in this run it was changed." in text
    app = visit(LAB, run=recorded(dead=0.9, learning_rate_changes=changes))
    assert tries(app) == ["Try learning rate 0.002"]
    assert "The experiment keeps" not in page_text(app)
    assert "The experiment" not in page_text(visit(LAB, run=recorded(OVERFITTING)))


@pytest.mark.parametrize("ended", [True, False])
def test_a_finding_has_evidence_and_fills_the_form_with_one_setting_changed(
    visit: Callable[..., AppTest], ended: bool
):
    run_id = recorded(OVERFITTING, ended=ended)
    app = visit(LAB, run=run_id)
    text = page_text(app)
    assert "The network overfits since about epoch 5" in text
    assert "in the last epoch it is 0.7500, while the training loss has fallen to 0.4090" in text
    assert tries(app) == ["Try dropout 0.4"]
    app.button(key="diagnosis_try_0").click().run()
    assert "run in view: dropout 0.4 instead of 0.1." in page_text(app)
    assert app.query_params["run"] == run_id
    app.button(key="bar_train").click().run()
    begun = store().run(app.query_params["run"])
    assert begun.spec == store().run(run_id).spec.changed(dropout=0.4)


def test_a_run_from_before_dead_units_were_recorded_is_told_the_rest(visit: Callable[..., AppTest]):
    app = visit(LAB, run=recorded(OVERFITTING, dead=None))
    assert "overfits since" in page_text(app)


def test_three_findings_at_most_the_worst_first(visit: Callable[..., AppTest]):
    training = np.linspace(2.0, 0.8, len(FALLING)).tolist()
    apart = [3.2 * loss for loss in training]
    run_id = recorded(apart, training, dead=0.9, dropout=0.7, batch_size=200)
    run, (steps, losses) = store().run(run_id), store().batch_curve(run_id)
    findings = fired(Curves(run.spec, past_epochs(run), steps, losses, run.end_reason))
    assert [*findings] == [
        "batch_too_large",
        "dropout_too_strong",
        "overfitting",
        "dead_units",
        "still_improving",
    ]
    icons = tuple(ICONS.values())
    shown = [text.value for text in visit(LAB, run=run_id).markdown if text.value.startswith(icons)]
    worst = [
        "Dropout is too strong.",
        "The network overfits",
        "The batch is too large for this learning rate.",
    ]
    assert all(what in text for what, text in zip(worst, shown, strict=True))


def test_a_run_without_an_epoch_is_told_nothing(visit: Callable[..., AppTest]):
    spec = read_spec({"architecture": "ff_classifier", "train_size": 1000, "validation_size": 500})
    app = visit(LAB, run=store().create_run(spec, ME, status="paused"))
    assert "nothing to worry about" not in page_text(app)


def test_the_page_of_runs_names_the_run_and_opens_the_lab_with_it(visit: Callable[..., AppTest]):
    good, bad = recorded(), recorded(OVERFITTING, hidden_sizes=[32])
    app = visit(RUNS, runs=f"{good},{bad}")
    assert "32 — **The network overfits since about epoch 5" in page_text(app)
    app.button(key="diagnosis_try_0").click().run()
    assert app.title[0].value == "Classifier"
    assert app.query_params["run"] == bad
    assert "run in view: dropout 0.4 instead of 0.1." in page_text(app)
    assert not app.warning


def test_two_settings_that_other_seeds_would_turn_round(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("pages.parts.compare.diagnosis.learner_id", lambda: ME)
    one = [recorded(test_loss=loss, seed=seed) for seed, loss in enumerate((0.40, 0.44, 0.48))]
    other = recorded(test_loss=0.42, hidden_sizes=[32])
    app = visit(RUNS, runs=f"{one[0]},{other}")
    assert "The difference may be luck" not in page_text(visit(RUNS, runs=",".join(one[:2])))
    assert "The difference may be luck" in page_text(app)
    assert tries(app) == ["Try seed 3"]
    far = recorded(test_loss=0.9, hidden_sizes=[16])
    assert "may be luck" not in page_text(visit(RUNS, runs=f"{one[0]},{far}"))


def test_it_is_said_in_spanish(visit: Callable[..., AppTest]):
    app = visit(LAB, lang="es", run=recorded(OVERFITTING))
    text = page_text(app)
    assert "se sobreajusta desde" in text
    assert "overfits" not in text
