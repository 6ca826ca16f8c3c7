"""A number written as text reads back as the same number; typed with a comma or a point, it is understood."""

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.events import Epoch
from fmnist_core.spec import LIMITS, read_spec
from fmnist_core.store.export import history_csv
from pages.parts.base.formatting import in_full
from pages.parts.base.number_text import canonical, typed
from pages.parts.base.numerals import exact
from pages.parts.base.spec_words import words
from pages.parts.forms.controls import BATCH_SIZES, LEARNING_RATES
from pages.parts.run.status import summary


@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(1e-12, 1e-3) | st.integers())
def test_text_reads_back_as_the_number(value: float):
    assert typed(type(value), exact(value)) == value
    assert type(value)(exact(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_numbers_never_have_one_text(one: float, other: float):
    assert (exact(one) == exact(other)) == (one == other and math.copysign(1, one) == math.copysign(1, other))


@pytest.mark.parametrize("text", [*LEARNING_RATES, *BATCH_SIZES])
def test_the_lists_of_the_form_hold_texts_as_they_are_written(text: str):
    assert exact(float(text)) == text


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (float, "0,002", 0.002),
        (float, " ,5 ", 0.5),
        (float, "1e-3", 0.001),
        (float, "2,5e-4", 0.00025),
        (float, "−1", -1.0),
        (int, "20.000", 20_000),
        (int, "20,000", 20_000),
        (int, "20\N{NARROW NO-BREAK SPACE}000", 20_000),
        (int, "1 000 000", 1_000_000),
        (int, "64", 64),
    ],
)
def test_numbers_as_people_type_them(kind: type, text: str, value: float):
    assert typed(kind, text) == value
    assert type(typed(kind, text)) is kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (float, "1.000,5"),
        (float, "1,000.5"),
        (float, "1,2,3"),
        (float, "fast"),
        (float, ""),
        (int, "1,5"),
        (int, "1.5"),
        (int, "1.000,000"),
        (int, "024"),
        (int, "9" * 5000),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_stays_text(kind: type, text: str):
    assert typed(kind, text) == text
    assert canonical(kind, text) == text


@given(st.sampled_from(["learning_rate", "dropout", "momentum"]).flatmap(lambda n: st.floats(*LIMITS[n])))
def test_a_comma_reads_as_the_point(value: float):
    assert typed(float, exact(value).replace(".", ",")) == value
    assert canonical(float, repr(value)) == exact(value)


FLOATS = ("dropout", "momentum", "learning_rate")


@given(st.sampled_from(FLOATS).flatmap(lambda name: st.tuples(st.just(name), st.floats(*LIMITS[name]))))
def test_tables_captions_and_exports_show_a_setting_exactly(setting: tuple[str, float]):
    name, value = setting
    spec = read_spec({"architecture": "ff_autoencoder", "optimizer": "sgd", name: value})
    assert typed(float, words(name, value)) == value
    assert f" {in_full(value)}" in f" {summary(spec)} " or (name == "momentum" and not value)
    assert getattr(read_spec(spec.to_json()), name) == value
    epoch = Epoch(1, 1, 1.0, 1.0, None, None, None, None, learning_rate=value, seconds=1.0)
    (row,) = csv.DictReader(history_csv(spec, [epoch]).splitlines())
    assert float(row["learning_rate"]) == value
