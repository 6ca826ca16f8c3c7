"""The page of reports: published beside ours, every row a run in the lab, trained models to look at."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist, folders
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.replication.recipes.r4 import CONFUSION
from fmnist_core.spec import snapshot_steps
from fmnist_core.store.runs import Store
from pages.parts.forms import encoders
from pages.parts.results import shipped_evidence, shipped_models
from pages.parts.results.lab_link import LabLink, lab_link
from pages.parts.results.repeat import race_link, sweep_link
from pages.parts.results.report_facts import contradicting, explained
from pages.parts.results.report_matrices import published_matrix
from pages.parts.results.report_study import chapters
from tests.replication.synthetic_records import record, under

PAGE = "pages/results/reports.py"


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of shipped models, empty at first."""
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(folders, "SHIPPED_MODELS", folder)
    encoders._shipped_specs.cache_clear()
    yield folder
    encoders._shipped_specs.cache_clear()


def ship(models: Path, *ids: str) -> None:
    """Models as the lab ships them, with made-up figures."""
    for id in ids:
        folder, spec = models / id, EXPERIMENTS[id].spec
        folder.mkdir()
        steps = np.array(snapshot_steps(spec)[-3:])
        classifies = spec.task == "classifier"
        outputs = np.full((3, 10, 10), 0.1, np.float32) if classifies else np.zeros((3, 10, 28, 28), np.uint8)
        np.savez(folder / "film.npz", steps=steps, epochs=steps / spec.steps_per_epoch, outputs=outputs)
        row = {"epoch": 1, "train_loss_eval": 0.2, "validation_loss": 0.3, "validation_accuracy": None}
        matrix = (np.eye(10, dtype=int) * 1000).tolist() if classifies else None
        metrics = {
            "test_loss": 0.4321,
            "test_accuracy": 1.0 if classifies else None,
            "test_confusion": matrix,
        }
        (folder / "spec.json").write_text(spec.to_json())
        (folder / "history.json").write_text(json.dumps([row]))
        (folder / "metrics.json").write_text(json.dumps(metrics))


def tables(app: AppTest) -> str:
    return " ".join(json.loads(element.proto.json).get("html", "") for element in app.get("bidi_component"))


def cells(html: str, head: str) -> list[str]:
    """The texts of a column."""
    texts = re.findall(rf'<td data-head="{head}"[^>]*><span>(.*?)</span></td>', html)
    return [re.sub(r"<small>.*?</small>", "", text) for text in texts]


