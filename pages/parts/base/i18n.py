"""English and Spanish: `_("literal")`, `say(sentence)`, and whose language it is now.

English stands in the source. The catalogues are gettext files in `locale/`, compiled in memory; nothing is
installed globally, since every session has its own language. `python -m pages.parts.base.i18n --update`
brings them up to date with the source. That is the work of pybabel, which reads no call inside an f-string:
give the text a name before it.
"""

from __future__ import annotations

import argparse
import gettext as gettext_module
import io
import string
from collections.abc import Callable
from functools import cache
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.numerals import kept_together, written

LANGUAGES: dict[str, str] = {"en": "English", "es": "Español"}
SOURCE_LANGUAGE = "en"
KEY = "lang"

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "locale"
SOURCES = ("app.py", "pages", "fmnist_core")
KEYWORDS = ("_", "Sentence", "ngettext:1,2")  # the calls that mark strings, as pybabel wants them


def catalogue_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "fmnist_lab.po"


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


def lesson_text(text: str) -> str:
    """What the file of a lesson says, in the learner's language; as it is where no catalogue knows it."""
    return phrase(text, current_language())


def ngettext(one: str, many: str, n: int) -> str:
    """The form that fits `n`, with its blank `{n}` still to be filled."""
    language = current_language()
    return _phrase(translations(language).ngettext(one, many, n), language)


def say(message: Sentence | LabError) -> str:
    """A sentence of the engine's, or an error made of them, in the learner's language."""
    return say_in(current_language())(message)


def say_in(language: str) -> Callable[[Sentence | LabError], str]:
    """`say` in this language, for work that goes on where no learner is asked for theirs."""
    return lambda message: message.translated(lambda text: phrase(text, language))


class Phrase(str):
    """Text of a language whose blanks write numbers as that language does."""

    __slots__ = ("language",)
    language: str

    def format(self, *values: object, **named: object) -> str:
        return _Blanks(self.language).vformat(self, values, named)


class _Blanks(string.Formatter):
    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, Sentence):
            return say_in(self._language)(value)
        if isinstance(value, bool) or not isinstance(value, Real):
            return format(value, format_spec)
        return written(value, format_spec, self._language)


def phrase(text: str, language: str) -> Phrase:
    """The translation of `text`, ready for its blanks to be filled with `format`."""
    return _phrase(translations(language).gettext(text), language)


def _phrase(text: str, language: str) -> Phrase:
    made = Phrase(kept_together(text, language))
    made.language = language
    return made


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


def extract(template: Path) -> None:
    """Write every marked string of the source to `template`, a new .pot file; and what lessons say."""
    from fmnist_core.lessons.reading import shipped  # which only lessons need beside this

    keywords = ["--no-default-keywords", *(f"--keyword={keyword}" for keyword in KEYWORDS)]
    sources = [str(ROOT / source) for source in SOURCES]
    layout = ["--no-location", "--sort-output", "--width=110", "--project=fmnist-lab"]
    with TemporaryDirectory() as temporary:
        lessons = Path(temporary) / "lessons.py"  # pybabel reads no TOML
        lessons.write_text(
            "".join(f"_({text!r})\n" for lesson in shipped() for text in lesson.texts), "utf-8"
        )
        _pybabel("extract", *keywords, *layout, f"--output-file={template}", *sources, temporary)


def update(folder: Path = LOCALE) -> None:
    """Bring the catalogues in `folder` up to date: new strings in, unused ones out, translations kept.

    A language that has none yet gets one, in which nothing is translated.
    """
    with TemporaryDirectory() as temporary:
        template = Path(temporary) / "fmnist_lab.pot"
        extract(template)
        files = ["--domain=fmnist_lab", f"--input-file={template}", f"--output-dir={folder}"]
        rules = ["--no-fuzzy-matching", "--ignore-obsolete", "--width=110", "--init-missing"]
        for language in LANGUAGES:
            if language != SOURCE_LANGUAGE:
                _pybabel("update", *files, *rules, f"--locale={language}")
    for path in folder.rglob("*.po"):
        # The time of writing would make every update a change.
        lines = [line for line in path.read_bytes().splitlines(True) if b"-Date:" not in line]
        path.write_bytes(b"".join(lines))


def _pybabel(*arguments: str) -> None:
    from babel.messages.frontend import CommandLineInterface  # which no page needs

    CommandLineInterface().run(["pybabel", "--quiet", *arguments])


def missing(catalogue: Catalog) -> list[str]:
    """Messages without a translation."""
    return [str(message.id) for message in catalogue if message.id and not _translated(message.string)]


def _translated(text: str | tuple[str, ...]) -> bool:
    return all(text) if isinstance(text, tuple) else bool(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pages.parts.base.i18n", description=__doc__)
    parser.add_argument(
        "--update", action="store_true", help="bring the catalogues up to date with the source"
    )
    if parser.parse_args().update:
        update()
    for language in LANGUAGES:
        if language != SOURCE_LANGUAGE:
            catalogue = read_catalogue(catalogue_path(language), language)
            lacking = missing(catalogue)
            print(f"{language}: {len(catalogue)} messages, {len(lacking)} without translation")
            for text in lacking:
                print(f"  {text!r}")


if __name__ == "__main__":
    main()
