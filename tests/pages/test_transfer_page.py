"""The page of races: four cases trained for real, what the address says, encoders that are gone."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.events import Finished
from fmnist_core.spec import SpecError, read_spec
from pages.parts.base.services import engine, store
from pages.parts.forms.encoders import Encoder, encoders
from pages.parts.sweep.progress import progress_of
from pages.parts.transfer import form
from pages.parts.transfer.form import BUDGETS, CASES
from tests.pages.lab_page import enabled_buttons, page_text, watch_sweep

PAGE = "pages/lab/transfer.py"
UNPOOLED = read_spec({"architecture": "conv_autoencoder", "hidden_sizes": [8], "pooling": False})
SMALL = read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [12], "scaling": "symmetric"})


@pytest.mark.usefixtures("training")
def test_a_race_trains_four_cases_alike_and_compares_them(visit: Callable[..., AppTest]):
    app = visit(PAGE, tr_train_size="100", tr_epochs="2")
    assert "Your race appears here" in page_text(app)
    app.button(key="bar_train").click().run()
    progress = watch_sweep(app, "race")
    assert [form.case_of(member.spec) for member in progress.sweep.members] == list(CASES)
    runs = [progress.runs[k] for k in range(4)]
    assert {run.status for run in runs} == {"finished"}
    assert (
        len({(run.spec.seed, run.spec.epochs, run.spec.batch_size, run.spec.train_size) for run in runs}) == 1
    )
    for run in runs:
        assert f"{100 * run.test_accuracy:.1f} %" in page_text(app)
    assert "This is one seed" in page_text(app)
    charts = [chart.proto for chart in app.get("vega_lite_chart")]
    assert len(charts) == 7  # the race, accuracy over labels, four matrices, the difference of two
    assert "minus" in charts[-1].alt
    assert enabled_buttons(app) == {"bar_train", "bar_all"}
    assert [run.name for run in runs] == [f"{name}, 100 labels" for name in map(str, CASES.values())]


def test_all_label_counts_are_one_sweep_that_waits_its_turn(visit: Callable[..., AppTest]):
    app = visit(PAGE, tr_epochs="7")
    app.button(key="bar_all").click().run()
    (sweep,) = engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "race")
    specs = [member.spec for member in sweep.members]
    available = len(fashion_mnist.load().train_labels) - form.VALIDATION
    counts = [count for count in BUDGETS if count <= available]
    assert [spec.train_size for spec in specs] == [count for count in counts for _case in CASES]
    assert {spec.epochs for spec in specs if spec.train_size == 1000} == {7}
    assert {spec.epochs for spec in specs if spec.train_size == 100} == {BUDGETS[100][0]}
    assert app.query_params["race"] == sweep.id
    assert {"bar_pause", "bar_stop"} <= enabled_buttons(app)
    app.button(key="bar_pause").click().run()
    assert engine().sweep_queue.sweeps.sweep(sweep.id).status == "paused"
    assert "Paused" in [badge.value for badge in app.get("badge")] or "bar_resume" in enabled_buttons(app)
    app.button(key="bar_stop").click().run()
    assert engine().sweep_queue.sweeps.sweep(sweep.id).status == "stopped"
    assert f"{len(specs)} were never begun" in page_text(app)


def test_the_slider_brings_its_number_of_epochs_along_and_the_address_tells(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.select_slider(key="tr_train_size").set_value(100).run()
    assert app.text_input(key="tr_epochs").value == str(BUDGETS[100][0])
    assert app.query_params["tr_train_size"] == "100"
    again = visit(PAGE, **{name: app.query_params[name] for name in ("tr_train_size", "tr_epochs")})
    assert again.select_slider(key="tr_train_size").value == 100
    assert again.text_input(key="tr_epochs").value == str(BUDGETS[100][0])


def test_encoders_with_and_without_pooling(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    learner = app.session_state["learner"]
    app.segmented_control(key="tr_pooling").set_value(False).run()
    if not form.fitting(encoders(learner), pooling=False):
        assert "No autoencoder without pooling has been trained yet" in page_text(app)
        assert "bar_train" not in enabled_buttons(app)
    mine = store().create_run(UNPOOLED, learner, "Mine without", status="finished")
    plain = store().create_run(SMALL, learner, "Mine plain", status="finished")
    app.run()
    box = app.selectbox(key="tr_encoder")
    assert {"Mine without", "Mine plain"} <= set(box.options)
    box.set_value(f"run:{mine}").run()
    app.button(key="bar_train").click().run()
    spec = progress_of(app.query_params["race"]).sweep.members[0].spec
    assert (spec.pooling, spec.hidden_sizes, spec.encoder.id) == (False, (8,), mine)
    app.selectbox(key="tr_encoder").set_value(f"run:{plain}").run()
    app.button(key="bar_train").click().run()
    specs = [member.spec for member in progress_of(app.query_params["race"]).sweep.members]
    assert {spec.scaling for spec in specs} == {"symmetric"}
    assert {spec.encoder.architecture for spec in specs} == {"ff_autoencoder"}


def test_a_fresh_form_is_on_a_shipped_encoder_best_that_of_the_report():
    plain, conv = Encoder("plain", SMALL), Encoder("conv", UNPOOLED.changed(pooling=True))
    shipped = {"run:a": conv, "model:a": plain, "model:b": conv}
    assert form.defaults(shipped)["encoder"] == "model:b"
    assert form.defaults({**shipped, "model:r4-p0.1": conv})["encoder"] == "model:r4-p0.1"
    assert form.defaults({"run:a": conv})["encoder"] == ""
    assert form.fitting({**shipped, "run:b": Encoder("mine", UNPOOLED)}, pooling=False).keys() == {
        "model:a",
        "run:b",
    }


def test_an_encoder_that_is_gone_is_a_sentence(visit: Callable[..., AppTest]):
    app = visit(PAGE, tr_encoder="run:gone")
    sentence = "“encoder” in the address was ignored. There is no trained encoder “run:gone” here."
    assert sentence in page_text(app)
    assert "bar_train" in enabled_buttons(app)
    learner = app.session_state["learner"]
    mine = store().create_run(SMALL, learner, "Mine", status="finished")
    app.run()
    app.selectbox(key="tr_encoder").set_value(f"run:{mine}").run()
    store().delete(mine)
    app.run()
    assert "The trained encoder that you had chosen is no longer there." in page_text(app)
    assert "bar_train" in enabled_buttons(app)


@pytest.mark.usefixtures("training")
def test_a_race_on_an_encoder_without_weights_says_which_runs_failed(
    visit: Callable[..., AppTest],
):
    app = visit(PAGE, tr_train_size="100", tr_epochs="2")
    mine = store().create_run(SMALL, app.session_state["learner"], "Mine", status="finished")  # no weights
    app.run()
    app.selectbox(key="tr_encoder").set_value(f"run:{mine}").run()
    app.button(key="bar_train").click().run()
    progress = watch_sweep(app, "race")
    assert [progress.runs[k].status for k in range(4)] == ["failed", "failed", "finished", "finished"]
    assert "Pre-trained, 100 labels; Pre-trained, frozen, 100 labels" in page_text(app)
    assert "is no longer there. Choose another one." in page_text(app)
    for run in progress.runs.values():
        engine().delete(run.id, run.learner)
    app.run()
    assert "4 runs were deleted, so their figures are missing here." in page_text(app)


def test_what_an_address_cannot_say(visit: Callable[..., AppTest]):
    app = visit(PAGE, tr_train_size="7", tr_nonsense="1", tr_seed="-3", race="nowhere")
    for part in ("“train_size” in the address", "“nonsense” in the address", "“seed” in the address"):
        assert part in page_text(app)
    assert "There is nothing here named “nowhere”." in page_text(app)
    app = visit(PAGE, tr_learning_rate="fast", tr_architecture="nonsense")
    for part in (
        "Learning rate must be a number such as 0.001; you gave “fast”.",
        "encoder_classifier; you gave “nonsense”.",
    ):
        assert part in page_text(app)
    assert "bar_train" in enabled_buttons(app)
    with pytest.raises(SpecError, match="without one there is no race"):
        form.specs({"encoder": ""}, {}, [100])


def test_a_tie_and_a_race_that_did_not_come_to_its_end(visit: Callable[..., AppTest]):
    app = visit(PAGE, tr_train_size="100", tr_epochs="2")
    app.button(key="bar_train").click().run()
    race = app.query_params["race"]
    ids = [engine().sweep_queue.sweeps.begin_next(race) for _case in CASES]
    for run_id in ids[:3]:
        end = Finished(2, 2, "epochs", 0.5, 0.5, None, None)
        store().write_slice(run_id, store().claim(run_id), [end], step=2, epoch=2, seconds=1.0)
    app.run()
    assert "When all four have ended" in page_text(app)
    last = Finished(2, 2, "epochs", 0.5, 0.5, None, None)
    store().write_slice(ids[3], store().claim(ids[3]), [last], step=2, epoch=2, seconds=1.0)
    app.run()
    assert "both starts do equally well here" in page_text(app)
    engine().delete(ids[0], store().run(ids[0]).learner)
    app.run()
    assert "Not all four came to their end" in page_text(app)


def test_another_learner_can_watch_a_race_but_not_steer_it(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.button(key="bar_train").click().run()
    other = visit(PAGE, race=app.query_params["race"])
    assert "you can watch it, not steer it" in page_text(other)
    assert not {"bar_pause", "bar_stop"} & enabled_buttons(other)


def test_spanish(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="es")
    assert app.title[0].value == "Transferencia"
    assert "Acá va a aparecer tu carrera" in page_text(app)
