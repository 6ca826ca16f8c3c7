"""`fmnist-lab export`: what it writes, and what it refuses in a sentence."""

import statistics
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.data import checksums
from fmnist_core.exports.exported_run import of_runs, of_shipped_model
from fmnist_core.exports.formats import FORMATS
from fmnist_core.exports.model_card import model_card
from fmnist_core.exports.opened_zip import open_zip
from fmnist_core.own_report.document import page_count
from fmnist_core.own_report.run_report import run_report
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
from fmnist_core.store.sweeps import Sweeps
from pages.parts.base.i18n import say_in
from tests.exports.running_code import TINY
from tests.nets.worker.inspected_runs import train, trained_run

pytestmark = pytest.mark.usefixtures("new_worker")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as packed:
        return set(packed.namelist())


def test_a_shipped_model_and_a_run_of_the_store_are_written(here: Path, capsys):
    assert main(["export", "r3-1", "--to", "hub"]) == 0
    assert files(here / "r3-1-hub.zip") == {"README.md", "model.safetensors", "spec.json", "lab.json"}
    assert "r3-1-hub.zip" in capsys.readouterr().out
    store = Store()
    run_id = trained_run(store, read_spec({**TINY, "architecture": "ff_autoencoder", "hidden_sizes": [4]}))
    store.close()
    assert main(["export", run_id, "--to", "script", "--out", "mine.zip"]) == 0
    assert files(here / "mine.zip") == {"train.py", "lab.json"}


@pytest.mark.slow
def test_a_run_becomes_a_report_that_compiles(here: Path, pdflatex):
    assert main(["export", "r3-1", "--to", "latex"]) == 0
    with zipfile.ZipFile(here / "r3-1-latex.zip") as packed:
        made = {name: packed.read(name) for name in packed.namelist()}
    tex = made["report.tex"].decode()
    assert "0.7818" in tex, "its test loss"
    assert tex.count("\\begin{figure}") == 1
    assert tex.count("\\begin{table}") == 2
    assert page_count(made) == 1


def planned(store: Store, **values) -> str:
    """A sweep of two dropouts with two seeds each, of which the last is not trained."""
    spec = read_spec({**TINY, "architecture": "ff_autoencoder", "hidden_sizes": [4], **values})
    members = [spec.changed(dropout=p, seed=seed) for p in (0.0, 0.5) for seed in (0, 1)]
    sweeps = Sweeps(store)
    sweep_id = sweeps.create("ana", "Dropout", "sweep", "dropout", [(member, "ff") for member in members])
    for _member in members[:-1]:
        train(store, sweeps.begin_next(sweep_id))
    sweeps.begin_next(sweep_id)
    return sweep_id


def test_a_sweep_is_a_folder_for_each_run_that_was_trained(here: Path):
    store = Store()
    sweep_id = planned(store)
    trained = [m.run_id for m in Sweeps(store).sweep(sweep_id).members if store.checkpoint(m.run_id)]
    store.close()
    assert len(trained) == 3
    assert main(["export", sweep_id, "--to", "tensorboard", "--out", "all.zip"]) == 0
    folders = {f"ff-{run_id[:4]}" for run_id in trained}
    assert {name.partition("/")[0] for name in files(here / "all.zip")} == {*folders, "lab.json"}
    opened = open_zip(here / "all.zip")
    assert [run.id for run in opened.said.runs] == trained
    assert (opened.changed, opened.added) == ((), ())


def test_the_report_of_a_sweep_has_a_row_for_each_value_with_the_deviation_of_its_seeds(here: Path):
    store = Store()
    runs = of_runs(store, [m.run_id for m in Sweeps(store).sweep(planned(store)).members])
    chart, results, settings = (pinned.content.data for pinned in run_report(runs, str).pins)
    both = [run.results["test_loss"] for run in runs[:2]]
    assert results["heads"] == ["Dropout", "Seeds", "Test loss"]
    assert results["rows"] == [
        ["0", "2", f"{statistics.mean(both):.4f} ± {statistics.stdev(both):.4f}"],
        ["0.5", "1", f"{runs[2].results['test_loss']:.4f}"],
    ]
    assert {(row["series"], row["run"]) for row in chart["rows"]} == {
        ({0.0: "0", 0.5: "0.5"}[run.spec.dropout], run.id) for run in runs
    }
    assert ["Hidden size", "4"] in settings["rows"]
    assert not {"Dropout", "Seed"} & {name for name, _value in settings["rows"]}
    store.close()


