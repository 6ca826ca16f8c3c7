"""Both languages are complete: what a learner reads is marked, extracted, translated, and fits its blanks."""

import ast
import inspect
import re
import shutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from babel.messages.pofile import write_po

from fmnist_core.sentences import LabError, Sentence
from pages.parts.base import i18n

FOREIGN = [name for name in i18n.LANGUAGES if name != i18n.SOURCE_LANGUAGE]
MARKED = {"_": 1, "Sentence": 1, "ngettext": 2}  # calls of these take so many literals
PAGE_FILES = [i18n.ROOT / "app.py", *sorted((i18n.ROOT / "pages").rglob("*.py"))]
FILES = [*PAGE_FILES, *sorted((i18n.ROOT / "fmnist_core").rglob("*.py"))]
# What a learner reads, among the parameters of Streamlit's commands, and of our own panels.
TEXT = {"label", "body", "text", "title", "help", "placeholder", "caption", "alt", "page_title", "tabs"}
OURS = {"label", "alt", "title", "caption"}
# HTML, Streamlit's icons, addresses, and the commands of a formula.
MARKUP = re.compile(
    r"<[^>]*>|:[a-z]+(-[a-z]+)?(/[a-z_]+)?[:\[]|https?://\S+|\\(begin|end)\{\w+\}|\\[A-Za-z]+"
)
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


def test_the_catalogue_holds_what_the_source_says(catalogue, tmp_path: Path):
    i18n.extract(tmp_path / "template.pot")
    template = i18n.read_catalogue(tmp_path / "template.pot", "en")
    known = {message.id for message in catalogue if message.id}
    assert known == {message.id for message in template if message.id}, "make translations"


def test_no_marked_text_escapes_extraction(catalogue):
    """Read off the syntax tree, as pybabel does not: it is blind inside f-strings and calls within calls."""
    missing = [
        f"{path.relative_to(i18n.ROOT)}:{call.lineno} {literals}"
        for path in FILES
        for call in calls(path)
        if (literals := marked_literals(call)) and catalogue.get(literals[0]) is None
    ]
    assert missing == []


def test_translations_have_the_blanks_of_their_originals(catalogue):
    for original, translation in pairs(catalogue):
        assert blanks(translation) == blanks(original), original


def test_translations_keep_the_markdown_of_their_originals(catalogue):
    for original, translation in pairs(catalogue):
        for mark in ("**", "`", ":material/", "]("):
            assert translation.count(mark) == original.count(mark), original


def test_what_is_marked_is_a_literal():
    """Anything else would never reach a catalogue. A sentence is read back from the store in one place."""
    for path in FILES:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in MARKED and path.name != "sentences.py":
                place = f"{path}:{call.lineno}"
                assert len(marked_literals(call)) == MARKED[call.func.id], f"{place} is not a literal"


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.relative_to(i18n.ROOT).as_posix())
def test_pages_show_no_unmarked_words(path: Path):
    for call in calls(path):
        for shown in texts(call):
            for words in unmarked(shown):
                assert not WORD.search(MARKUP.sub(" ", words)), (
                    f"{path}:{call.lineno} shows {words!r} unmarked"
                )


def test_unmarked_words_are_found():
    source = r"""
st.button("Train", key="not shown")
st.markdown(f"{loss} per pixel" + _("Loss"))
st.radio(_("Optimizer"), ["Adam"])
left.html("<b class='not shown'>Done</b>")
st.caption(f":material/info: {number:.2f} × {_('images')}")
st.latex(r"\begin{array}{l} \frac{\partial L}{\partial w} \end{array}")
st.latex(r"\text{Sum} = 1")
"""
    shown_words = [words for call in calls_in(source) for words in shown(call)]
    assert shown_words == ["Train", "  per pixel", "Adam", "<b class='not shown'>Done</b>", r"\text{Sum} = 1"]


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


@pytest.fixture
def locale_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(i18n.LOCALE, tmp_path / "locale"))


@pytest.mark.slow
def test_updating_changes_nothing_that_is_up_to_date(locale_copy: Path):
    i18n.update(locale_copy)
    for path in i18n.LOCALE.rglob("*.po"):
        assert (locale_copy / path.relative_to(i18n.LOCALE)).read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_updating_keeps_translations_adds_what_is_new_and_drops_what_is_gone(locale_copy: Path):
    path = locale_copy / "es/LC_MESSAGES/fmnist_lab.po"
    known = i18n.read_catalogue(path, "es")
    translation = known.get("Home").string
    known.delete("Runs")
    known.add("Said nowhere", "En ninguna parte")
    with path.open("wb") as file:
        write_po(file, known)
    i18n.update(locale_copy)
    updated = i18n.read_catalogue(path, "es")
    assert updated.get("Home").string == translation
    assert updated.get("Said nowhere") is None
    assert i18n.missing(updated) == ["Runs"]


@pytest.mark.slow
def test_a_new_language_gets_a_catalogue(locale_copy: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(i18n.LANGUAGES, "pt", "Português")
    i18n.update(locale_copy)
    made = i18n.read_catalogue(locale_copy / "pt/LC_MESSAGES/fmnist_lab.po", "pt")
    assert "Home" in i18n.missing(made)
    assert len(i18n.missing(made)) == len(made)
    before = (locale_copy / "pt/LC_MESSAGES/fmnist_lab.po").read_bytes()
    i18n.update(locale_copy)
    assert (locale_copy / "pt/LC_MESSAGES/fmnist_lab.po").read_bytes() == before


def marked_literals(call: ast.Call) -> tuple[str, ...]:
    """The message ids in a call of `_`, `Sentence` or `ngettext`; none in other calls."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    arguments = call.args[: MARKED.get(name, 0)]
    return tuple(a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str))


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
