"""Sentences: what is stored comes back, and what is nested is translated too."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.sentences import LabError, Sentence, duration_text

SPANISH = {
    "{label} must be at least {low}; you gave {value}.": "{label}: {value} es menos que {low}.",
    "Learning rate": "Tasa de aprendizaje",
}

plain_values = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
names = st.text(string.ascii_lowercase, min_size=1)
sentences = st.recursive(
    st.builds(Sentence, st.text()),
    lambda inner: st.builds(
        lambda text, values: Sentence(text, **values),
        st.text(),
        st.dictionaries(names.filter(lambda name: name not in ("text", "self")), plain_values | inner),
    ),
    max_leaves=5,
)


@given(sentences)
def test_json_gives_back_the_same_sentence(sentence: Sentence):
    again = Sentence.from_json(sentence.to_json())
    assert again == sentence
    assert hash(again) == hash(sentence)


def test_a_sentence_in_a_blank_is_translated_too():
    sentence = Sentence(
        "{label} must be at least {low}; you gave {value}.",
        label=Sentence("Learning rate"),
        low=1e-6,
        value=0,
    )
    assert str(sentence) == "Learning rate must be at least 1e-06; you gave 0."
    again = Sentence.from_json(sentence.to_json())
    spanish = again.translated(lambda text: SPANISH.get(text, text))
    assert spanish == "Tasa de aprendizaje: 0 es menos que 1e-06."


def test_formats_of_numbers_survive_storage():
    again = Sentence.from_json(Sentence("{count:,} of {limit:,}", count=1475146, limit=20_000_000).to_json())
    assert str(again) == "1,475,146 of 20,000,000"


@pytest.mark.parametrize("value", ["{", "}", "{0}", "{secret}", "%s"])
def test_what_a_learner_typed_is_shown_and_never_interpreted(value: str):
    assert str(Sentence("You gave “{value}”.", value=value)) == f"You gave “{value}”."
    assert str(Sentence("{inner}", inner=Sentence("You gave “{value}”.", value=value))).count(value) == 1


def test_different_sentences_differ():
    assert Sentence("{n}", n=1) != Sentence("{n}", n=2)
    assert Sentence("{n}", n=1) != Sentence("{n} ", n=1)
    assert Sentence("1") != "1"
    assert len({Sentence("a"), Sentence("a"), Sentence("b")}) == 2


def test_an_error_says_its_sentences_in_turn_in_either_language():
    error = LabError(Sentence("First."), Sentence("Second: {n}.", n=2))
    assert str(error) == "First. Second: 2."
    assert (
        error.translated({"First.": "Primero.", "Second: {n}.": "Segundo: {n}."}.get)
        == "Primero. Segundo: 2."
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (12, "12 s"), (200, "3 min"), (5940, "99 min"), (7200, "2 h"), (7500, "2 h 5 min")],
)
def test_a_duration_says_what_people_say(seconds: float, text: str):
    assert str(duration_text(seconds)) == text
