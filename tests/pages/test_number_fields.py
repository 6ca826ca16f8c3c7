"""Whole numbers are typed as people write them, in both languages; what is none is refused, never altered."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import LIMITS, SpecError
from pages.parts.forms.form_values import DEFAULTS, WHOLE_NUMBERS, settled, spec_of, values_of
from pages.parts.forms.number_field import whole_within
from pages.parts.forms.url_state import to_text
from tests.pages.lab_page import enabled_buttons
from tests.source_tree import MODULES

SETTINGS = [name for name in WHOLE_NUMBERS if name in LIMITS]
ROOM = {**DEFAULTS["classifier"], "batch_size": "1", "train_size": "40000"}
MOST = {**LIMITS, "train_size": (100, 55_000)}  # beside 5,000 validation images

settings_and_numbers = some.sampled_from(SETTINGS).flatmap(
    lambda name: some.tuples(some.just(name), some.integers(*MOST[name]))
)


@given(settings_and_numbers, some.sampled_from(["{n}", "{n:,}", " {n:,} ", "{n:_}", "+{n}"]))
def test_a_number_however_typed_is_the_number_that_is_trained(setting: tuple[str, int], way: str):
    name, n = setting
    text = way.format(n=n).replace("_", "." if n % 2 else "\N{NARROW NO-BREAK SPACE}")
    spec = spec_of("classifier", {**ROOM, "early_stopping": name == "patience", name: text}, {})
    assert getattr(spec, name) == n
    assert settled(name, text) == to_text(n) == values_of(spec)[name]


@given(settings_and_numbers, some.sampled_from(",."), some.integers(0, 99))
def test_a_decimal_never_becomes_a_whole_within(setting: tuple[str, int], mark: str, decimals: int):
    name, n = setting
    text = f"{n}{mark}{decimals}"
    with pytest.raises(SpecError) as refusal:
        spec_of("classifier", {**ROOM, "early_stopping": True, name: text}, {})
    assert text in str(refusal.value.fields[name])
    with pytest.raises(LabError):
        whole_within(Sentence("Seed"), text, *LIMITS["seed"])


@given(some.text(max_size=30))
def test_whatever_is_typed_is_a_number_within_the_limits_or_a_sentence(text: str):
    n, sentence = 1, text
    try:
        n = whole_within(Sentence("Epochs"), text, 1, 500)
    except LabError as error:
        sentence = str(error)
    assert 1 <= n <= 500
    assert text[:60] in sentence or (not text.strip() and sentence.startswith("Epochs is empty"))


@pytest.mark.parametrize(
    ("page", "field", "button", "label"),
    [
        ("lab/autoencoder", "ae_epochs", "bar_train", "Epochs"),
        ("lab/autoencoder", "ae_train_size", "bar_train", "Training images"),
        ("lab/sweep", "sa_seeds", "bar_sweep", "Seeds"),
        ("lab/transfer", "tr_epochs", "bar_train", "Epochs"),
    ],
)
@pytest.mark.parametrize("typed", ["1,5", "", "-3", "ten"])
def test_what_is_no_number_stays_as_typed_with_a_sentence_and_nothing_trains(
    visit: Callable[..., AppTest], page: str, field: str, button: str, label: str, typed: str
):
    app = visit(f"pages/{page}.py")
    app.text_input(key=field).set_value(typed).run()
    assert app.text_input(key=field).value == typed, "it stays as typed"
    (refusal,) = app.warning
    assert refusal.value.startswith(label)
    assert typed in refusal.value.replace("\N{MINUS SIGN}", "-")
    assert button not in enabled_buttons(app)


def test_no_page_takes_numbers_from_a_browsers_own_field():
    fields = [name for name, path in MODULES.items() if "number_input(" in path.read_text(encoding="utf-8")]
    assert not [name for name in fields if name.startswith("pages")]
