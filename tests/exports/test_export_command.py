"""`fmnist-lab export`: what it writes, and what it refuses in a sentence."""

import zipfile
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.data import checksums
from fmnist_core.own_report.document import page_count
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import Store
from tests.exports.running_code import TINY
from tests.nets.worker.inspected_runs import trained_run

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


def test_a_file_that_is_there_stays(here: Path, capsys):
    (here / "r3-1-hub.zip").write_text("mine")
    assert main(["export", "r3-1", "--to", "hub"]) == 1
    assert "r3-1-hub.zip is there already" in capsys.readouterr().err
    assert (here / "r3-1-hub.zip").read_text() == "mine"


@pytest.mark.parametrize("name", ["no-such-run", "../r3-1", "", "x" * 500, "{name}", "a\x1b[31mb"])
def test_a_run_that_is_not_there_is_a_sentence(here: Path, capsys, name: str):
    assert main(["export", name, "--to", "onnx", "--out", "a.zip"]) == 1
    said = capsys.readouterr().err
    assert "There is no run and no trained model" in said
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
