"""Both languages are complete: what a learner reads is marked, extracted, translated, and fits its blanks."""

import ast
import inspect
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base import i18n

FOREIGN = [name for name in i18n.LANGUAGES if name != i18n.SOURCE_LANGUAGE]
PAGE_FILES = [path for path in i18n.source_files() if "fmnist_core" not in path.parts]
# What a learner reads, among the parameters of Streamlit's commands, and of our own panels.
TEXT = {"label", "body", "text", "title", "help", "placeholder", "caption", "alt", "page_title", "tabs"}
OURS = {"label", "alt", "title", "caption"}
MARKUP = re.compile(r"<[^>]*>|:[a-z]+(-[a-z]+)?(/[a-z_]+)?[:\[]|https?://\S+")
WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture(params=FOREIGN)
def catalogue(request: pytest.FixtureRequest):
    return i18n.read_catalogue(i18n.catalogue_path(request.param), request.param)


def pairs(catalogue) -> Iterator[tuple[str, str]]:
    """Each English text with its translation, plural forms one by one."""
    for message in catalogue:
        if message.id:
            many = isinstance(message.id, tuple)
            for n, text in enumerate(message.string if many else (message.string,)):
                yield (message.id[min(n, 1)] if many else message.id), text


def blanks(text: str) -> list[str]:
    return sorted(re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_string_is_translated(catalogue):
    assert i18n.missing(catalogue) == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_the_catalogue_holds_what_the_source_says(catalogue):
    marked = {message.id for message in i18n.extract() if message.id}
    known = {message.id for message in catalogue if message.id}
    assert marked == known, "bring it up to date: make translations"


def test_translations_have_the_blanks_of_their_originals(catalogue):
    for original, translation in pairs(catalogue):
        assert blanks(translation) == blanks(original), original


def test_translations_keep_the_markdown_of_their_originals(catalogue):
    for original, translation in pairs(catalogue):
        for mark in ("**", "`", ":material/", "]("):
            assert translation.count(mark) == original.count(mark), original


def test_nothing_marked_is_lost_to_extraction():
    """A call of `_` takes one literal: anything else would never reach a catalogue."""
    for path in PAGE_FILES:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext"):
                expected = i18n.MARKS[call.func.id]
                place = f"{path}:{call.lineno}"
                assert len(i18n.marked_literals(call)) == expected, f"{place} is not a literal"


def test_sentences_are_literals():
    for path in i18n.source_files():
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id == "Sentence" and path.name != "sentences.py":
                assert i18n.marked_literals(call), f"{path}:{call.lineno} is not a literal"


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.relative_to(i18n.ROOT).as_posix())
def test_pages_show_no_unmarked_words(path: Path):
    for call in calls(path):
        for shown in texts(call):
            for words in unmarked(shown):
                assert not WORD.search(MARKUP.sub(" ", words)), (
                    f"{path}:{call.lineno} shows {words!r} unmarked"
                )


def test_unmarked_words_are_found():
    source = """
st.button("Train", key="not shown")
st.markdown(f"{loss} per pixel" + _("Loss"))
st.radio(_("Optimizer"), ["Adam"])
left.html("<b class='not shown'>Done</b>")
st.caption(f":material/info: {number:.2f} × {_('images')}")
"""
    shown_words = [words for call in calls_in(source) for words in shown(call)]
    assert shown_words == ["Train", "  per pixel", "Adam", "<b class='not shown'>Done</b>"]


def test_prose_beside_pages_is_there_in_every_language():
    for path in (i18n.ROOT / "pages").rglob("*.md"):
        stem, _, tag = path.stem.rpartition(".")
        assert tag in i18n.LANGUAGES, f"{path} does not say its language"
        for other in i18n.LANGUAGES:
            assert path.with_name(f"{stem}.{other}.md").exists(), f"{path} has no {other}"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("es-AR", "es"),
        ("es", "es"),
        ("ES_mx", "es"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_browser_decides_at_first(locale: str | None, expected: str):
    assert i18n.browser_language(locale) == expected


def test_engine_sentences_are_translated_with_their_blanks():
    gettext = i18n.translations("es").gettext
    inner = Sentence("Learning rate")
    outer = Sentence("{label} needs at least one value.", label=inner)
    assert inner.translated(gettext) != str(inner)
    assert inner.translated(gettext) in outer.translated(gettext)
    assert LabError(outer, outer).translated(gettext) == " ".join([outer.translated(gettext)] * 2)


def test_updating_changes_nothing_that_is_up_to_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in FOREIGN:
        original = i18n.catalogue_path(name).read_bytes()
        copy = tmp_path / f"{name}.po"
        copy.write_bytes(original)
        monkeypatch.setattr(i18n, "catalogue_path", lambda _name, copy=copy: copy)
        i18n.update(name)
        assert copy.read_bytes() == original
        monkeypatch.undo()


def test_translations_from_elsewhere_fill_gaps_and_replace_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    mine, other = tmp_path / "mine.po", tmp_path / "other.po"
    mine.write_text('msgid ""\nmsgstr ""\n\nmsgid "Home"\nmsgstr "Mine"\n')
    other.write_text('msgid ""\nmsgstr ""\n\nmsgid "Home"\nmsgstr "Other"\n\nmsgid "Runs"\nmsgstr "Other"\n')
    monkeypatch.setattr(i18n, "catalogue_path", lambda _name: mine)
    updated = i18n.update("es", [other])
    assert (updated.get("Home").string, updated.get("Runs").string) == ("Mine", "Other")


def calls(path: Path) -> list[ast.Call]:
    return calls_in(path.read_text("utf-8"))


def calls_in(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def shown(call: ast.Call) -> list[str]:
    return [words for text in texts(call) for words in unmarked(text) if WORD.search(MARKUP.sub(" ", words))]


def texts(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments that a learner reads: those that Streamlit names so, and choices shown as they are."""
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    command = streamlit_command(call.func)
    if command is None:
        yield from (value for name, value in given.items() if name in OURS)
        return
    names = [name for name in inspect.signature(command).parameters if name != "self"]
    given |= dict(zip(names, call.args, strict=False))
    yield from (value for name, value in given.items() if name in TEXT)
    if "options" in given and "format_func" not in given:
        yield given["options"]


def streamlit_command(function: ast.expr):
    """What `st.button` or `column.button` calls, or `None`; a logger has methods of the same names."""
    if not isinstance(function, ast.Attribute) or ast.unparse(function.value) == "log":
        return None
    command = vars(st).get(function.attr)
    return command if inspect.ismethod(command) or inspect.isfunction(command) else None


def unmarked(expression: ast.expr) -> Iterator[str]:
    """The literals in an expression that no call of ours translates; an f-string's blanks become spaces."""
    match expression:
        case ast.Constant(value=str(words)):
            yield words
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else " " for part in parts)
            for part in parts:
                if isinstance(part, ast.FormattedValue):
                    yield from unmarked(part.value)
        case ast.Call(func=ast.Attribute(value=inner)):
            yield from unmarked(inner)
        case ast.Call() | ast.Compare() | ast.Subscript() | ast.Lambda():
            return
        case _:
            for part in ast.iter_child_nodes(expression):
                if isinstance(part, ast.expr):
                    yield from unmarked(part)
