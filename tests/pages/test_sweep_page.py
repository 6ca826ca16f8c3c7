"""The page of sweeps: a small one trained for real, its verdict, what may be asked for, presets."""

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.engine.engine import EngineError
from fmnist_core.engine.sweep_queue import MOST_RUNS
from fmnist_core.events import Epoch, Finished
from fmnist_core.own_claims.own_claim import OwnClaims
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.spec import LABELS, read_spec
from fmnist_core.store.runs import Store
from pages.parts.base.i18n import phrase
from pages.parts.base.services import engine, store
from pages.parts.sweep import form
from pages.parts.sweep.presets import LESSON, presets
from pages.parts.sweep.progress import progress_of, watched_progress
from pages.parts.sweep.values import values_of
from pages.parts.sweep.verdict import Seeds, in_words, resolution, validation_figure, verdict
from pages.parts.sweep.view import band
from tests.pages.lab_page import enabled_buttons, page_text, watch_sweep

PAGE = "pages/lab/sweep.py"
TINY = {"sa_train_size": "300", "sa_validation_size": "100", "sa_epochs": "2"}


def table(app: AppTest) -> str:
    drawn = (json.loads(element.proto.json).get("html", "") for element in app.get("bidi_component"))
    (table_html,) = (html for html in drawn if "<table" in html)
    return table_html


def end_all(sweep_id: str, *losses: float, tests: Sequence[float] = ()) -> list[str]:
    """Every run of the sweep is begun and comes to its end, with these validation and test losses."""
    ids = []
    while run_id := engine().sweep_queue.sweeps.begin_next(sweep_id):
        loss = losses[len(ids)] if losses else 0.05
        epochs = [Epoch(k, 3 * k, 0.2, 0.2, loss, None, None, None, 0.001, 1.0) for k in (1, 2)]
        test = tests[len(ids)] if tests else loss
        end = Finished(6, 2, "epochs", test, None, None, None)
        store().write_slice(run_id, store().claim(run_id), [*epochs, end], step=6, epoch=2, seconds=1.0)
        ids.append(run_id)
    return ids