def matrices(app: AppTest) -> int:
    return sum("True class" in chart.proto.spec for chart in app.get("vega_lite_chart"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("report", list(REPORTS))
def test_every_report_without_evidence(visit, evidence, report: str, lang: str):
    app = visit(PAGE, report=report, lang=lang)
    assert app.title[0].value == {"en": "Reports", "es": "Informes"}[lang]
    html = tables(app)
    first = REPORTS[report].studies[0]
    assert html.count("<tbody>") >= len(first.experiments)
    assert {"en": "no evidence yet", "es": "todavía sin evidencia"}[lang] in html
    assert not app.error
    assert not app.warning
    (drawing,) = [
        element.value for element in app.html if "lab-network" in element.value and "<ol" in element.value
    ]
    assert "28 × 28" in drawing.replace("\N{NO-BREAK SPACE}", " ")


def test_every_experiment_is_shown_once_or_more():
    for report in REPORTS.values():
        shown = {id for chapter in chapters(report).values() for id in chapter.experiments}
        assert shown == {experiment.id for experiment in report.experiments}


def test_published_figures_beside_ours(visit, evidence):
    losses = {0: 0.0529, 1: 0.0531, 2: 0.0527}
    evidence([record("r1-n64", seed, loss=loss) for seed, loss in losses.items()])
    html = tables(visit(PAGE, report="R1"))
    assert cells(html, "Published")[:2] == ["0.0531", "0.0529"]
    assert cells(html, "Ours")[1] == "0.0529 ± 0.0002"
    assert cells(html, "Seeds")[:3] == ["3", "3", "0 of 3"]
    assert cells(html, "Agreement")[1] == "≈ within seed noise"


def test_one_seed_is_no_verdict(visit, evidence):
    evidence([record("r3-1", 0, loss=0.51, accuracy=0.81)])
    html = tables(visit(PAGE, report="R3"))
    assert cells(html, "Ours")[:2] == ["0.5100", "81.0\N{NO-BREAK SPACE}%"]
    assert cells(html, "Seeds")[0] == "1 of 3"
    assert cells(html, "Agreement")[0] == "○ not enough evidence yet"


def test_where_we_differ_reasons_are_given(visit, evidence):
    evidence([record("r3-1", seed, loss=0.78, accuracy=0.7) for seed in range(3)])
    app = visit(PAGE, report="R3")
    assert cells(tables(app), "Agreement")[1] == "≠ differs"
    assert "−11.0 points" in tables(app)
    labels = [element.label for element in app.expander if "as a table" not in element.label]
    assert labels == ["Where we differ, and the likeliest reasons"]
    assert any("mean squared error" in element.value for element in app.markdown)


def r3_differs(loss: float = 0.78, accuracy: float = 0.69) -> list:
    """R3's models as they come out here, with a little luck."""
    told = {"r3-1": (loss, accuracy), "r3-2": (0.335, 0.888), "r3-3": (0.37, 0.889)}
    return [
        record(id, seed, loss=loss * (1 + 0.02 * (seed - 1)), accuracy=accuracy + 0.004 * (seed - 1))
        for id, (loss, accuracy) in told.items()
        for seed in range(3)
    ]


def explained_by(hypothesis: str, seeds: int = 1) -> list:
    figures = {"r3-1": (0.515, 0.808), "r3-2": (0.322, 0.892)}
    return [
        under(hypothesis, id, seed, loss=loss * (1 + 0.01 * seed), accuracy=accuracy)
        for id, (loss, accuracy) in figures.items()
        for seed in range(seeds)
    ]


def test_what_would_explain_our_figures_stands_where_they_differ(visit, evidence):
    evidence(r3_differs())
    evidence(explained_by("standard"), screened=True)
    app = visit(PAGE, report="R3")
    words = [element.value for element in app.markdown]
    assert any("4 figures below would all agree if images went in with mean 0" in text for text in words)
    assert any("rests on 1 run of each setting" in text for text in words)
    html = tables(app)
    assert "0.5150 ✓<br>80.8\N{NO-BREAK SPACE}% ✓" in html
    assert "0.7800 ≠<br>69.0\N{NO-BREAK SPACE}% ≠" in html, "as we read the report"
    assert "scaling=standard" in html, "a link into the lab"
    assert any("are not tried yet" in element.value for element in app.caption)
    assert not visit(PAGE, report="R1").error


def test_what_nothing_explains_is_said_to_be_unexplained(visit, evidence):
    evidence(r3_differs())
    evidence([under("standard", id, loss=0.9, accuracy=0.6) for id in ("r3-1", "r3-2")], screened=True)
    words = [element.value for element in visit(PAGE, report="R3").markdown]
    assert any("nexplained so far" in text for text in words)
    assert not any("would agree if" in text for text in words)


def test_without_runs_for_hypotheses_nothing_is_said_of_them(visit, evidence):
    assert "What would explain it" not in [element.value for element in visit(PAGE, report="R3").subheader]


def test_a_damaged_file_of_hypotheses_is_one_sentence(visit, evidence):
    evidence(r3_differs())
    file = evidence(explained_by("standard"), cut=30, screened=True)
    app = visit(PAGE, report="R3")
    (warning,) = [element.value for element in app.warning]
    assert "screened.jsonl" in warning
    assert str(file.parent) not in warning
    assert not app.error
    assert cells(tables(app), "Seeds")[0] == "3", "what the other file says is all there"
    assert not any("would agree if" in element.value for element in app.markdown)


def test_hypotheses_of_an_older_recipe_are_named_with_the_command_that_renews_them(visit, evidence):
    evidence(r3_differs())
    old = explained_by("standard")[0]
    evidence([old.model_copy(update={"spec": old.spec.changed(dropout=0.3)})], screened=True)
    (warning,) = [element.value for element in visit(PAGE, report="R3").warning]
    assert "verify --hypotheses --renew" in warning


def test_a_claim_says_how_its_verdict_would_read(visit, evidence):
    evidence(r3_differs())
    evidence(explained_by("standard", seeds=2), screened=True)
    page = "pages/results/claims.py"
    assert not any("**If " in element.value for element in visit(page, claim="C16").markdown)
    evidence(explained_by("standard", seeds=3), screened=True)
    (words,) = [element.value for element in visit(page, claim="C16").markdown if "**If " in element.value]
    assert "standard deviation 1" in words
    assert "It stays the same." in words


def test_an_evidence_file_cut_short_is_one_sentence_and_the_rest_is_there(visit, evidence):
    file = evidence([record("r3-1", seed) for seed in range(3)], cut=40)
    app = visit(PAGE, report="R3")
    (warning,) = [element.value for element in app.warning]
    assert "cut short: line 3 breaks off" in warning
    assert str(file.parent) not in warning
    assert "no evidence yet" in tables(app)
    evidence([record("r3-1", seed) for seed in range(3)])
    assert not app.run().warning


def test_a_case_of_r4_shows_its_matrix_ours_and_the_difference(visit, evidence):
    study = list(chapters(REPORTS["R4"]))[-1]
    assert matrices(visit(PAGE, report="R4", study=study)) == 1
    evidence([record("r4-case4", seed, accuracy=0.7) for seed in range(3)])
    assert matrices(visit(PAGE, report="R4", study=study)) == 3
    np.testing.assert_array_equal(published_matrix("r4-case4"), CONFUSION[4])


def test_every_seed_has_its_curve(visit, evidence):
    evidence([record("r3-2", seed, unseen=[0.5, 0.4, 0.3]) for seed in range(3)])
    (curves,) = [
        chart for chart in visit(PAGE, report="R3").get("vega_lite_chart") if "Epoch" in chart.proto.spec
    ]
    assert "Validation loss" in curves.proto.spec


def test_contradictions_are_found_and_held_against_the_seeds(visit, evidence):
    noisy = {0: 0.02, 1: 0.03, 2: 0.04}
    evidence(
        [record("r2-n128", seed, loss=loss) for seed, loss in noisy.items()]
        + [record("r2-p0.1", seed, loss=0.021) for seed in range(3)]
    )
    html = tables(visit(PAGE, report="R2"))
    assert "It may be: the two are 0.0110 apart, and our 3 seeds already lie 0.0200 apart." in html
    assert "No: the two are 0.0050 apart, and our 3 seeds only 0.0000." in html
    compared = shipped_evidence.shipped_evidence().compared
    contradictions = {
        report: [pair[0].experiment.id for pair in contradicting(compared[report])] for report in REPORTS
    }
    assert contradictions == {
        "R1": [],
        "R2": ["r2-n128", "r2-p0.05", "r2-p0.1"],
        "R3": [],
        "R4": [],
        "R5": [],
    }
    assert explained(next(contradicting(compared["R2"]))).startswith("It may be")


def test_every_experiment_opens_in_the_lab_once_its_encoder_is_shipped(models: Path):
    without = {
        id for id, experiment in EXPERIMENTS.items() if not isinstance(lab_link(experiment.spec), LabLink)
    }
    assert without == {id for id, experiment in EXPERIMENTS.items() if experiment.encoder}
    ship(models, *{experiment.encoder for experiment in EXPERIMENTS.values() if experiment.encoder})
    shipped_models._specs.clear()
    assert all(isinstance(lab_link(experiment.spec), LabLink) for experiment in EXPERIMENTS.values())


@pytest.mark.parametrize("id", ["r1-long-n256", "r3-1-momentum", "r4-case2", "r5-3", "r2-unpooled"])
def test_a_link_fills_the_form_with_every_setting(
    visit, models: Path, full_data: fashion_mnist.Dataset, id: str
):
    if EXPERIMENTS[id].encoder:
        ship(models, EXPERIMENTS[id].encoder)
    where = lab_link(EXPERIMENTS[id].spec)
    assert isinstance(where, LabLink)
    app = visit(where.page, **where.parameters)
    assert not app.warning
    app.button(key="bar_train").click().run()
    (run,) = Store().runs()
    assert run.spec == EXPERIMENTS[id].spec


@pytest.mark.parametrize("report", ["R1", "R2", "R4"])
def test_a_study_of_one_setting_is_a_sweep_with_all_filled_in(
    visit, full_data: fashion_mnist.Dataset, report: str
):
    study = REPORTS[report].studies[0]
    where = sweep_link(study.experiments)
    assert isinstance(where, LabLink)
    app = visit(where.page, **where.parameters)
    assert not app.warning
    assert app.session_state["sa_vary"] == "hidden_sizes"
    sizes = [EXPERIMENTS[id].spec.hidden_sizes[0] for id in study.experiments]
    assert app.session_state["sa_values_hidden_sizes"] == [str(size) for size in sizes]
    assert int(app.session_state["sa_epochs"]) == EXPERIMENTS[study.experiments[0]].spec.epochs


def test_what_no_sweep_trains_is_offered_as_none(models: Path):
    assert sweep_link(REPORTS["R3"].studies[0].experiments) is None
    assert sweep_link(["r4-base"]) is None
    assert sweep_link(CLAIMS["C4"].experiments) is None


def test_the_four_starts_are_a_race_once_their_encoder_is_shipped(visit, models: Path, full_data):
    cases = CLAIMS["C22"].experiments
    assert race_link(cases) is None
    ship(models, "r4-p0.1")
    shipped_models._specs.clear()
    where = race_link(cases)
    app = visit(where.page, **where.parameters)
    assert not app.warning
    assert race_link(cases[:2]) is None


def test_what_the_form_cannot_hold_is_said(models: Path):
    refusal = lab_link(
        EXPERIMENTS["r1-n64"].spec.changed(learning_rate_changes=[{"step": 5, "learning_rate": 0.1}])
    )
    assert str(refusal) == "The form of the lab has no place for one of its settings."
    assert "“r4-p0.1”" in str(lab_link(EXPERIMENTS["r4-case1"].spec))


@pytest.mark.parametrize("id", ["r4-base", "r4-case4"])
def test_a_trained_model_opens_in_front(visit, evidence, models: Path, id: str):
    ship(models, id)
    app = visit(PAGE, report="R4")
    app = visit(PAGE, report="R4", study="6" if "case" in id else "1", model=id)
    assert f"model={id}" in tables(app)
    assert app.select_slider(key=f"trained_{id}_film").value == snapshot_steps(EXPERIMENTS[id].spec)[-1]
    assert any("0.4321" in element.value for element in app.markdown)


@pytest.mark.parametrize("name", ["nothing", "../models", "r4-case1"])
def test_a_model_that_is_not_shipped_is_one_sentence(visit, evidence, name: str):
    app = visit(PAGE, report="R4", model=name)
    sentence = f"This copy of the lab ships no trained model named “{name}”."
    assert [element.value for element in app.info] == [sentence]


def test_a_link_to_a_report_that_is_not_here_is_said(visit, evidence):
    app = visit(PAGE, report="R9")
    assert "“R9”" in app.warning[0].value
    assert app.header[0].value.startswith("R1")


def test_an_empty_name_in_the_address_is_no_model(visit, evidence):
    assert not visit(PAGE, report="R4", model="").exception
