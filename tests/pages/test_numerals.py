"""Every figure on a page is written as its reader's language writes numbers, and reads back as its value."""

import ast
import re

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.sentences import Sentence, loss_text, share_text
from fmnist_core.spec import SpecError, read_spec
from pages.parts.base import i18n
from pages.parts.base.formatting import percent
from pages.parts.base.number_text import typed
from pages.parts.base.numerals import GROUPS, LOCALES, listed, signs, written
from pages.parts.widgets.chart import number_locale

LANGUAGES = st.sampled_from(sorted(i18n.LANGUAGES))
FINITE = st.floats(allow_nan=False, allow_infinity=False) | st.floats(1e-12, 1e-3)
FIGURE = re.compile(r"[+]?,?(\.\d+)?[fge%]?")
# They draw: what they format are coordinates.
DRAWINGS = {"borders.py", "network_drawing.py", "pictures.py", "thumbnail.py"}
PAGE_FILES = sorted((i18n.ROOT / "pages").rglob("*.py"))


@given(LANGUAGES, FINITE | st.integers())
def test_all_digits_read_back_as_the_value(language: str, value: float):
    assert typed(type(value), written(value, "", language)) == value


@given(LANGUAGES, st.integers(0))
def test_a_number_with_its_thousands_apart_reads_back_as_the_value(language: str, value: int):
    assert typed(int, written(value, ",", language)) == value


@given(LANGUAGES, FINITE, st.integers(0, 6))
def test_a_rounded_figure_reads_back_as_what_it_was_rounded_to(language: str, value: float, digits: int):
    assert typed(float, written(value, f".{digits}f", language)) == float(f"{value:.{digits}f}")


@given(LANGUAGES, st.integers(-(10**15), 10**15), st.integers(0, 99))
def test_babel_writes_them_so(language: str, whole: int, hundredths: int):
    value = f"{whole}.{hundredths:02}"
    symbols = signs(language)
    babel = format_decimal(value, "#,##0.00", LOCALES[language])
    if language in GROUPS:  # which we write otherwise
        babel = babel.replace(".", GROUPS[language])
    whole_text, _, decimals = babel.partition(symbols.decimal)
    assert written(whole, ",", language).replace("−", "-") == whole_text
    assert f"0{symbols.decimal}{decimals}" == written(hundredths / 100, ".2f", language)


@pytest.mark.parametrize(
    ("value", "format_spec", "english", "spanish"),
    [
        (0.0231, ".4f", "0.0231", "0,0231"),
        (101_200, ",", "101,200", "101\N{NARROW NO-BREAK SPACE}200"),
        (1234.5, ",.1f", "1,234.5", "1\N{NARROW NO-BREAK SPACE}234,5"),
        (-2.5, "+.1f", "−2.5", "−2,5"),
        (0.00001, "", "0.00001", "0,00001"),
        (float("inf"), ".1f", "∞", "∞"),
    ],
)
def test_figures_of_both_languages(value: float, format_spec: str, english: str, spanish: str):
    assert written(value, format_spec, "en") == english
    assert written(value, format_spec, "es") == spanish


@pytest.mark.parametrize(
    ("items", "english", "spanish"),
    [
        ([], "", ""),
        (["16"], "16", "16"),
        (["16", "64"], "16 and 64", "16 y 64"),
        (["16", "32", "64"], "16, 32 and 64", "16, 32 y 64"),
        (["a, 1", "b, 2"], "a, 1; b, 2", "a, 1; b, 2"),
        (["0,1", "0,2", "0,5"], "0,1; 0,2 and 0,5", "0,1; 0,2 y 0,5"),
        (["épocas", "Imágenes"], "épocas and Imágenes", "épocas e Imágenes"),
        (["a", "**hijo**"], "a and **hijo**", "a e **hijo**"),
        (["a", "hielo"], "a and hielo", "a y hielo"),
    ],
)
def test_several_in_one_sentence(items: list[str], english: str, spanish: str):
    assert listed(items, "en") == english
    assert listed(items, "es") == spanish


BREAKABLE = re.compile(r"[\d}] %|\d \d{3}(?!\d)")


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_no_line_ends_within_a_number_or_before_its_percent_sign(language: str):
    catalogue = i18n.read_catalogue(i18n.catalogue_path("es"), "es")
    sources = [message.id for message in catalogue if isinstance(message.id, str)]
    typed_ones = [text for text in sources if "%" in text]
    assert len(typed_ones) > 20
    assert [text for text in sources if BREAKABLE.search(i18n.phrase(text, language))] == []
    assert BREAKABLE.search(percent(0.448)) is None


def test_blanks_of_sentences_are_written_in_the_language_whatever_they_hold():
    sentence = Sentence(
        "{loss} {share} {plain} {n:,}", loss=loss_text(0.0231), share=share_text(0.448), n=5000, plain=0.1
    )
    assert str(sentence) == "0.0231 44.8 % 0.1 5,000"
    spanish = sentence.translated(lambda text: i18n.phrase(text, "es"))
    assert spanish == "0,0231 44,8\N{NO-BREAK SPACE}% 0,1 5\N{NARROW NO-BREAK SPACE}000"
    assert i18n.phrase("{told}", "es").format(told=sentence) == spanish


def test_refusals_write_what_was_given_in_the_language():
    with pytest.raises(SpecError) as refused:
        read_spec({"architecture": "ff_autoencoder", "dropout": 0.95, "learning_rate": 1e-9, "epochs": 2.5})
    sentence = refused.value.translated(lambda text: i18n.phrase(text, "es"))
    assert "puede ser como mucho 0,9; escribiste 0,95." in sentence
    assert "debe ser al menos 0,000001; escribiste 0,000000001." in sentence
    assert "escribiste «2,5»." in sentence


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_charts_have_the_signs_of_the_texts(language: str):
    locale, mine = number_locale(language), signs(language)
    assert (locale["decimal"], locale["thousands"]) == (mine.decimal, mine.group)


def test_no_page_formats_a_figure_by_itself():
    """An f-string knows no language. A blank of a phrase, or `formatting`, does."""
    formatted = [
        f"{path.relative_to(i18n.ROOT)}:{blank.lineno} :{ast.unparse(blank.format_spec)}"
        for path in PAGE_FILES
        if path.name not in DRAWINGS
        for blank in own_figures(path.read_text("utf-8"))
    ]
    assert formatted == []


def test_own_figures_are_found():
    source = 'f"{loss:.4f} {n:,} {share:+.1%} {name} {code:02x} {text:>{width}}"'
    assert [ast.unparse(blank.value) for blank in own_figures(source)] == ["loss", "n", "share"]


def own_figures(source: str) -> list[ast.FormattedValue]:
    return [
        blank
        for blank in ast.walk(ast.parse(source))
        if isinstance(blank, ast.FormattedValue)
        and isinstance(blank.format_spec, ast.JoinedStr)
        and all(isinstance(part, ast.Constant) for part in blank.format_spec.values)
        and FIGURE.fullmatch("".join(part.value for part in blank.format_spec.values))
    ]