@pytest.mark.usefixtures("training")
def test_a_sweep_trains_to_its_end_and_says_what_is_no_luck(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,64", sa_seed="5")
    assert "Your sweep appears here" in page_text(app)
    assert app.selectbox(key="sa_hidden_sizes_ff_autoencoder").disabled
    app.button(key="bar_sweep").click().run()
    progress = watch_sweep(app, "sweep")
    runs = [progress.runs[place] for place in sorted(progress.runs)]
    assert [(run.spec.hidden_sizes[0], run.spec.seed) for run in runs] == [
        (n, seed) for seed in (5, 6, 7) for n in (2, 64)
    ]
    assert {run.status for run in runs} == {"finished"}
    assert runs[0].name == "Feed-forward autoencoder 2, seed 5"
    large = [run for run in runs if run.spec.hidden_sizes == (64,)]
    validation = np.mean([store().epochs(run.id)[-1].validation_loss for run in large])
    test = np.mean([run.test_loss for run in large])
    assert f"**64** does best, with a mean validation loss of {validation:.4f}." in page_text(app)
    assert f"which had no say in the choice, its mean loss is {test:.4f}" in page_text(app)
    assert "Its lead over **2** exceeds seed noise." in page_text(app)
    assert "the best" in table(app)
    assert "beyond seed noise" in table(app)
    for run in runs:
        assert f"autoencoder?run={run.id}" in table(app)
    assert len(app.get("vega_lite_chart")) == 2
    engine().delete(runs[0].id, runs[0].learner)
    app.run()
    assert "1 run was deleted" in page_text(app)
    assert "seed 5 (deleted)" in table(app)
    assert "too few seeds" in table(app)  # two pairs are left


@pytest.mark.usefixtures("training")
def test_a_run_that_diverges_is_named_and_left_out(visit: Callable[..., AppTest]):
    app = visit(
        PAGE,
        task="classifier",
        sc_train_size="300",
        sc_validation_size="100",
        sc_epochs="2",
        sc_vary="learning_rate",
        sc_values="0.01,10",
        sc_optimizer="sgd",
        sc_loss="mse",
        sc_hidden_sizes="512,512",
        sc_seeds="1",
    )
    app.button(key="bar_sweep").click().run()
    progress = watch_sweep(app, "sweep")
    failed = [member.name for member, _run in progress.members("failed")]
    assert failed == ["Learning rate 10, seed 0"]
    assert "**Learning rate 10, seed 0** failed and is left out." in page_text(app)
    assert "Not compared, since a run diverged: **10**." in page_text(app)
    assert "seed 0</a> (Failed)" in table(app)


def test_pause_resume_and_stop(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.button(key="bar_sweep").click().run()
    sweep_id = app.query_params["sweep"]
    assert {"bar_pause", "bar_stop"} <= enabled_buttons(app)
    app.button(key="bar_pause").click().run()
    assert engine().sweep_queue.sweeps.sweep(sweep_id).status == "paused"
    app.button(key="bar_resume").click().run()
    assert engine().sweep_queue.sweeps.sweep(sweep_id).status == "going"
    app.button(key="bar_stop").click().run()
    assert engine().sweep_queue.sweeps.sweep(sweep_id).status == "stopped"
    assert "9 were never begun" in page_text(app)
    assert "(waits)" in table(app)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"sa_values": "64"}, "Choose at least two values"),
        (
            {"sa_values": ",".join(map(str, range(2, 2002)))},
            f"6,000 runs; one sweep takes from 1 to {MOST_RUNS}",
        ),
        ({"sa_values": ",".join(map(str, range(2, 14)))}, "12 values are too many to tell apart"),
        ({"sa_values": "64,5000"}, "Hidden size can be at most 4096; you gave 5000."),
        ({"sa_values": "64,many"}, "Hidden size"),
        ({"sa_vary": "dropout", "sa_values": "0.1,0.95"}, "Dropout can be at most 0.9"),
        ({"sa_vary": "train_size", "sa_values": "300,60000"}, "exceed the 60000 there are"),
    ],
)
def test_what_cannot_be_swept_is_a_sentence(visit: Callable[..., AppTest], address, sentence: str):
    app = visit(PAGE, **address)
    assert sentence in page_text(app)
    assert "bar_sweep" not in enabled_buttons(app)


def test_an_address_brings_the_form_back_and_what_it_cannot_say_is_told(visit: Callable[..., AppTest]):
    app = visit(PAGE, sa_architecture="conv_autoencoder", sa_vary="pooling", sa_seeds="4", sa_dropout="0.25")
    assert app.selectbox(key="sa_vary").value == "pooling"
    assert app.text_input(key="sa_seeds").value == "4"
    assert app.query_params["sa_vary"] == "pooling"
    assert "sa_values" not in app.query_params
    assert "**8** runs" in page_text(app)
    app = visit(PAGE, sa_vary="colour", sa_seeds="99", sweep="nowhere", sa_nonsense="1")
    for part in ("“vary” in the address", "“seeds” in the address", "“nonsense” in the address"):
        assert part in page_text(app)
    assert "There is nothing here named “nowhere”." in page_text(app)


