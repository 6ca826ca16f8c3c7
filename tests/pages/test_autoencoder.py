"""The autoencoder's page: a run trained for real, what the address says, whom it lets steer."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.spec import RunSpec, read_spec
from pages.parts.base.services import engine, store
from tests.pages.lab_page import enabled_buttons, metric_value, page_text, watch_run
from tests.waiting import wait_for

PAGE = "pages/lab/autoencoder.py"
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


@pytest.mark.usefixtures("training")
def test_a_run_from_its_first_click_to_a_branch(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, ae_epochs="2")
    assert enabled_buttons(app) >= {"bar_train", "bar_batch", "bar_epoch"}
    app.button(key="bar_train").click().run()
    run = watch_run(app, "finished")
    assert run.spec.hidden_sizes == (8,)
    assert (run.epoch, run.step) == (2, 10)
    assert metric_value(app, "Epoch") == "2 / 2"
    assert metric_value(app, "Test loss") == f"{run.test_loss:.4f}"
    assert metric_value(app, "Validation loss") == f"{store().epochs(run.id)[-1].validation_loss:.4f}"
    (garments,) = (
        element.value for element in app.get("html") if "Original, reconstruction, error" in element.value
    )
    assert garments.count("<img") == 10
    assert enabled_buttons(app) == {"bar_train", "bar_extend"}

    app.button(key="bar_extend").click().run()
    assert watch_run(app, "finished").epoch == 12
    app.session_state["bar_branch"] = True
    app.run()
    assert app.text_input(key=f"branch_step_{run.id}").value == "60", "the frame in view is the last"
    for typed in ("61", "-1", "1,5", "many", ""):
        app.text_input(key=f"branch_step_{run.id}").set_value(typed).run()
        assert app.button(key="bar_do_branch").disabled
        assert app.warning
    step = 37
    app.text_input(key=f"branch_step_{run.id}").set_value("37").run()
    assert f"trained forward from batch {engine().replay_from(run.id, step)}" in page_text(app)
    app.selectbox(key=f"branch_learning_rate_{run.id}").set_value("0.01")
    app.button(key="bar_do_branch").click().run()
    assert app.query_params["run"] != run.id
    branch = watch_run(app, "finished")
    assert (branch.parent, branch.parent_step) == (run.id, step)
    assert branch.spec.learning_rate == 0.01
    assert metric_value(app, "Epoch") == "12 / 12"
    assert app.button(key="to_parent").label == f"Branched from “{run.name}” after batch 37"
    (losses,) = (chart for chart in app.get("vega_lite_chart") if "losses_" in chart.proto.id)
    rows = pa.ipc.open_stream(losses.proto.data.data).read_all().to_pylist()
    assert [row["x"] for row in rows if row["note"] == f"↳ {run.name}"] == [37 / 5]
    drawn = {row["x"] for row in rows if row["series"] == "validation"}
    assert drawn == {*range(1, 8), *(37 / 5 + n for n in range(1, 13))}


@pytest.mark.usefixtures("training")
def test_a_branch_from_just_before_a_change_made_by_hand_takes_the_rate_of_then(
    visit: Callable[..., AppTest],
):
    spec = read_spec(
        {"architecture": "ff_autoencoder", "train_size": 300, "validation_size": 100, "epochs": 2}
    )
    changed = spec.changed(learning_rate_changes=[{"step": 4, "learning_rate": 0.01}])
    run_id = engine().submit(changed, "another learner")
    wait_for(lambda: store().run(run_id).status == "finished")
    app = visit(PAGE, run=run_id)
    app.session_state["bar_branch"] = True
    app.run()
    rate = app.selectbox(key=f"branch_learning_rate_{run_id}")
    assert rate.value == "0.01"
    app.button(key="branch_at_change_4").click().run()
    assert app.text_input(key=f"branch_step_{run_id}").value == "4"
    assert app.selectbox(key=f"branch_learning_rate_{run_id}").value == "0.001"
    app.text_input(key=f"branch_step_{run_id}").set_value("5").run()
    assert app.selectbox(key=f"branch_learning_rate_{run_id}").value == "0.01"
    app.selectbox(key=f"branch_learning_rate_{run_id}").set_value("0.3").run()
    app.text_input(key=f"branch_step_{run_id}").set_value("2").run()
    assert app.selectbox(key=f"branch_learning_rate_{run_id}").value == "0.3", "the learner's own stays"


@pytest.mark.usefixtures("training")
def test_one_batch_one_epoch_another_learning_rate_stop(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, ae_epochs="400")
    app.button(key="bar_batch").click().run()
    run = watch_run(app, "paused")
    assert run.step == 1
    assert "Paused after batch 1 of 2,000" in page_text(app)
    assert enabled_buttons(app) >= {"bar_resume", "bar_batch", "bar_epoch", "bar_stop"}
    app.button(key="bar_epoch").click().run()
    assert watch_run(app, "paused").step == 5
    app.button(key="bar_change_rate").click().run()
    assert "No learning rate is chosen. Choose one" in page_text(app)
    app.selectbox(key=f"rate_{run.id}").set_value("0.01")
    app.button(key="bar_change_rate").click().run()
    app.button(key="bar_batch").click().run()
    run = watch_run(app, "paused")
    assert [(c.step, c.learning_rate) for c in run.spec.learning_rate_changes] == [(5, 0.01)]
    app.button(key="bar_stop").click().run()
    run = watch_run(app, "stopped")
    assert metric_value(app, "Test loss") == f"{run.test_loss:.4f}"
    assert "Stopped after batch 6, in epoch 2." in page_text(app)


def test_the_form_says_what_is_wrong_and_waits(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.text_input(key="ae_train_size").set_value("500").run()
    app.selectbox(key="ae_batch_size").set_value("1000").run()
    assert "A batch of 1000 does not fit into 500 training images." in page_text(app)
    assert not enabled_buttons(app)
    app.selectbox(key="ae_batch_size").set_value("256").run()
    assert enabled_buttons(app) == {"bar_train", "bar_batch", "bar_epoch"}
    assert app.query_params["ae_batch_size"] == "256"
    app.selectbox(key="ae_hidden_sizes_ff_autoencoder").set_value("32").run()
    assert "**50,992** parameters" in page_text(app)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("dropout", "7", "Dropout must lie between 0 and 0.9; “7” does not."),
        ("epochs", "ten", "Epochs must be a whole number from 1 to 500; “ten” is not."),
        ("patience", "-1", "Patience must lie between 1 and 100; “-1” does not."),
        ("pooling", "perhaps", "Pooling is on or off; you gave “perhaps”."),
        (
            "architecture",
            "transformer",
            "Network can be ff_autoencoder, conv_autoencoder; you gave “transformer”.",
        ),
        ("learning_rate", "nan", "Learning rate must be a number such as 0.001; you gave “nan”."),
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
    assert f"“{name}” in the address was ignored. {sentence}" in page_text(app)
    assert app.text_input(key="ae_seed").value == "7"
    assert f"ae_{name}" not in app.query_params
    assert app.query_params["ae_seed"] == "7"
    assert "bar_train" in enabled_buttons(app)


def test_the_settings_of_a_run_and_of_an_address_keep_every_digit(visit: Callable[..., AppTest]):
    exact = {"ae_learning_rate": "0.00123456789", "ae_dropout": "0.123456789", "ae_momentum": "0.7654321"}
    app = visit(PAGE, ae_optimizer="sgd", **exact)
    assert {name: app.query_params[name] for name in exact} == exact
    spec = SPEC.changed(learning_rate=0.00123456789, dropout=0.123456789, optimizer="sgd", momentum=0.7654321)
    app = visit(PAGE, run=store().create_run(spec, "B" * 22, "Theirs", status="finished"))
    assert {name: app.query_params[name] for name in exact} == exact
    assert "SGD 0.00123456789, momentum 0.7654321" in page_text(app)


def test_with_the_sample_sizes_are_what_there_is(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    app = visit(PAGE)
    assert app.text_input(key="ae_train_size").value == "6000"
    assert app.text_input(key="ae_validation_size").value == "1000"
    assert "bar_train" in enabled_buttons(app)
    app.text_input(key="ae_train_size").set_value("6500").run()
    assert "7,500 training and validation images are asked for" in page_text(app)
    assert not enabled_buttons(app)


def test_the_run_of_another_learner_can_be_watched_and_trained_again(visit: Callable[..., AppTest]):
    theirs = store().create_run(SPEC, "B" * 22, "Theirs", status="finished")
    app = visit(PAGE, run=theirs)
    assert "Theirs" in page_text(app)
    assert "Another learner’s run" in page_text(app)
    assert enabled_buttons(app) == {"bar_train"}
    app.button(key="train_myself").click().run()
    mine = store().run(app.query_params["run"])
    assert mine.learner == app.session_state["learner"]
    assert mine.spec == SPEC
    assert app.selectbox(key="ae_hidden_sizes_conv_autoencoder_1").value == "16"
    assert "bar_train" not in enabled_buttons(app)  # it would start the same run again


def test_the_settings_of_a_run_fill_the_form_and_the_address(visit: Callable[..., AppTest]):
    spec = SPEC.changed(optimizer="sgd", momentum=0.9, patience=4, pooling=False, scaling="symmetric")
    app = visit(PAGE, run=store().create_run(spec, "B" * 22, status="finished"))
    assert app.select_slider(key="ae_dropout").value == 0.25
    assert app.query_params["ae_momentum"] == "0.9"
    app.button(key="bar_train").click().run()
    assert store().run(app.query_params["run"]).spec == spec


def test_a_run_that_does_not_exist_and_one_of_the_other_page(visit: Callable[..., AppTest]):
    app = visit(PAGE, run="nonsense")
    assert "There is no run “nonsense” here" in page_text(app)
    assert "bar_train" in enabled_buttons(app)
    assert "run" not in app.query_params
    spec: RunSpec = read_spec({"architecture": "ff_classifier"})
    app = visit(PAGE, run=store().create_run(spec, "B" * 22, "Elsewhere", status="finished"))
    assert any("“Elsewhere” is on the other page" in link.value for link in app.get("page_link"))


def test_settings_survive_a_visit_to_another_page(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.select_slider(key="ae_dropout").set_value(0.4).run()
    app.segmented_control(key="ae_architecture").set_value("conv_autoencoder").run()
    app.query_params.clear()
    app.switch_page("pages/results/runs.py").run()
    app.switch_page(PAGE).run()
    assert app.select_slider(key="ae_dropout").value == 0.4
    assert app.query_params["ae_architecture"] == "conv_autoencoder"


def test_spanish(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="es", ae_dropout="7", run=store().create_run(SPEC, "B" * 22, status="failed"))
    assert app.button(key="bar_train").label == "Entrenar"
    assert "Se ignoró «dropout» de la dirección." in page_text(app)
    assert "Es de otra persona" in page_text(app)
