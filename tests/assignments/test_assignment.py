"""Assignments as files: what is let in, what is refused in which words, which runs count."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.assignments.assignment import Assignment, in_language
from fmnist_core.assignments.reading import MOST_BYTES, AssignmentError, read_assignment, shipped
from fmnist_core.spec import read_spec

LEAST = {"title": "Dropout", "text": "Try it.", "questions": ["What does it change?"]}
RUN = {"title": "With dropout", "settings": {"dropout": 0.2}}
FIXED = {"architecture": "ff_classifier", "epochs": 5}


def assignment(**more) -> Assignment:
    return read_assignment(json.dumps({**LEAST, **more}))


def test_what_is_pasted_from_elsewhere_is_read():
    read = assignment(text="100\u00a0% of 10\u202f000\r\n\tcode \U0001f468\u200d\U0001f469")
    assert in_language(read.text, "en") == "100\u00a0% of 10\u202f000\n\tcode \U0001f468\u200d\U0001f469"


def test_what_is_named_twice_counts_once():
    read = assignment(free=["dropout", "epochs", "dropout"], sections=["notes", "notes"])
    assert (read.free, read.sections) == (("dropout", "epochs"), ("notes",))


def test_all_faults_are_known_with_their_places_and_the_first_few_are_said():
    values = {**LEAST, "questions": ["", "Why?", *[""] * 7]}
    with pytest.raises(AssignmentError) as caught:
        read_assignment(json.dumps(values))
    assert [place for place, _ in caught.value.faults] == [("questions", k) for k in (0, *range(2, 9))]
    assert len(caught.value.sentences) == 5


def test_the_least_that_is_one():
    read = assignment()
    assert in_language(read.title, "es") == "Dropout"
    assert read.minutes is read.deadline is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"extra": 1}, "There is no setting named “extra”"),
        ({"title": ""}, "At title: This is empty"),
        ({"title": "x" * 500}, "At title: This has 500 characters"),
        ({"title": "a\u0007b"}, "cannot be seen"),
        ({"title": {"fr": "Titre"}}, "At title: Language can be en, es; you gave “fr”"),
        ({"title": {"": "Title", "en": "Title"}}, "At title: Language can be en, es; you gave “”"),
        ({"text": 3}, "At text"),
        ({"format": 2}, "format can be 1"),
        ({"deadline": "tomorrow"}, "At deadline: A deadline is a date and a time with its zone"),
        ({"deadline": "2026-12-18T23:59"}, "with its zone"),
        ({"deadline": 7}, "with its zone"),
        ({"minutes": 0}, "minutes must be at least 1"),
        ({"minutes": "much"}, "minutes must be a number"),
        ({"sections": ["preface"]}, "Section can be abstract"),
        ({"questions": []}, "It asks for nothing"),
        ({"pins": {"charts": -1}}, "At pins › charts: charts must be at least 0"),
        ({"pins": {"maps": 1}}, "There is no setting named “maps”"),
        ({"runs": [{**RUN, "seeds": 0}]}, "At runs › 1 › seeds: seeds must be at least 1"),
        (
            {"runs": [{**RUN, "settings": {"dropout": 2}}]},
            "At runs › 1 › settings › dropout: The run “With dropout” cannot be trained: Dropout",
        ),
        (
            {"runs": [{**RUN, "settings": {"drop": 2}}]},
            "At runs › 1 › settings › drop: An assignment cannot set “drop”",
        ),
        (
            {"runs": [RUN], "fixed": {"momentum": 0.5}},
            "At fixed › momentum: The run “With dropout” cannot be trained: Momentum belongs to SGD",
        ),
        ({"runs": [RUN], "free": ["colour"]}, "At free › colour: An assignment cannot set “colour”"),
        ({"fixed": {"nonsense": 1}}, "An assignment cannot set “nonsense”"),
        ({"fixed": {"seed": 3}}, "An assignment cannot set “seed”"),
        ({"fixed": {"epochs": -5}}, "cannot be trained"),
        ({"runs": [{**RUN, "free": ["dropout"]}]}, "At runs › 1 › free › dropout: “dropout” is both"),
        ({"runs": [RUN], "free": ["dropout"]}, "At runs › 1 › settings › dropout: “dropout” is both"),
        (
            {"fixed": {"epochs": 5}, "free": ["epochs"], "runs": [RUN]},
            "At free › epochs: “epochs” is both fixed and free",
        ),
        (
            {"runs": [{**RUN, "encoder": "trained"}]},
            "At runs › 1 › encoder: Only the classifier on an encoder takes an encoder",
        ),
        ({"runs": [{**RUN, "encoder": "good"}]}, "encoder can be untrained"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(more: dict, said: str):
    with pytest.raises(AssignmentError, match=re.escape(said)):
        assignment(**more)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON: it is nested too deep."),
        (b"\xff\xfe", "not written in UTF-8"),
        ('"\\ud800"', "not written in UTF-8"),
        ("[1]", "is a JSON object"),
        ("{}", "The setting “title” is missing"),
        ("x" * (MOST_BYTES + 1), "has more than"),
        (json.dumps({"a": list(range(5000))}), "far more values"),
        ('{"title": NaN}', "“NaN” is no number that an assignment can hold"),
        ('{"minutes": -Infinity}', "“-Infinity” is no number"),
        ('{"minutes": 1e999}', "“1e999” is no number"),
        (f'{{"minutes": {"1" * 5000}}}', "is no number"),
        (
            '{"title": true}',
            "At title: This must be text in quotes, or one text a language; you gave “true”.",
        ),
        ('{"title": {"": null}}', "At title: title must be text in quotes; you gave “null”."),
        ('{"questions": [3]}', "At questions › 1: This must be text in quotes"),
    ],
)
def test_what_is_no_assignment_is_a_sentence(content: str | bytes, said: str):
    with pytest.raises(AssignmentError, match=re.escape(said)):
        read_assignment(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(Assignment.model_fields)), JSON)
@settings(max_examples=300)
def test_whatever_stands_in_a_field_it_is_read_or_refused(field: str, value: object):
    try:
        read = read_assignment(json.dumps({**LEAST, field: value}))
    except AssignmentError:
        return
    assert read_assignment(read.to_json()) == read


@pytest.mark.parametrize("name", sorted(shipped()))
def test_those_that_the_lab_ships_are_whole_in_both_languages(name: str):
    read = shipped()[name]
    assert len(read.specs) == len(read.runs) > 0
    for texts in (read.title, read.text, *read.questions, *(run.title for run in read.runs)):
        assert set(texts) == {"en", "es"}
    assert read_assignment(read.to_json()) == read


def test_a_run_counts_with_the_settings_fixed_and_the_labs_own_and_any_that_are_free():
    read = assignment(fixed=FIXED, free=["learning_rate"], runs=[RUN])
    (asked,) = read.specs
    assert (asked.dropout, asked.epochs, asked.batch_size) == (0.2, 5, 100)
    assert read.misfits(read.runs[0], asked.changed(seed=7, learning_rate=0.5)) == []
    assert read.misfits(read.runs[0], asked.changed(dropout=0.1, epochs=6)) == ["dropout", "epochs"]
    assert read.misfits(read.runs[0], read_spec({"architecture": "conv_classifier"})) == ["architecture"]


def test_where_the_optimizer_is_free_its_momentum_is_still_the_labs_own():
    read = assignment(fixed={"architecture": "ff_classifier"}, free=["optimizer"], runs=[RUN])
    (asked,) = read.specs
    assert read.misfits(read.runs[0], asked.changed(optimizer="sgd")) == []
    assert read.misfits(read.runs[0], asked.changed(optimizer="sgd", momentum=0.9)) == ["momentum"]


@pytest.mark.parametrize("learned", ["untrained", "trained", "frozen"])
def test_an_encoder_counts_by_what_it_has_learned(learned: str):
    read = assignment(
        fixed={"architecture": "encoder_classifier"}, runs=[{"title": "On it", "encoder": learned}]
    )
    source = {"architecture": "conv_autoencoder"}
    encoders = {
        "untrained": source,
        "trained": {**source, "origin": "run", "id": "r" * 12},
        "frozen": {**source, "origin": "model", "id": "r2-n128", "frozen": True},
    }
    for kind, encoder in encoders.items():
        spec = read.specs[0].changed(encoder=encoder)
        assert read.misfits(read.runs[0], spec) == ([] if kind == learned else ["encoder"])
    other = read.specs[0].changed(encoder={**encoders[learned], "architecture": "ff_autoencoder"})
    assert read.misfits(read.runs[0], other) == ["encoder"]