def test_a_setting_that_does_not_matter_for_the_network_is_not_offered(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    offered = app.selectbox(key="sa_vary").options
    assert str(LABELS["pooling"]) not in offered
    app.segmented_control(key="sa_architecture").set_value("conv_autoencoder").run()
    assert str(LABELS["pooling"]) in app.selectbox(key="sa_vary").options
    app.selectbox(key="sa_vary").set_value("pooling").run()
    app.segmented_control(key="sa_architecture").set_value("ff_autoencoder").run()
    assert app.selectbox(key="sa_vary").value == "hidden_sizes"


@pytest.mark.parametrize("full", [False, True])
def test_the_reports_sweeps_are_presets(full: bool):
    every_preset = presets()
    varied = {(preset.report, preset.vary) for preset in every_preset}
    assert varied >= {
        ("R1", "hidden_sizes"),
        *(("R2", name) for name in ("hidden_sizes", "dropout", "learning_rate", "pooling")),
        *(("R4", name) for name in ("hidden_sizes", "dropout", "learning_rate", "batch_size", "optimizer")),
    }
    assert len(varied | {("R1", "again")}) == len(every_preset)
    for preset in every_preset:
        specs = form.plan("sweep_autoencoder", preset.values(full), {})
        assert len(specs) == 3 * len(preset.specs)
        if full:
            of_report = {experiment.spec for experiment in EXPERIMENTS.values()}
            assert {spec.changed(seed=0) for spec in specs} <= of_report
        else:
            assert {spec.train_size for spec in specs} == {LESSON["train_size"]}
            assert max(spec.epochs for spec in specs) <= 20


def test_a_preset_fills_the_form(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier")
    app.session_state["sweep_presets"] = True
    app.run()
    k = next(k for k, preset in enumerate(presets()) if (preset.report, preset.vary) == ("R4", "batch_size"))
    app.button(key=f"sweep_preset_{k}").click().run()
    assert app.segmented_control(key="task").value == "autoencoder"
    assert app.query_params["sa_vary"] == "batch_size"
    app.button(key="bar_sweep").click().run()
    sweep = engine().sweep_queue.sweeps.sweep(app.query_params["sweep"])
    assert sorted({member.spec.batch_size for member in sweep.members}) == [50, 100, 150]
    assert {member.spec.architecture for member in sweep.members} == {"conv_autoencoder"}


def test_another_learner_can_watch_and_a_learner_finds_the_earlier_ones(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.button(key="bar_sweep").click().run()
    other = visit(PAGE, sweep=app.query_params["sweep"])
    assert "you can watch it, not steer it" in page_text(other)
    assert not {"bar_pause", "bar_stop"} & enabled_buttons(other)


def test_the_best_is_named_by_validation_whatever_the_test_images_say(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    end_all(app.query_params["sweep"], 0.05, 0.04, tests=(0.01, 0.03))
    app.run()
    assert "**4** does best, with a mean validation loss of 0.0400." in page_text(app)
    assert "On the test images, which had no say in the choice, its mean loss is 0.0300" in page_text(app)


def test_without_validation_images_no_value_is_named_best(visit: Callable[..., AppTest]):
    app = visit(PAGE, **{**TINY, "sa_validation_size": "0"}, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    end_all(app.query_params["sweep"], tests=(0.01, 0.03))
    app.run()
    assert "does best" not in page_text(app)
    assert "Without validation images no value is named best" in page_text(app)
    assert "the best" not in table(app).replace("Against the best", "")
    assert "0.0300" in table(app)


def test_the_validation_figure_is_that_of_the_weights_that_were_tested():
    assert validation_figure([0.5, 0.3, 0.4], None) == 0.4
    assert validation_figure([0.5, 0.3, 0.4], 2) == 0.3
    assert validation_figure([], None) is None
    assert validation_figure([np.nan], None) is None


def test_a_run_that_was_given_more_epochs_harms_no_sweep_and_is_not_compared(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    sweep_id = app.query_params["sweep"]
    first, second = end_all(sweep_id, 0.05, 0.04)
    app.run()
    assert [run.id for run in progress_of(sweep_id).runs.values()] == [first, second], "as exports have them"
    assert "**4** does best" in page_text(app)
    engine().extend(first, store().run(first).learner, 10)
    app.run()
    assert not app.error
    assert progress_of(sweep_id).done == 0.5
    more = Finished(36, 12, "epochs", 0.01, None, None, None)
    store().write_slice(first, store().claim(first), [more], step=36, epoch=12, seconds=2.0)
    app.run()
    assert progress_of(sweep_id).done == 1
    assert "was given other settings after its start, so it is not compared" in page_text(app)
    assert "compared here once two or more have figures" in page_text(app)


def test_a_run_paused_by_itself_pauses_a_sweep_that_has_nothing_else_to_do(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    sweep_id = app.query_params["sweep"]
    first, second = (engine().sweep_queue.sweeps.begin_next(sweep_id) for _k in range(2))
    assert engine().sweep_queue.sweeps.begin_next(sweep_id) is None
    learner = store().run(first).learner
    end = Finished(6, 2, "epochs", 0.05, None, None, None)
    store().write_slice(first, store().claim(first), [end], step=6, epoch=2, seconds=1.0)
    engine().pause(second, learner)
    app.run()
    assert progress_of(sweep_id).status == "paused"
    assert {"bar_resume", "bar_stop"} <= enabled_buttons(app)
    app.button(key="bar_resume").click().run()
    assert engine().sweep_queue.sweeps.begin_next(sweep_id) == second
    assert store().run(second).status == "queued"


@pytest.mark.parametrize(
    ("vary", "typed", "meant"),
    [
        ("hidden_sizes", "128, 64", "128-64"),
        ("hidden_sizes", " 32 ", "32"),
        ("dropout", "0,3", "0.3"),
        ("learning_rate", "0.01", "0.01"),
        ("batch_size", "1,000", "1000"),
        ("train_size", "1.000", "1000"),
        ("train_size", "10.5", "10.5"),
    ],
)
def test_a_typed_comma_parts_no_values(vary: str, typed: str, meant: str):
    assert form.settled(vary, typed) == meant


RATES = {"sc_vary": "learning_rate", "sc_values": "0.0000012,0.0000014,0.0000035", "sc_seeds": "2"}
SMALL = {"sc_train_size": "200", "sc_validation_size": "100", "sc_epochs": "1"}


def test_values_that_round_to_one_text_are_values_of_their_own(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier", **RATES, **SMALL)
    assert app.query_params["sc_values"] == RATES["sc_values"]
    app.button(key="bar_sweep").click().run()
    sweep = engine().sweep_queue.sweeps.sweep(app.query_params["sweep"])
    values = values_of(sweep)
    assert values.words == {0.0000012: "0.0000012", 0.0000014: "0.0000014", 0.0000035: "0.0000035"}
    rows = re.findall(r'rowgroup">([^<]*)<', table(app))
    assert rows == ["0.0000012", "0.0000014", "0.0000035"]
    assert len(sweep.members) == 6
    assert len({member.name for member in sweep.members}) == 6


def test_one_value_written_in_two_ways_is_no_sweep(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier", sc_vary="learning_rate", sc_values="0.001,1e-3", **SMALL)
    assert "Choose at least two values" in page_text(app)
    assert "bar_sweep" not in enabled_buttons(app)


def test_values_as_they_are_typed(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier", sc_vary="hidden_sizes")
    app.session_state["sc_values_hidden_sizes"] = ["64", "128, 64"]
    app.run()
    assert app.multiselect(key="sc_values_hidden_sizes").value == ["64", "128-64"]
    app.button(key="bar_sweep").click().run()
    sweep = engine().sweep_queue.sweeps.sweep(app.query_params["sweep"])
    assert {member.spec.hidden_sizes for member in sweep.members} == {(64,), (128, 64)}


def test_one_image_is_the_least_that_two_accuracies_differ_by(visit: Callable[..., AppTest]):
    for address, least in (({"task": "classifier", **SMALL}, 0.01), (TINY, 0.0)):
        app = visit(PAGE, **address)
        app.button(key="bar_sweep").click().run()
        assert resolution(progress_of(app.query_params["sweep"])) == least


def test_what_the_form_holds_for_the_setting_that_varies_is_out_of_use(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier")
    app.session_state["sc_hidden_sizes_ff_classifier"] = "many"
    app.run()
    assert "bar_sweep" in enabled_buttons(app)
    app = visit(PAGE, sa_vary="learning_rate")
    app.button(key="bar_sweep").click().run()
    (about,) = (
        element.value for element in app.caption if "seeds" in element.value and " · " in element.value
    )
    assert "Adam ·" in about
    assert "0.001" not in about


def test_spanish(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="es")
    assert app.title[0].value == "Barrido"
    assert "Acá va a aparecer tu barrido" in page_text(app)


# What figures say


def seeds(*ys: float) -> dict[int, float]:
    return dict(enumerate(ys))


NAMES = {name: name for name in "abcd"}


def said_of(
    validated: dict, tested: dict | None = None, *, lower: bool = True, planned: Seeds | None = None
) -> str:
    return in_words(validated, tested or validated, NAMES, lower, planned or Seeds(3))


def test_verdicts_of_known_answer():
    clear = {"a": seeds(0.1, 0.11, 0.12), "b": seeds(0.2, 0.21, 0.22), "c": seeds(0.1, 0.12, 0.121)}
    made = verdict(clear, lower_is_better=True)
    assert (made.best, made.against, made.seeds) == ("a", {"b": "beyond", "c": "within"}, (0, 1, 2))
    assert "Its lead over **b** exceeds seed noise; its lead over **c** does not." in said_of(clear)
    assert verdict(clear, lower_is_better=False).best == "b"
    tested = {**clear, "b": seeds(0.3, 0.3, 0.3)}
    said = said_of(clear, tested, lower=False)
    assert "**b** does best, with a mean validation accuracy of 21.0\N{NO-BREAK SPACE}%." in said
    assert "which had no say in the choice, its mean accuracy is 30.0\N{NO-BREAK SPACE}%" in said
    two = {"a": seeds(0.1, 0.1), "b": seeds(0.2, 0.2)}
    assert "it takes 3 seeds in common, or more" in said_of(two)
    assert verdict({"a": seeds(0.1), "b": {}}, True) is None
    uneven = {**clear, "d": seeds(0.5)}
    assert "Of **d** too few seeds have ended." in said_of(uneven)


def test_no_lead_is_named_while_planned_runs_are_to_come():
    clear = {"a": seeds(0.1, 0.11, 0.12), "b": seeds(0.2, 0.21, 0.22)}
    assert "said once all planned runs have ended" in said_of(clear, planned=Seeds(5, to_come=True))
    assert "exceeds seed noise" not in said_of(clear, planned=Seeds(5, to_come=True))
    assert "Seeds planned: 5, compared: 3." in said_of(clear, planned=Seeds(5))
    assert "planned" not in said_of(clear)


def test_a_value_of_which_a_run_diverged_is_not_compared():
    """Its other seeds are those that did not, which is no fair sample."""
    clear = {"a": seeds(0.1, 0.11, 0.12), "b": seeds(0.2, 0.21, 0.22), "c": seeds(0.01, 0.01)}
    said = said_of(clear, planned=Seeds(3, unstable=frozenset("c")))
    assert "**a** does best" in said
    assert "Its lead over **b** exceeds seed noise." in said
    assert "Not compared, since a run diverged: **c**." in said
    assert "planned" not in said
    assert said_of({"c": seeds(0.01)}, planned=Seeds(3, unstable=frozenset("c"))).startswith("Not compared")


def test_the_best_is_chosen_on_the_seeds_that_all_have():
    """With all its seeds, b has the lower mean, and yet it loses each seed that both have."""
    lucky = {"a": seeds(0.2, 0.2, 0.2), "b": {0: 0.3, 1: 0.3, 2: 0.3, 3: 0.01, 4: 0.01, 5: 0.01}}
    made = verdict(lucky, lower_is_better=True)
    assert (made.best, made.against, made.seeds) == ("a", {"b": "beyond"}, (0, 1, 2))
    assert "mean validation loss of 0.3000" in said_of({**lucky, "a": seeds(0.4, 0.4, 0.4)})
    apart_in_seeds = {"a": {0: 0.1, 1: 0.1, 2: 0.1}, "b": {3: 0.2, 4: 0.2, 5: 0.2}}
    assert verdict(apart_in_seeds, True) is None


def test_one_seed_is_never_the_best_of_values_with_three():
    made = verdict({"a": seeds(0.2, 0.21, 0.2), "b": seeds(0.3, 0.31, 0.3), "c": seeds(0.01)}, True)
    assert (made.best, made.against) == ("a", {"b": "beyond", "c": "missing"})


@pytest.mark.parametrize("values", [2, 4, 8, 12])
def test_unequal_numbers_of_seeds_make_no_leads(values: int):
    draw, named, trials = np.random.default_rng(values), 0, 500
    for _trial in range(trials):
        by_value = {k: seeds(*draw.normal(size=draw.integers(3, 8))) for k in range(values)}
        named += "beyond" in verdict(by_value, True).against.values()
    assert named <= 0.05 * trials + 3 * np.sqrt(0.05 * 0.95 * trials)


def test_bands_are_the_mean_lowest_and_highest_of_the_seeds_that_have_come_there():
    made = band("a", [np.array([3.0, 1.0, np.nan]), np.array([5.0])])
    assert list(made.x) == [1, 2]
    assert (list(made.mean), list(made.low), list(made.high)) == ([4, 1], [3, 1], [5, 1])
    assert list(band("b", []).x) == []


def test_values_come_back_from_their_specs():
    base = read_spec({"architecture": "conv_autoencoder"})
    for vary, suggested in form.SUGGESTED.items():
        for text in suggested:
            spec = base.changed(**form.change(vary, text))
            assert form.text_of(vary, spec) == text


def test_a_sweep_whose_every_run_ended_is_finished_even_after_a_restart(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    sweep_id = app.query_params["sweep"]
    end_all(sweep_id)
    app.run()
    assert progress_of(sweep_id).status == "finished"
    assert re.search(r"\*\*2\*\* of 2 runs have ended", page_text(app))


def test_thirty_who_watch_a_sweep_read_it_once_and_nobody_sees_less_than_its_learner(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    sweep_id = app.query_params["sweep"]
    watched_progress(sweep_id)
    end_all(sweep_id)
    assert progress_of(sweep_id).done == 1, "as the page of the learner reads it"
    readings: list[object] = []
    runs = Store.runs
    monkeypatch.setattr(Store, "runs", lambda *args, **named: readings.append(1) or runs(*args, **named))
    with ThreadPoolExecutor(30) as threads:
        shown = list(threads.map(watched_progress, [sweep_id] * 30))
    assert len(readings) <= 1
    assert [progress.done for progress in shown] == [1] * 30


def test_its_table_is_pinned_with_the_spread_over_seeds(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,4", sa_seeds="2")
    app.button(key="bar_sweep").click().run()
    end_all(app.query_params["sweep"], 0.05, 0.03, 0.06, 0.03)
    app.run()
    app.button(key="sweep_table_pin").click().run()
    assert not app.exception
    (pinned,) = OwnReport(store(), app.session_state["learner"]).read().pins
    heads = ["Hidden size", "Mean ± standard deviation", "Seeds"]
    rows = [["2", "0.0550 ± 0.0071", "2"], ["4", "0.0300 ± 0.0000", "2"]]
    assert pinned.content.data == {"heads": heads, "rows": rows}


def test_a_claim_is_stated_before_the_runs_and_judged_once_its_test_figures_are_opened(
    visit: Callable[..., AppTest],
):
    app = visit(PAGE, **TINY, sa_values="2,16,64")
    app.selectbox(key="own_claim_relation").set_value("falling").run()
    app.button(key="bar_sweep").click().run()
    assert not app.exception
    (sweep,) = engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "sweep")
    assert OwnClaims(store()).of(sweep.id).relation == "falling"
    assert app.selectbox(key="own_claim_relation").value == "none", "the next sweep claims nothing yet"
    losses = {(2,): 0.06, (16,): 0.05, (64,): 0.04}
    figures = [losses[m.spec.hidden_sizes] + 0.0001 * m.spec.seed for m in sweep.members]
    end_all(sweep.id, *figures, tests=[figure + 0.01 for figure in figures])
    app.run()
    assert "All runs have ended. The test figures are closed." in page_text(app)
    assert "fair score" not in page_text(app)
    run_id = progress_of(sweep.id).runs[0].id
    of_run = visit("pages/lab/autoencoder.py", run=run_id)
    assert ("Test loss", "closed") in [(metric.label, metric.value) for metric in of_run.metric]
    app.button(key="own_claim_open").click().run()
    assert not app.exception
    of_run = visit("pages/lab/autoencoder.py", run=run_id)
    assert ("Test loss", "closed") not in [(metric.label, metric.value) for metric in of_run.metric]
    assert "confirmed" in page_text(app)
    assert "opening number 1 of this learner" in page_text(app)
    assert "fair score" in page_text(app)
    app.button(key="own_claim_pin").click().run()
    (pinned,) = OwnReport(store(), app.session_state["learner"]).read().pins
    assert "opening number 1" in pinned.content.data["rows"][-1][1]
    spanish = visit(PAGE, lang="es", sweep=sweep.id)
    assert phrase("confirmed", "es") in page_text(spanish)
    engine().delete(run_id, app.session_state["learner"])
    app.run()
    assert "Not decided. Planned: 9, counted: 8;" in page_text(app)
    assert "confirmed" not in page_text(app)


def test_what_a_claim_keeps_closed_cannot_be_looked_into_nor_branched_from(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,64")
    app.selectbox(key="own_claim_relation").set_value("lowest").run()
    app.button(key="bar_sweep").click().run()
    learner = app.session_state["learner"]
    (sweep,) = engine().sweep_queue.sweeps.of_learner(learner, "sweep")
    run_id, *_others = end_all(sweep.id)
    for page in ("pages/inside/layers.py", "pages/inside/latent_space.py"):
        inside = visit(page, network=run_id)
        assert "what is seen here would open them" in page_text(inside)
    with pytest.raises(EngineError, match="a branch would show them"):
        engine().branch(run_id, 6, learner)


def test_a_claim_that_could_not_be_decided_starts_no_sweep(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,64", sa_seeds="2")
    app.selectbox(key="own_claim_relation").set_value("rising").run()
    assert any("3 seeds or more" in warning.value for warning in app.warning)
    app.button(key="bar_sweep").click().run()
    assert engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "sweep") == []
    assert not app.exception


def test_only_whoever_stated_a_claim_opens_its_figures(visit: Callable[..., AppTest]):
    app = visit(PAGE, **TINY, sa_values="2,64")
    app.selectbox(key="own_claim_relation").set_value("lowest").run()
    app.button(key="bar_sweep").click().run()
    (sweep,) = engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "sweep")
    end_all(sweep.id)
    other = visit(PAGE, sweep=sweep.id)
    assert "lowest with 2" in page_text(other)
    assert "own_claim_open" not in [button.key for button in other.button]


def test_a_claim_of_values_that_are_alike_has_a_margin(visit: Callable[..., AppTest]):
    app = visit(PAGE, task="classifier", sc_train_size="300", sc_validation_size="100", sc_epochs="2")
    app.selectbox(key="own_claim_relation").set_value("alike").run()
    assert app.selectbox(key="own_claim_margin_test_accuracy").value == 0.01
    app.selectbox(key="own_claim_margin_test_accuracy").set_value(0.02).run()
    app.button(key="bar_sweep").click().run()
    assert not app.exception
    (sweep,) = engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "sweep")
    kept = OwnClaims(store()).of(sweep.id)
    assert (kept.relation, kept.quantity, kept.margin) == ("alike", "test_accuracy", 0.02)
    assert "differs by less than 2 points" in page_text(app)