@pytest.mark.parametrize(("model", "pools"), [("r3-1", False), ("r4-base", True)])
def test_settings_that_a_network_lacks_are_not_named(model: str, pools: bool):
    for runs in ([of_shipped_model(model)], [of_shipped_model(model), of_shipped_model("r3-2")]):
        settings = run_report(runs, str).pins[-1].content.data["rows"]
        assert ("Pooling" in {name for name, _value in settings}) == (pools and len(runs) == 1)


def test_a_report_in_spanish_says_values_and_writes_numbers_as_spanish_does():
    runs = [of_shipped_model("r4-base")]
    _losses, results, settings = (pinned.content.data for pinned in run_report(runs, say_in("es")).pins)
    assert [value.replace(",", ".") for _name, value in results["rows"]] == [
        f"{value:.4f}" for value in runs[0].results.values()
    ]
    assert not any("." in value for _name, value in results["rows"])
    values = [value for _name, value in settings["rows"]]
    label = say_in("es")(ARCHITECTURES[runs[0].spec.architecture].label)
    assert {label, "Adam", "0,001"} <= set(values)
    assert label != str(ARCHITECTURES[runs[0].spec.architecture].label)
    assert not {"True", "False", runs[0].spec.architecture, runs[0].spec.loss} & set(values)
    assert "| Pérdida de prueba | 0," in model_card(runs[0], say_in("es"))


def test_runs_of_one_name_have_folders_of_their_own_where_capitals_do_not_count_either():
    run = of_shipped_model("r3-1")
    runs = [replace(run, id=id, name="../{}/.") for id in ("abcdX", "abcdY", "ABCDz")]
    files = FORMATS["script"].files(runs, str, "en")
    folders = {name.partition("/")[0] for name in files}
    assert len({name.casefold() for name in files}) == 3
    assert folders == {"abcdX", "abcdY", "ABCDz"}


def test_runs_that_no_short_word_tells_apart_are_named():
    runs = [of_shipped_model(name) for name in ("r4-case1", "r4-case2")]
    _chart, results, *_ = (pinned.content.data for pinned in run_report(runs, str).pins)
    assert [row[0] for row in results["rows"]] == ["r4-case1", "r4-case2"]


@pytest.mark.slow
def test_the_report_of_a_sweep_compiles(here: Path, pdflatex):
    store = Store()
    sweep_id = planned(store)
    store.close()
    assert main(["export", sweep_id, "--to", "latex", "--out", "a.zip"]) == 0
    with zipfile.ZipFile(here / "a.zip") as packed:
        assert page_count({name: packed.read(name) for name in packed.namelist()}) == 1


def test_a_sweep_of_which_nothing_is_trained_is_a_sentence(here: Path, capsys):
    store = Store()
    spec = read_spec({**TINY, "architecture": "ff_autoencoder"})
    sweep_id = Sweeps(store).create("ana", "Dropout", "sweep", "dropout", [(spec, "one")])
    store.close()
    assert main(["export", sweep_id, "--to", "hub", "--out", "a.zip"]) == 1
    assert "None of these runs has been trained yet" in capsys.readouterr().err
    assert list(here.glob("*.zip")) == []


def test_a_file_that_is_there_stays(here: Path, capsys):
    (here / "r3-1-hub.zip").write_text("mine")
    assert main(["export", "r3-1", "--to", "hub"]) == 1
    assert "r3-1-hub.zip is there already" in capsys.readouterr().err
    assert (here / "r3-1-hub.zip").read_text() == "mine"


@pytest.mark.parametrize("name", ["no-such-run", "../r3-1", "", "x" * 500, "{name}", "a\x1b[31mb"])
def test_a_run_that_is_not_there_is_a_sentence(here: Path, capsys, name: str):
    assert main(["export", name, "--to", "onnx", "--out", "a.zip"]) == 1
    said = capsys.readouterr().err
    assert "There is no run, no sweep and no trained model" in said
    assert "\x1b" not in said
    assert "r3-1" in said, "the models that there are"
    assert list(here.glob("*.zip")) == []


def test_a_run_without_weights_is_a_sentence(here: Path, capsys):
    store = Store()
    run_id = store.create_run(read_spec({**TINY, "architecture": "ff_autoencoder"}), "ana")
    store.close()
    assert main(["export", run_id, "--to", "notebook"]) == 1
    assert "has not been trained yet" in capsys.readouterr().err


def test_a_full_disk_is_a_sentence_and_leaves_nothing(here: Path, capsys, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checksums, "replace", full)
    assert main(["export", "r3-1", "--to", "script"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert list(here.glob("*.zip")) == []


def test_an_unknown_format_is_wrong_usage(here: Path):
    with pytest.raises(SystemExit, match="2"):
        main(["export", "r3-1", "--to", "pdf"])
