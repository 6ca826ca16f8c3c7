"""`python -m fmnist_core lesson FILE`: says that a lesson's file is right, or what to change in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from fmnist_core.lessons.reading import LessonError, read_file, shipped
from fmnist_core.sentences import LabError, Sentence


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a lesson, such as mine.toml")
    parser.set_defaults(command=command)


def command(chosen: argparse.Namespace) -> int:
    """A line for each lesson that is right. Raises `LabError` with a sentence for each fault of others."""
    faults: list[Sentence] = []
    for path in chosen.files:
        try:
            print(_in_words(path))
        except LessonError as error:
            faults += error.sentences
    if faults:
        raise LabError(*faults)
    return 0


def _in_words(path: Path) -> Sentence:
    lesson = read_file(path)
    own = next((other for other in shipped() if other.slug == lesson.slug), None)
    if own is not None and own != lesson:
        raise LessonError(
            Sentence(
                "The lesson “{file}” has the slug “{slug}”, as one of the lab's own has. Give it another.",
                file=path.name,
                slug=lesson.slug,
            )
        )
    return Sentence(
        "{file} is right: “{title}”, /lessons?lesson={slug}, runs: {runs}, prediction: {form}.",
        file=path.name,
        title=lesson.title,
        slug=lesson.slug,
        runs=len(lesson.runs),
        form=lesson.prediction.form,
    )
