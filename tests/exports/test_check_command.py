"""`fmnist-lab check`: true reports stand, falsified figures do not, and no zip does anything."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.cli import check
from fmnist_core.cli.check import Trainer, checked
from fmnist_core.engine import sweep_queue
from fmnist_core.exports import manifest, opened_zip
from fmnist_core.exports.exported_run import of_run
from fmnist_core.exports.formats import zipped
from fmnist_core.exports.manifest import ManifestError, provenance, read_manifest
from fmnist_core.exports.opened_zip import open_zip
from fmnist_core.own_report.reports import MOST_PINS
from fmnist_core.spec import RunSpec, read_spec
from tests.exports.running_code import TINY
from tests.nets.worker.inspected_runs import trained_run

pytestmark = pytest.mark.usefixtures("new_worker")
SPEC = read_spec({**TINY, "architecture": "ff_classifier", "hidden_sizes": [8], "dropout": 0.2})


def said(loss: float, **more) -> dict:
    run = {"id": "r", "name": "a run", "seed": 3, "spec": SPEC.model_dump(mode="json")}
    return {**run, "figures": {"test_loss": loss}, "ended": "epochs", **more}


def written(path: Path, *runs: Mapping) -> Path:
    path.write_bytes(zipped(list(runs), {"report.tex": b"words"}))
    return path


def outcomes(path: Path, trainer: Trainer, budget: float = 60.0) -> list[str]:
    return [figure.outcome for figure in checked(open_zip(path), budget, trainer)[0]]


def by_seed(losses: Mapping[int, float], seconds: float = 1.0) -> Trainer:
    return Trainer(lambda spec: {"test_loss": losses[spec.seed]}, lambda spec: seconds)


@pytest.mark.slow
def test_a_true_report_stands_and_a_falsified_one_does_not(store, tmp_path: Path, capsys):
    true = provenance(of_run(store, trained_run(store, SPEC)))
    false = {**true, "figures": {"test_loss": true["figures"]["test_loss"] * 0.5, "test_accuracy": 0.95}}
    folder = tmp_path / "handed in"
    folder.mkdir()
    written(folder / "a.zip", true)
    written(folder / "b.zip", false)
    (folder / "c.zip").write_text("no zip")
    (folder / "notes.txt").write_text("not looked at")
    table = tmp_path / "all.csv"
    assert main(["check", str(folder), "--csv", str(table)]) == 1
    printed = capsys.readouterr()
    assert "a.zip: figures that stand: 2, that do not: 0, not checked: 0." in printed.out
    assert "b.zip: figures that stand: 0, that do not: 2, not checked: 0." in printed.out
    assert "c.zip: This is not a whole zip file" in printed.err
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"))))
    assert [(Path(row["file"]).name, row["verdict"]) for row in rows] == [
        *[("a.zip", "stands")] * 2,
        *[("b.zip", "differs")] * 2,
        ("c.zip", "not read"),
    ]
    assert main(["check", str(folder / "a.zip")]) == 0


def test_what_one_seed_gives_again_stands_at_once(tmp_path: Path):
    path = written(tmp_path / "r.zip", said(0.5))
    assert outcomes(path, by_seed({3: 0.50001})) == ["stands"]


@pytest.mark.parametrize(("loss", "outcome"), [(0.52, "stands"), (0.30, "differs"), (0.9, "differs")])
def test_else_other_seeds_decide(tmp_path: Path, loss: float, outcome: str):
    path = written(tmp_path / "r.zip", said(loss))
    assert outcomes(path, by_seed({3: 0.50, 4: 0.51, 5: 0.49})) == [outcome]


def many(path: Path, count: int = 8) -> tuple[Path, Trainer]:
    """Runs of ten seconds each, and one for which there is never time."""
    spec = SPEC.model_dump(mode="json")
    slow = said(0.5, name="slow", spec={**spec, "epochs": 400})
    others = [said(0.5, name=f"run {k}", spec={**spec, "seed": k}) for k in range(count)]
    trainer = Trainer(lambda spec: {"test_loss": 0.5}, lambda spec: 400.0 if spec.epochs == 400 else 10.0)
    return written(path / "r.zip", slow, *others), trainer


def test_what_there_is_no_time_for_is_forecast_and_does_not_stop_the_rest(tmp_path: Path):
    path, trainer = many(tmp_path)
    figures, left = checked(open_zip(path), 60.0, trainer)
    slow = next(figure for figure in figures if figure.run.name == "slow")
    assert slow.outcome == "not checked"
    assert "no time" in str(slow.reason)
    assert [figure.outcome for figure in figures if figure is not slow] == ["stands"] * 8
    assert left == 400.0


def test_the_sample_is_drawn_by_chance_and_can_be_drawn_again(tmp_path: Path):
    """No run of its zip is safe from being looked at."""
    path, trainer = many(tmp_path)
    firsts = [checked(open_zip(path), 401.0, trainer, draw)[0][0].run.name for draw in range(200)]
    assert firsts == [checked(open_zip(path), 401.0, trainer, draw)[0][0].run.name for draw in range(200)]
    assert set(firsts) == {"slow", *(f"run {k}" for k in range(8))}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"ended": "stopped"}, "stopped by hand"),
        ({"spec": {**SPEC.model_dump(mode="json"), "dropout": 2}}, "Dropout"),
        ({"spec": {**SPEC.model_dump(mode="json"), "unknown": 1}}, "unknown"),
        ({"spec": {**SPEC.model_dump(mode="json"), "train_size": 50_000}}, "images"),
        (
            {"spec": {**SPEC.model_dump(mode="json"), "branch": {"run": "x", "step": 1}}},
            "another run's weights",
        ),
    ],
)
def test_what_cannot_be_trained_again_is_not_checked_and_says_why(tmp_path: Path, more: dict, why: str):
    def never(spec: RunSpec) -> float:
        raise AssertionError("nothing is trained")

    path = written(tmp_path / "r.zip", said(0.5, **more))
    (figure,), _left = checked(open_zip(path), 60.0, Trainer(never, never))
    assert figure.outcome == "not checked"
    assert why in str(figure.reason)


def test_a_run_that_diverges_here_does_not_stand(tmp_path: Path):
    path = written(tmp_path / "r.zip", said(0.5))
    assert outcomes(path, Trainer(lambda spec: {}, lambda spec: 0.1)) == ["differs"]


def test_files_changed_by_hand_are_named(tmp_path: Path, capsys, monkeypatch):
    path = tmp_path / "r.zip"
    original = zipped([said(0.5)], {"report.tex": b"words", "figures/1.pdf": b"%PDF", "x.png": b"png"})
    with zipfile.ZipFile(io.BytesIO(original)) as packed, zipfile.ZipFile(path, "w") as changed:
        changed.writestr("lab.json", packed.read("lab.json"))
        changed.writestr("report.tex", "other words")
        changed.writestr("x.png", "png")
    assert open_zip(path).changed == ("figures/1.pdf", "report.tex")
    monkeypatch.setattr(check, "_trainer", lambda: by_seed({3: 0.5}))
    assert main(["check", str(path)]) == 1, "though its figures stand"
    assert "Changed since the lab made it: figures/1.pdf, report.tex" in capsys.readouterr().out


def zip_of(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return path


def lab(**more) -> bytes:
    return json.dumps({"format": 1, "lab": "x", "runs": [], "files": {}, **more}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"format": NaN}',
        b'{"format": 1e999}',
        b"[" * 100_000,
        lab(format=99),
        lab(format=-5),
        lab(runs="all"),
        lab(runs=[{"id": 1}]),
        lab(runs=[said(0.5, figures={"test_loss": "0.5"})]),
        lab(runs=[said(0.5, figures={"my_loss": 0.5})]),
        lab(files={f"f{k}": "" for k in range(manifest.MOST_FILES + 1)}),
        b" " * (manifest.MOST_BYTES + 1),
    ],
)
def test_a_manifest_that_is_none_is_a_sentence(tmp_path: Path, content: bytes):
    with pytest.raises(ManifestError):
        read_manifest(content)
    with pytest.raises(ManifestError):
        open_zip(zip_of(tmp_path / "r.zip", lab__json=content))


def test_what_a_whole_report_of_whole_sweeps_rests_on_can_be_read(tmp_path: Path):
    runs = [said(0.5, id=f"run {k}", name="n" * 200) for k in range(MOST_PINS * sweep_queue.MOST_RUNS)]
    (tmp_path / "r.zip").write_bytes(zipped(runs, {"report.tex": b"words"}))
    assert len(open_zip(tmp_path / "r.zip").said.runs) == len(runs)


def test_zips_that_are_none_are_sentences(tmp_path: Path, monkeypatch):
    whole = zipped([said(0.5)], {"report.tex": b"words"})
    for content in (b"", b"PK", whole[: len(whole) // 2], whole[:-40] + b"x" * 40):
        (tmp_path / "r.zip").write_bytes(content)
        with pytest.raises(ManifestError):
            open_zip(tmp_path / "r.zip")
    with pytest.raises(ManifestError, match=r"no lab\.json"):
        open_zip(zip_of(tmp_path / "r.zip", report__tex=b"words"))
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as packed:
        packed.writestr("lab.json", lab())
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("lab.json", lab())
    with pytest.raises(ManifestError, match="two of one name"):
        open_zip(tmp_path / "r.zip")
    monkeypatch.setattr(opened_zip, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "r.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("lab.json", lab(files={"bomb": "0" * 64}))
        packed.writestr("bomb", b"0" * 10_000_000)
    with pytest.raises(ManifestError, match="unpacks to more"):
        open_zip(tmp_path / "r.zip")


@pytest.mark.parametrize(
    "kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
@pytest.mark.parametrize("place", range(0, 120, 8))
def test_bytes_damaged_in_the_middle_are_a_sentence(tmp_path: Path, kind: int, place: int):
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w", kind) as packed:
        packed.writestr("lab.json", lab(runs=[said(0.5)]))
    whole = bytearray(path.read_bytes())
    start = 30 + len("lab.json") + place
    whole[start : start + 4] = b"\xff\x00\xff\x07"
    path.write_bytes(whole)
    with pytest.raises(ManifestError):
        open_zip(path)


def test_one_bad_zip_ends_no_folder_and_none_is_passed_over(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(check, "_trainer", lambda: by_seed({3: 0.5}))
    for name in ("a", "b", "c"):
        (tmp_path / "all" / name).mkdir(parents=True)
        written(tmp_path / "all" / name / "report.zip", said(0.5))
    bad = tmp_path / "all/b/report.zip"
    bad.write_bytes(bad.read_bytes().replace(bad.read_bytes()[60:64], b"\xff\x00\xff\x07"))
    assert main(["check", str(tmp_path / "all"), "--csv", str(tmp_path / "all.csv")]) == 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"))))
    assert [row["verdict"] for row in rows] == ["stands", "not read", "stands"]
    assert [Path(row["file"]).parent.name for row in rows] == ["a", "b", "c"]
    assert "Traceback" not in capsys.readouterr().err


def test_where_there_is_nothing_to_check_it_is_said(tmp_path: Path, capsys):
    assert main(["check", str(tmp_path)]) == 1
    assert "There is no zip in" in capsys.readouterr().err
    path = written(tmp_path / "r.zip", said(0.5, ended="stopped"))
    assert main(["check", str(path)]) == 1
    assert "Nothing could be checked." in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf", "soon"])
def test_a_time_that_is_none_is_wrong_usage(tmp_path: Path, seconds: str):
    with pytest.raises(SystemExit, match="2"):
        main(["check", str(tmp_path), "--seconds", seconds])


def test_what_cannot_be_trained_here_leaves_the_others(tmp_path: Path):
    def figures(spec: RunSpec) -> dict[str, float]:
        if spec.epochs == 3:
            raise RuntimeError("not enough memory: you tried to allocate 1 TB\nat ...")
        return {"test_loss": 0.5}

    large = said(0.5, spec={**SPEC.model_dump(mode="json"), "epochs": 3})
    path = written(tmp_path / "r.zip", large, said(0.5))
    found, _left = checked(open_zip(path), 60.0, Trainer(figures, lambda spec: 0.1))
    assert [figure.outcome for figure in found] == ["not checked", "stands"]
    assert "not enough memory" in str(found[0].reason)


def test_files_that_were_added_are_named_and_nothing_typed_reaches_the_terminal(
    tmp_path: Path, monkeypatch, capsys
):
    monkeypatch.setattr(check, "_trainer", lambda: by_seed({3: 0.5, 4: 0.5, 5: 0.51}))
    evil = said(0.5, name="\x1b[31mred", spec={"seed": "\x1b[31m" * 50})
    path = written(tmp_path / "r.zip", said(1e308), evil)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("\x1b[31mextra.tex", "x")
    main(["check", str(path)])
    printed = capsys.readouterr().out
    assert "Added since the lab made it" in printed
    assert "\x1b" not in printed
    assert max(map(len, printed.splitlines())) < 300


def test_names_that_lead_out_of_a_zip_lead_nowhere(tmp_path: Path):
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("lab.json", lab(files={"../../etc/passwd": "0" * 64}))
        packed.writestr("../../etc/passwd", "x")
    assert open_zip(path).changed == ("../../etc/passwd",)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["r.zip"]


def test_what_is_not_there_and_what_is_there_already_are_sentences(tmp_path: Path, capsys):
    assert main(["check", str(tmp_path / "none.zip")]) == 1
    assert "There is no file or folder" in capsys.readouterr().err
    (tmp_path / "all.csv").write_text("mine")
    assert main(["check", str(tmp_path), "--csv", str(tmp_path / "all.csv")]) == 1
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "all.csv").read_text() == "mine"


def test_no_cell_of_the_table_is_a_formula(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(check, "_trainer", lambda: by_seed({3: -0.5}))
    path = written(tmp_path / "r.zip", said(-0.5, name='=HYPERLINK("http://example.org")'))
    assert main(["check", str(path), "--csv", str(tmp_path / "all.csv")]) == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8")))
    assert row["run"].startswith("'=")
    assert row["said"] == "-0.5"


def handed_in(folder: Path, monkeypatch, trainer: Trainer, *more: str) -> tuple[int, list[dict[str, str]]]:
    """What the command says of a folder: its exit code, and the rows of its table."""
    monkeypatch.setattr(check, "_trainer", lambda: trainer)
    table = folder.parent / "all.csv"
    code = main(["check", str(folder), *more, "--csv", str(table)])
    return code, list(csv.DictReader(io.StringIO(table.read_text("utf-8"))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "handed in"
    folder.mkdir()
    return folder


def test_the_last_seed_there_is_has_others_beside_it(folder: Path, monkeypatch):
    last = 2**31 - 1
    spec = {**SPEC.model_dump(mode="json"), "seed": last}
    written(folder / "a.zip", said(0.5))
    written(folder / "b.zip", said(0.52, spec=spec))
    written(folder / "c.zip", said(0.5))
    code, rows = handed_in(folder, monkeypatch, by_seed({3: 0.5, last: 0.50, 0: 0.51, 1: 0.49}))
    assert (code, [row["verdict"] for row in rows]) == (0, ["stands"] * 3)


def test_of_a_run_that_came_out_to_the_last_digit_no_figure_is_near_enough(tmp_path: Path):
    """Luck of the seed would let an accuracy of 0.775 pass where others have 0.74 and 0.75."""
    figures = {"test_loss": 0.68934123456789, "test_accuracy": 0.746}
    others = {3: figures, 4: {**figures, "test_accuracy": 0.76}, 5: {**figures, "test_accuracy": 0.74}}
    trainer = Trainer(lambda spec: others[spec.seed], lambda spec: 1.0)
    path = written(tmp_path / "r.zip", said(0, figures={**figures, "test_accuracy": 0.775}))
    assert outcomes(path, trainer) == ["stands", "differs"]
    path = written(tmp_path / "s.zip", said(0, figures={"test_loss": 0.69, "test_accuracy": 0.775}))
    assert outcomes(path, trainer) == ["stands", "stands"], "of other weights, seeds decide"


def test_every_zip_has_its_row_and_empty_cells_are_empty(folder: Path, monkeypatch):
    written(folder / "a.zip", said(0.5))
    written(folder / "b.zip")
    written(folder / "c.ZIP", said(0.5, figures={}))
    (folder / "d.zip").mkdir()
    code, rows = handed_in(folder, monkeypatch, by_seed({3: 0.5}))
    assert code == 1
    assert [(Path(row["file"]).name, row["verdict"]) for row in rows] == [
        ("a.zip", "stands"),
        ("b.zip", "not checked"),
        ("c.ZIP", "not checked"),
    ]
    assert (rows[0]["low"], rows[0]["changed"], rows[0]["added"]) == ("", "", "")
    assert rows[1]["reason"] == "It says no figure."


def test_what_lies_in_a_folder_of_its_own_is_told_how_to_be_packed(folder: Path, monkeypatch, capsys):
    with zipfile.ZipFile(folder / "a.zip", "w") as packed:
        packed.writestr("mine/lab.json", "{}")
    code, (row,) = handed_in(folder, monkeypatch, by_seed({}))
    assert (code, row["verdict"]) == (1, "not read")
    assert "not the folder around them" in capsys.readouterr().err


def test_an_accuracy_of_an_autoencoder_is_told_as_such(tmp_path: Path):
    path = written(tmp_path / "r.zip", said(0.5, figures={"test_loss": 0.5, "test_accuracy": 0.99}))
    figures, _left = checked(open_zip(path), 60.0, by_seed({3: 0.5, 4: 0.5, 5: 0.5}))
    assert [(figure.outcome, str(figure.reason or "")) for figure in figures] == [
        ("stands", ""),
        ("differs", "Such a network has no figure of this name."),
    ]


def test_a_zip_that_is_not_there_costs_no_training(folder: Path, monkeypatch, capsys):
    written(folder / "a.zip", said(0.5))
    monkeypatch.setattr(check, "_trainer", lambda: pytest.fail("nothing should be trained"))
    assert main(["check", str(folder / "a.zip"), str(folder / "b.zip")]) == 1
    assert "There is no file or folder" in capsys.readouterr().err
    assert main(["check", str(folder), "--csv", str(folder / "no" / "all.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err
