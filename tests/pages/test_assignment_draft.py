"""An assignment as fields hold it: from JSON and back nothing is lost, whatever it is."""

import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.assignments.assignment import SETTABLE
from fmnist_core.assignments.reading import SHIPPED, AssignmentError, read_assignment, read_values, shipped
from fmnist_core.own_report.sections import SECTIONS
from fmnist_core.spec import EncoderSource
from pages.parts.assignment.draft import NUMBERS, PINS, Deadline, Draft, RunDraft, UnshownError, draft_of
from pages.parts.assignment.handing_out import short_example

LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S"), include_characters=" \n\t")
WORDS = st.text(LETTERS, max_size=30).filter(str.strip)
TEXTS = st.one_of(
    WORDS, st.fixed_dictionaries({"es": WORDS, "en": WORDS}), st.fixed_dictionaries({"es": WORDS})
)
ONE_SIZE = st.lists(st.integers(1, 64), min_size=1, max_size=1)
AUTOENCODERS = st.sampled_from(["ff_autoencoder", "conv_autoencoder"])
ENCODERS = st.one_of(
    st.fixed_dictionaries({}, optional={"architecture": AUTOENCODERS, "frozen": st.just(True)}),
    st.just({"origin": "run", "id": "a:b", "frozen": True, "dropout": False}),
    st.just({"origin": "model", "id": "r2-n128"}),
)
NETWORKS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"architecture": AUTOENCODERS}, optional={"hidden_sizes": ONE_SIZE}),
    st.fixed_dictionaries(
        {"architecture": st.just("ff_classifier")},
        optional={
            "hidden_sizes": st.lists(st.integers(1, 512), min_size=1, max_size=4),
            "loss": st.sampled_from(["mse", "cross_entropy"]),
            "task": st.just("classifier"),
            "encoder": st.none(),
        },
    ),
    st.fixed_dictionaries(
        {"architecture": st.just("encoder_classifier")},
        optional={"hidden_sizes": ONE_SIZE, "encoder": ENCODERS},
    ),
)
OTHERS = {
    "dropout": st.one_of(st.floats(0, 0.9), st.just(0)),
    "pooling": st.booleans(),
    "learning_rate": st.one_of(st.floats(1e-6, 10), st.just(1)),
    "batch_size": st.integers(1, 100),
    "epochs": st.integers(1, 500),
    "patience": st.one_of(st.none(), st.integers(1, 100)),
    "train_size": st.integers(100, 40_000),
    "validation_size": st.integers(1, 10_000),
    "scaling": st.sampled_from(["unit", "symmetric", "standard"]),
}
FIXED = st.one_of(
    st.fixed_dictionaries({}, optional=OTHERS),
    st.fixed_dictionaries({"optimizer": st.just("sgd")}, optional={**OTHERS, "momentum": st.floats(0, 0.99)}),
)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@st.composite
def valid(draw: st.DrawFn) -> dict[str, Any]:
    """The values of an assignment that can be done."""
    fixed = draw(FIXED)
    networks = draw(st.lists(NETWORKS, max_size=3))
    named = {*fixed, *(name for network in networks for name in network)}
    others = st.lists(st.sampled_from([*SETTABLE]), max_size=4).map(
        lambda names: [name for name in names if name not in named]
    )
    runs = []
    for network in networks:
        run = {"title": draw(TEXTS), "settings": network}
        optional = {"free": others, "seeds": st.integers(1, 20)}
        if network.get("architecture") == "encoder_classifier":
            optional["encoder"] = st.sampled_from(["untrained", "trained", "frozen"])
        runs.append(run | draw(st.fixed_dictionaries({}, optional=optional)))
    return {
        "title": draw(TEXTS),
        "text": draw(TEXTS),
        "fixed": fixed,
        "free": draw(others),
        "runs": runs,
        "questions": draw(st.lists(TEXTS, max_size=3)),
        **draw(
            st.fixed_dictionaries(
                {"sections": st.lists(st.sampled_from(list(SECTIONS)), min_size=1, max_size=4)},
                optional={
                    "format": st.just(1),
                    "deadline": st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat()),
                    "minutes": st.one_of(st.integers(1, 10_000), st.floats(1, 10_000)),
                    "pins": st.fixed_dictionaries(
                        {}, optional=dict.fromkeys(("charts", "tables", "pictures"), st.integers(0, 20))
                    ),
                },
            )
        ),
    }


def through_fields(values: dict[str, Any]) -> dict[str, Any]:
    return read_values(draft_of(values).to_json())


