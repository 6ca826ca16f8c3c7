"""Assignments in the store, and how far a learner is with one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from fmnist_core.assignments.handed_out import AssignmentNotFound, Assignments, Taken
from fmnist_core.assignments.reading import read_assignment, shipped
from fmnist_core.assignments.standing import standing
from fmnist_core.own_report import pin
from fmnist_core.own_report.report import answer_key
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Store

SMALL = {"architecture": "ff_classifier", "hidden_sizes": [8], "epochs": 1}
ASSIGNMENT = read_assignment(
    json.dumps(
        {
            "title": "Dropout",
            "text": "Try it.",
            "minutes": 2,
            "fixed": SMALL,
            "runs": [
                {"title": "Without", "settings": {"dropout": 0.0}},
                {"title": "With", "settings": {"dropout": 0.2}, "seeds": 2},
            ],
            "questions": ["What changes?"],
            "sections": ["results"],
            "pins": {"tables": 1},
        }
    )
)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def finish(store: Store, seconds: float = 30.0, **settings) -> str:
    run_id = store.create_run(read_spec({**SMALL, **settings}), "ana")
    with store.database.writing() as connection:
        values = {"status": "finished", "seconds": seconds}
        connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(**values))
    return run_id


def test_what_is_handed_out_is_found_by_whoever_has_its_name(store: Store):
    id = Assignments(store, "lecturer").hand_out(ASSIGNMENT)
    ana = Assignments(store, "ana")
    assert ana.find(id) == ASSIGNMENT
    assert ana.taken() is None
    ana.take(id)
    taken = ana.taken()
    assert (taken.id, taken.assignment) == (id, ASSIGNMENT)
    ana.take(id)
    assert ana.taken() == taken, "its beginning stays"
    ana.take("feed-forward-autoencoder")
    assert ana.taken().assignment == shipped()["feed-forward-autoencoder"]
    ana.give_back(id)
    assert ana.taken() is not None, "another one is left alone"
    ana.give_back("feed-forward-autoencoder")
    assert ana.taken() is None
    assert Assignments(store, "ben").taken() is None


@pytest.mark.parametrize("id", ["", "no such", "../x", "x" * 500, "{id}"])
def test_a_name_of_none_is_a_sentence_and_takes_nothing(store: Store, id: str):
    ana = Assignments(store, "ana")
    ana.take("feed-forward-autoencoder")
    with pytest.raises(AssignmentNotFound, match="There is no assignment"):
        ana.take(id)
    assert ana.taken().id == "feed-forward-autoencoder"


def test_one_that_this_version_cannot_read_is_a_sentence(store: Store):
    id = Assignments(store, "lecturer").hand_out(ASSIGNMENT)
    with store.database.writing() as connection:
        connection.execute(update(schema.assignments).values(content='{"format": 9}'))
    ana = Assignments(store, "ana")
    with pytest.raises(AssignmentNotFound, match="format can be 1"):
        ana.find(id)


def test_one_that_cannot_be_read_any_more_makes_way_for_another(store: Store):
    ana = Assignments(store, "ana")
    ana.take(Assignments(store, "lecturer").hand_out(ASSIGNMENT))
    with store.database.writing() as connection:
        connection.execute(update(schema.assignments).values(content='{"format": 9}'))
    with pytest.raises(AssignmentNotFound):
        ana.taken()
    ana.take("feed-forward-autoencoder")
    assert ana.taken().id == "feed-forward-autoencoder"


def test_parts_are_done_one_by_one(store: Store):
    taken = Taken("one", ASSIGNMENT, datetime.now(UTC) - timedelta(seconds=1))
    report = OwnReport(store, "ana")

    def now(taken: Taken = taken):
        return standing(taken, store.runs("ana"), report.read())

    assert now().parts == [False] * 5
    finish(store, dropout=0.0)
    assert now().parts == [True, False, False, False, False]
    finish(store, dropout=0.2)
    assert not now().runs[1].is_done, "one seed of two"
    finish(store, dropout=0.2)
    assert not now().runs[1].is_done, "the same seed again"
    finish(store, dropout=0.2, seed=1)
    assert now().runs[1].is_done
    report.pin(pin.table(["a"], [["1"]]), "a table", [])
    report.write("results", "words", 0)
    report.write(answer_key("one", 1), "Much.", 0, "What changes?")
    assert now().parts == [True] * 5
    assert [(a.heading, a.text) for a in report.read().answers] == [("What changes?", "Much.")]
    assert report.read().filled_sections == ["results"]
    other = Taken("another", ASSIGNMENT, taken.since)
    assert now(other).questions == (False,), "another assignment has answers of its own"
    report.write(answer_key("another", 1), "Little.", 0, "What changes here?")
    assert report.read().text(answer_key("one", 1)).text == "Much."
    assert len(report.read().answers) == 2


def test_the_nearest_run_says_what_keeps_it_from_counting(store: Store):
    since = datetime.now(UTC)
    finish(store, dropout=0.5, batch_size=50)
    nearest = finish(store, dropout=0.5)
    finish(store, architecture="conv_classifier")
    there = standing(Taken("one", ASSIGNMENT, since), store.runs("ana"), None).runs[0]
    assert (there.nearest.id, there.misfits) == (nearest, ("dropout",))
    assert there.counting == ()


def test_only_what_was_trained_since_it_was_taken_is_of_the_budget(store: Store):
    finish(store, seconds=1000.0)
    since = datetime.now(UTC) + timedelta(seconds=1)
    assert standing(Taken("one", ASSIGNMENT, since), store.runs("ana"), None).seconds == 0
    stand = standing(Taken("one", ASSIGNMENT, since - timedelta(hours=1)), store.runs("ana"), None)
    assert (stand.seconds, stand.budget, stand.is_over_budget) == (1000.0, 120.0, True)


def test_a_stopped_run_neither_counts_nor_is_under_way(store: Store):
    run_id = finish(store, dropout=0.0)
    with store.database.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(status="stopped"))
    there = standing(Taken("one", ASSIGNMENT, datetime.now(UTC)), store.runs("ana"), None).runs[0]
    assert (there.counting, there.under_way) == ((), ())
