"""`python -m fmnist_core lesson`, and the guide for whoever writes lessons."""

import re
from pathlib import Path
from typing import get_args

import pytest

from fmnist_core.__main__ import main
from fmnist_core.lessons.plays import PLAYS
from fmnist_core.lessons.quantities import Word
from fmnist_core.lessons.reading import SHIPPED, read_lesson, shipped
from tests.lessons.lesson_files import LESSON
from tests.source_tree import ROOT

GUIDE = (ROOT / "LESSONS.md").read_text("utf-8")


def test_a_right_file_is_said_to_be_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "mine.toml"
    path.write_text(LESSON, "utf-8")
    assert main(["lesson", str(path), *map(str, SHIPPED.glob("*.toml"))]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "mine.toml is right: “A small lesson”, /lessons?lesson=small, runs: 2, prediction: order."
    )
    assert len(said) == 1 + len(shipped())


def test_every_fault_of_every_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.toml").write_text(LESSON.replace("minutes = 5", "minutes = 50"), "utf-8")
    (tmp_path / "b.toml").write_text(LESSON.replace('"small"', f'"{shipped()[0].slug}"'), "utf-8")
    (tmp_path / "d.toml").write_text(LESSON, "utf-8")
    assert main(["lesson", *(str(tmp_path / f"{name}.toml") for name in "abcd")]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("d.toml is right")
    assert "“a.toml”, at minutes: minutes can be at most 10; you gave 50." in printed.err
    assert "“b.toml” has the slug" in printed.err
    assert "cannot read the lesson “c.toml”" in printed.err


def test_the_lesson_of_the_guide_is_right():
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE, flags=re.DOTALL)
    assert read_lesson(example.encode(), "guide.toml").prediction.form == "direction"


def test_the_guide_names_every_quantity():
    assert [word for word in get_args(Word) if f"`{word}`" not in GUIDE] == []


def test_the_guide_names_every_play_and_its_settings():
    rows = {
        row.split("`")[1]: row for row in GUIDE.split("## Plays")[1].splitlines() if row.startswith("| `")
    }
    assert set(rows) == set(PLAYS)
    for name, settings in PLAYS.items():
        assert [field for field in settings.model_fields if f"`{field}`" not in rows[name]] == []
