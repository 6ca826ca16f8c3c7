"""The autoencoder's page: a run trained for real, what the address says, whom it lets steer."""

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Run
from pages.parts.base.services import engine, store

PAGE = "pages/lab/autoencoder.py"
START = Engine.start  # which other tests of pages must do without
TINY = {"ae_hidden_sizes": "8", "ae_train_size": "500", "ae_validation_size": "200"}
SPEC = read_spec(
    {
        "architecture": "conv_autoencoder",
        "hidden_sizes": [16],
        "dropout": 0.25,
        "train_size": 500,
        "validation_size": 200,
    }
)


@pytest.fixture
def _training(monkeypatch: pytest.MonkeyPatch):
    """A lab that trains, on the sample."""
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    START(engine())
    yield
    engine().close()


def watch(app: AppTest, *statuses: str, seconds: float = 240) -> Run:
    """Look at the page as a browser would, until its run has one of these statuses and the page says so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        app.run()
        assert not app.exception
        run = store().run(app.query_params["run"])
        if run.status in statuses:
            app.run()
            return run
        time.sleep(0.1)
    pytest.fail(f"the run is {run.status} after {seconds} s")


def enabled(app: AppTest) -> set[str]:
    return {one.key for one in app.button if one.key and one.key.startswith("bar_") and not one.disabled}


def value(app: AppTest, label: str) -> str:
    return next(one.value for one in app.metric if one.label == label)


def told(app: AppTest) -> str:
    kinds = (app.warning, app.error, app.info, app.markdown, app.caption, app.header)
    return "\n".join(one.value for kind in kinds for one in kind)


@pytest.mark.usefixtures("_training")
def test_a_run_from_its_first_click_to_a_branch(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, ae_epochs="2")
    assert enabled(app) >= {"bar_train", "bar_batch", "bar_epoch"}
    app.button(key="bar_train").click().run()
    run = watch(app, "finished")
    assert run.spec.hidden_sizes == (8,)
    assert (run.epoch, run.step) == (2, 10)
    assert value(app, "Epoch") == "2 / 2"
    assert value(app, "Test loss") == f"{run.test_loss:.4f}"
    assert value(app, "Validation loss") == f"{store().epochs(run.id)[-1].validation_loss:.4f}"
    (garments,) = (one.value for one in app.get("html") if "Original, reconstruction, error" in one.value)
    assert garments.count("<img") == 10
    assert enabled(app) == {"bar_train", "bar_extend"}

    app.button(key="bar_extend").click().run()
    assert watch(app, "finished").epoch == 12
    app.session_state["bar_branch"] = True
    app.run()
    step = app.selectbox(key=f"branch_step_{run.id}").value
    app.selectbox(key=f"branch_learning_rate_{run.id}").set_value("0.01")
    app.button(key="bar_do_branch").click().run()
    assert app.query_params["run"] != run.id
    branch = watch(app, "finished")
    assert (branch.parent, branch.parent_step) == (run.id, step)
    assert branch.spec.learning_rate == 0.01
    assert value(app, "Epoch") == "12 / 12"


@pytest.mark.usefixtures("_training")
def test_one_batch_one_epoch_another_learning_rate_stop(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, ae_epochs="400")
    app.button(key="bar_batch").click().run()
    run = watch(app, "paused")
    assert run.step == 1
    assert "Paused after batch 1 of 2,000" in told(app)
    assert enabled(app) >= {"bar_resume", "bar_batch", "bar_epoch", "bar_stop"}
    app.button(key="bar_epoch").click().run()
    assert watch(app, "paused").step == 5
    app.selectbox(key=f"rate_{run.id}").set_value("0.01")
    app.button(key="bar_change_rate").click().run()
    app.button(key="bar_batch").click().run()
    run = watch(app, "paused")
    assert [(c.step, c.learning_rate) for c in run.spec.learning_rate_changes] == [(5, 0.01)]
    app.button(key="bar_stop").click().run()
    run = watch(app, "stopped")
    assert value(app, "Test loss") == f"{run.test_loss:.4f}"
    assert "Stopped after batch 6, in epoch 2." in told(app)


def test_the_form_says_what_is_wrong_and_waits(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.number_input(key="ae_train_size").set_value(500).run()
    app.selectbox(key="ae_batch_size").set_value("1000").run()
    assert "A batch of 1000 does not fit into 500 training images." in told(app)
    assert not enabled(app)
    app.selectbox(key="ae_batch_size").set_value("256").run()
    assert enabled(app) == {"bar_train", "bar_batch", "bar_epoch"}
    assert app.query_params["ae_batch_size"] == "256"
    app.selectbox(key="ae_hidden_sizes_ff_autoencoder").set_value("32").run()
    assert "**50,992** parameters" in told(app)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("dropout", "7", "Dropout must lie between 0.0 and 0.9; “7” does not."),
        ("epochs", "ten", "Epochs must lie between 1 and 500; “ten” does not."),
        ("patience", "-1", "Patience must lie between 1 and 100; “-1” does not."),
        ("pooling", "perhaps", "Pooling is on or off; you gave “perhaps”."),
        ("architecture", "transformer", "Network cannot be “transformer”."),
        ("learning_rate", "nan", "Learning rate must be a number; you gave “nan”."),
        ("hidden_sizes", "9999999", "Hidden size can be at most 4096; you gave 9999999."),
        ("optimizer", "lion", "Optimizer can be adam, sgd; you gave “lion”."),
        ("colour", "red", "There is no setting named “colour”. Remove it, or check its spelling."),
        ("encoder", "random", "There is no setting named “encoder”. Remove it, or check its spelling."),
    ],
)
def test_what_is_wrong_in_the_address_is_named_and_the_rest_kept(
    visit: Callable[..., AppTest], name: str, text: str, sentence: str
):
    app = visit(PAGE, **{f"ae_{name}": text, "ae_seed": "7"})
    assert f"“{name}” in the address was ignored. {sentence}" in told(app)
    assert app.number_input(key="ae_seed").value == 7
    assert f"ae_{name}" not in app.query_params
    assert app.query_params["ae_seed"] == "7"
    assert "bar_train" in enabled(app)


def test_with_the_sample_sizes_are_what_there_is(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    app = visit(PAGE)
    assert app.number_input(key="ae_train_size").value == 6000
    assert app.number_input(key="ae_validation_size").value == 1000
    assert "bar_train" in enabled(app)
    app.number_input(key="ae_train_size").set_value(6500).run()
    assert "7,500 training and validation images are asked for" in told(app)
    assert not enabled(app)


def test_the_run_of_another_learner_can_be_watched_and_trained_again(visit: Callable[..., AppTest]):
    theirs = store().create_run(SPEC, "B" * 22, "Theirs", status="finished")
    app = visit(PAGE, run=theirs)
    assert "Theirs" in told(app)
    assert "Another learner’s run" in told(app)
    assert enabled(app) == {"bar_train"}
    app.button(key="train_myself").click().run()
    mine = store().run(app.query_params["run"])
    assert mine.learner == app.session_state["learner"]
    assert mine.spec == SPEC
    assert app.selectbox(key="ae_hidden_sizes_conv_autoencoder_1").value == "16"
    assert "bar_train" not in enabled(app)  # it would start the same run again


def test_the_settings_of_a_run_fill_the_form_and_the_address(visit: Callable[..., AppTest]):
    spec = SPEC.changed(optimizer="sgd", momentum=0.9, patience=4, pooling=False, scaling="symmetric")
    app = visit(PAGE, run=store().create_run(spec, "B" * 22, status="finished"))
    app.button(key="use_settings").click().run()
    assert app.slider(key="ae_dropout_1").value == 0.25
    assert app.query_params["ae_momentum"] == "0.9"
    app.button(key="bar_train").click().run()
    assert store().run(app.query_params["run"]).spec == spec


def test_a_run_that_does_not_exist_and_one_of_the_other_page(visit: Callable[..., AppTest]):
    app = visit(PAGE, run="nonsense")
    assert "There is no run “nonsense” here" in told(app)
    assert "bar_train" in enabled(app)
    assert "run" not in app.query_params
    spec: RunSpec = read_spec({"architecture": "ff_classifier"})
    app = visit(PAGE, run=store().create_run(spec, "B" * 22, "Elsewhere", status="finished"))
    assert any("“Elsewhere” is on the other page" in link.value for link in app.get("page_link"))


def test_settings_survive_a_visit_to_another_page(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.slider(key="ae_dropout").set_value(0.4).run()
    app.segmented_control(key="ae_architecture").set_value("conv_autoencoder").run()
    app.query_params.clear()
    app.switch_page("pages/results/runs.py").run()
    app.switch_page(PAGE).run()
    assert app.slider(key="ae_dropout").value == 0.4
    assert app.query_params["ae_architecture"] == "conv_autoencoder"


def test_spanish(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="es", ae_dropout="7", run=store().create_run(SPEC, "B" * 22, status="failed"))
    assert app.button(key="bar_train").label == "Entrenar"
    assert "Se ha ignorado «dropout» de la dirección." in told(app)
    assert "Es de otra persona" in told(app)
