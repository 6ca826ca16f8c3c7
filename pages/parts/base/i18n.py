"""English and Spanish: `_("literal")`, `say(sentence)`, and whose language it is now.

English stands in the source. The catalogues are gettext files in `locale/`, compiled in memory; nothing is
installed globally, since every session has its own language. `python -m pages.parts.base.i18n --update`
brings them up to date with the source.
"""

from __future__ import annotations

import argparse
import ast
import gettext as gettext_module
import io
import string
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from fmnist_core.sentences import LabError, Sentence

LANGUAGES: dict[str, str] = {"en": "English", "es": "Español"}
SOURCE_LANGUAGE = "en"
KEY = "lang"

ROOT = Path(__file__).parents[3]
SOURCES = ("app.py", "pages", "fmnist_core")
MARKS = {"_": 1, "Sentence": 1, "ngettext": 2}  # the calls that mark strings, and how many each


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "fmnist_lab.po"


def current_language() -> str:
    """The learner's choice, else the first of the browser's languages that the lab speaks, else English."""
    chosen = st.session_state.get(KEY)
    return chosen if chosen in LANGUAGES else browser_language(st.context.locale)


def browser_language(locale: str | None) -> str:
    """`locale` is a tag such as "es-AR"; only its language counts."""
    tag = (locale or "").replace("_", "-").split("-")[0].lower()
    return tag if tag in LANGUAGES else SOURCE_LANGUAGE


def _(text: str) -> str:
    """`text`, which must be a literal, in the learner's language."""
    return phrase(text, current_language())


def ngettext(one: str, many: str, n: int) -> str:
    """The form that fits `n`, with its blank `{n}` still to be filled."""
    language = current_language()
    return PHRASES[language](translations(language).ngettext(one, many, n))


def say(message: Sentence | LabError) -> str:
    """A sentence of the engine's, or an error made of them, in the learner's language."""
    language = current_language()
    return message.translated(lambda text: phrase(text, language))


class SpacedThousands(str):
    """Text whose blanks write thousands as Spanish does, "70 000"; a comma there would be a decimal one."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        return _Spaced().vformat(self, values, named)


class _Spaced(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        written = super().format_field(value, format_spec)
        return written.replace(",", "\N{NARROW NO-BREAK SPACE}") if "," in format_spec else written


PHRASES: dict[str, type[str]] = {"en": str, "es": SpacedThousands}


def phrase(text: str, language: str) -> str:
    """The translation of `text`, ready for its blanks to be filled with `format`."""
    return PHRASES[language](translations(language).gettext(text))


@cache
def translations(language: str) -> gettext_module.NullTranslations:
    """The catalogue of a language, ready for look-ups; English needs none."""
    if language == SOURCE_LANGUAGE:
        return gettext_module.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(catalogue_path(language), language))
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def read_catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def extract() -> Catalog:
    """Every translatable string of the source, with the files (not the lines, which move) it stands in."""
    template = Catalog(project="fmnist-lab", charset="utf-8")
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                literals = marked_literals(node)
                if literals:
                    place = (path.relative_to(ROOT).as_posix(), None)
                    template.add(literals if len(literals) > 1 else literals[0], locations=[place])
    return template


def source_files() -> list[Path]:
    found = (ROOT / source for source in SOURCES)
    return [file for path in found for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def marked_literals(call: ast.Call) -> tuple[str, ...]:
    """The message ids in a call of `_`, `Sentence` or `ngettext`; none in other calls."""
    name = call.func.id if isinstance(call.func, ast.Name) else None
    arguments = call.args[: MARKS.get(name, 0)]
    return tuple(a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str))


def update(language: str, extra: Iterable[Path] = ()) -> Catalog:
    """Bring a catalogue up to date with the source: new strings in, unused ones out, translations kept.

    `extra` are po files whose translations fill what the catalogue lacks.
    """
    path = catalogue_path(language)
    known = read_catalogue(path, language) if path.exists() else Catalog(locale=language)
    for other in extra:
        for message in read_catalogue(other, language):
            mine = known.get(message.id) if message.id else None
            if mine is None and message.id:
                known.add(message.id, message.string)
            elif message.id and not _translated(mine.string):
                mine.string = message.string
    fresh = Catalog(locale=language, project="fmnist-lab", charset="utf-8", fuzzy=False)
    for message in extract():
        if message.id:
            mine = known.get(message.id)
            fresh.add(message.id, mine.string if mine else None, locations=message.locations)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, fresh, sort_output=True, width=110, no_location=True)
    # The time of writing would make every update a change.
    kept = [line for line in written.getvalue().splitlines(True) if b"-Date:" not in line]
    path.write_bytes(b"".join(kept))
    return fresh


def missing(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(message.id) for message in catalogue if message.id and not _translated(message.string)]


def _translated(text: str | tuple[str, ...]) -> bool:
    return all(text) if isinstance(text, tuple) else bool(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pages.parts.base.i18n", description=__doc__)
    parser.add_argument("--update", action="store_true", help="rewrite the catalogues from the source")
    parser.add_argument("extra", nargs="*", type=Path, help="po files whose translations are taken over")
    options = parser.parse_args()
    for language in LANGUAGES:
        if language != SOURCE_LANGUAGE:
            path = catalogue_path(language)
            catalogue = update(language, options.extra) if options.update else read_catalogue(path, language)
            lacking = missing(catalogue)
            print(f"{language}: {len(catalogue)} messages, {len(lacking)} without translation")
            for text in lacking:
                print(f"  {text!r}")


if __name__ == "__main__":
    main()