def assert_the_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    """As assignments, deadlines in the same zone; an encoder whether what is usual is said or not."""
    one, other = (read_assignment(json.dumps(with_whole_encoders(values))) for values in (before, after))
    assert one == other
    assert one.specs == other.specs
    assert one.deadline is None or one.deadline.utcoffset() == other.deadline.utcoffset()


def with_whole_encoders(value: Any) -> Any:
    if isinstance(value, list):
        return [with_whole_encoders(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    whole = {name: with_whole_encoders(inner) for name, inner in value.items()}
    if isinstance(encoder := value.get("encoder"), dict):
        whole["encoder"] = EncoderSource.model_validate(encoder).model_dump()
    return whole


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.json")), ids=lambda path: path.stem)
def test_what_the_lab_offers_goes_through_the_fields_whole(path: Path):
    values = read_values(path.read_bytes())
    assert through_fields(values) == values
    assert_the_same(json.loads(short_example()), through_fields(json.loads(short_example())))


@given(valid())
@settings(max_examples=300, deadline=None)
def test_any_assignment_goes_through_the_fields_whole(values: dict[str, Any]):
    after = through_fields(values)
    assert_the_same(values, after)
    assert draft_of(after) == draft_of(values), "fields, JSON, fields"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    *((name,) for name in ("format", *next(iter(shipped().values())).model_dump())),
    *(("runs", 0, name) for name in ("title", "settings", "free", "encoder", "seeds")),
    *(("runs", 0, "settings", name) for name in SETTABLE),
    *(("runs", 0, "settings", "encoder", name) for name in EncoderSource.model_fields),
    *(("fixed", name) for name in SETTABLE),
    *(("pins", name) for name in ("charts", "tables", "pictures", "maps")),
    ("title", "en"),
    ("title", ""),
    ("questions", 0),
    ("unknown",),
]


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=600, deadline=None)
def test_whatever_stands_anywhere_it_goes_through_whole_or_is_refused(place: tuple, value: Any):
    values = json.loads(short_example())
    values["title"] = {"en": "Mine"}
    values["runs"][0]["settings"]["encoder"] = {}
    within = values
    for part in place[:-1]:
        within = within[part]
    within[place[-1]] = value
    try:
        values = read_values(json.dumps(values))
        after = through_fields(values)
    except AssignmentError:
        return  # a sign that no page can show
    except UnshownError:
        return
    assert outcome(after) == outcome(values) or not value, "only what is empty may go"
    assert through_fields(after) == after


TYPED = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(
        ["", " ", "0", "-1", "1,5", "1.000", "1,,2", "nan", "inf", "1e999", "9" * 5000, "23:59Z"]
    ),
)
SETTINGS = st.dictionaries(st.sampled_from([name for name in SETTABLE if name in NUMBERS]), TYPED)
NO_TEXT = st.just({"": "Text"})
DRAFTS = st.builds(
    Draft,
    title=st.dictionaries(st.sampled_from(["en", "es"]), TYPED),
    text=TYPED.map(lambda text: {"": text}),
    deadline=st.none() | st.builds(Deadline, st.dates(), TYPED, st.sampled_from(["+00:00", "-03:30"])),
    minutes=TYPED,
    fixed=SETTINGS,
    free=st.lists(TYPED, unique=True),
    runs=st.lists(st.builds(RunDraft, NO_TEXT, SETTINGS, st.just([]), st.none() | TYPED, TYPED), max_size=2),
    questions=st.lists(NO_TEXT, max_size=1),
    sections=st.lists(TYPED, unique=True),
    pins=st.fixed_dictionaries(dict.fromkeys(PINS, TYPED)),
)


@given(DRAFTS)
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_into_fields_is_in_the_json_and_opens_in_fields_again(draft: Draft):
    values = read_values(draft.to_json())
    again = draft_of(values).to_json()
    assert outcome(read_values(again)) == outcome(values)
    assert draft_of(read_values(again)).to_json() == again


@pytest.mark.parametrize("typed", ["NaN", "-inf", "1e999"])
def test_a_number_that_json_lacks_stays_as_it_was_typed(typed: str):
    draft = replace(draft_of({"title": "One", "text": "Two"}), minutes=typed)
    assert read_values(draft.to_json())["minutes"] == typed


def outcome(values: dict[str, Any]) -> Any:
    """The assignment that it is, or where its faults are."""
    try:
        return read_assignment(json.dumps(with_whole_encoders(values)))
    except AssignmentError as error:
        return [place for place, _ in error.faults]
    except ValueError:
        return "no encoder"
