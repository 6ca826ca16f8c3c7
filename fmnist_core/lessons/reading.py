"""Reads lessons from TOML files: the eight that the lab ships, and those of a lecturer's folder.

A file that is no lesson is refused in a sentence that names the file, the place in it and what to change; the
other lessons go on. FMNIST_LESSONS names a lecturer's folder.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.refusals import Place, explain_in_place, has_too_many_values
from fmnist_core.sentences import LabError, Sentence

SHIPPED = Path(__file__).with_name("shipped")
FOLDER = "FMNIST_LESSONS"
MOST_BYTES = 100_000
MOST_FILES = 100
MOST_FAULTS = 5  # that are told of one file at a time


class LessonError(LabError):
    """A file that is no lesson; a sentence for each fault."""


@dataclass(frozen=True)
class Lessons:
    """The lessons that could be read, in the order of their files, and why others could not."""

    lessons: tuple[Lesson, ...]
    refused: tuple[LessonError, ...] = ()

    def of(self, slug: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.slug == slug), None)


def read_lesson(content: bytes, name: str) -> Lesson:
    """The lesson that a file holds; `name` is what the file is called in refusals. Raises `LessonError`."""
    if len(content) > MOST_BYTES:
        raise LessonError(
            Sentence(
                "The lesson “{file}” has more than {most:,} bytes. A lesson is a few pages of text: shorten "
                "it.",
                file=name,
                most=MOST_BYTES,
            )
        )
    try:
        values = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise LessonError(
            Sentence("The lesson “{file}” is not written in UTF-8. Save it as UTF-8.", file=name)
        ) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        raise LessonError(
            Sentence(
                "The lesson “{file}” is not valid TOML: {fault}. Most often a quote or a bracket is missing "
                "there.",
                file=name,
                fault=Sentence("it is nested too deep") if deep else str(error)[:200],
            )
        ) from None
    if has_too_many_values(values):
        raise LessonError(Sentence("The lesson “{file}” holds far more values than a lesson has.", file=name))
    try:
        return Lesson.model_validate(values)
    except ValidationError as error:
        faults = explain_in_place(error)[:MOST_FAULTS]
        raise LessonError(*(_in_file(name, place, fault) for place, fault in faults)) from None


def shipped() -> tuple[Lesson, ...]:
    """The lab's own, in the order of a course. Raises `LessonError` if one of them is damaged."""
    return tuple(read_file(path) for path in _files(SHIPPED))


def all_lessons() -> Lessons:
    """The lab's own, then the lecturer's; what cannot be read is refused, and the others go on."""
    named = os.environ.get(FOLDER)
    folders = [SHIPPED, *([Path(named)] if named else [])]
    lessons: dict[str, tuple[Lesson, str]] = {}
    refused: list[LessonError] = []
    for folder in folders:
        try:
            paths = _files(folder)
        except LessonError as error:
            refused.append(error)
            continue
        for path in paths:
            try:
                lesson = read_file(path)
                if lesson.slug in lessons:
                    raise _same_slug(path.name, lessons[lesson.slug][1], lesson.slug)
            except LessonError as error:
                refused.append(error)
            else:
                lessons[lesson.slug] = lesson, path.name
    return Lessons(tuple(lesson for lesson, _name in lessons.values()), tuple(refused))


def _files(folder: Path) -> list[Path]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file())
    except OSError:
        raise LessonError(
            Sentence(
                "{setting} names “{folder}”, and the lab cannot read such a folder. Check its name and its "
                "permissions.",
                setting=FOLDER,
                folder=str(folder),
            )
        ) from None
    if len(paths) > MOST_FILES:
        raise LessonError(
            Sentence(
                "The folder “{folder}” holds more than {most} lessons. Move some of them elsewhere.",
                folder=str(folder),
                most=MOST_FILES,
            )
        )
    return paths


def read_file(path: Path) -> Lesson:
    """The lesson in a file, read again only if that has changed. Raises `LessonError`."""
    try:
        state = path.stat()
        return _read_once(path, state.st_mtime_ns, state.st_size)
    except OSError:
        raise LessonError(
            Sentence(
                "The lab cannot read the lesson “{file}”. Check its name and its permissions.", file=path.name
            )
        ) from None


@lru_cache(maxsize=2 * MOST_FILES)
def _read_once(path: Path, _changed: int, _size: int) -> Lesson:
    with path.open("rb") as file:
        return read_lesson(file.read(MOST_BYTES + 1), path.name)


def _same_slug(file: str, other: str, slug: str) -> LessonError:
    return LessonError(
        Sentence(
            "The lesson “{file}” has the slug “{slug}”, as “{other}” has. Give it another.",
            file=file,
            slug=slug,
            other=other,
        )
    )


def _in_file(name: str, place: Place, fault: Sentence) -> Sentence:
    """Places in lists are counted from 1, as people do."""
    if place[0:1] == ("prediction",):  # pydantic names the form in between, as no file does
        place = ("prediction", *place[2:])
    if not place:
        return Sentence("The lesson “{file}”: {fault}", file=name, fault=fault)
    parts = [str(part + 1) if isinstance(part, int) else part for part in place]
    return Sentence(
        "The lesson “{file}”, at {place}: {fault}", file=name, place=" › ".join(parts), fault=fault
    )
