"""Rows that cannot be read: named with the reason, in nobody's way, deletable."""

import json
from typing import Any

import pytest

from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.runs import NotYours, RunNotFound, Store
from fmnist_core.store.status import OPEN
from fmnist_core.store.sweeps import Sweeps

SPEC = read_spec({"architecture": "ff_classifier"})
BEYOND_LIMITS = json.dumps({**json.loads(SPEC.to_json()), "epochs": 501})
SENTENCE = "This version of the lab cannot read this: "


def spoil(store: Store, run_id: str, **columns: Any) -> None:
    with store.database.writing() as connection:
        connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(**columns))


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"spec": BEYOND_LIMITS}, "Epochs can be at most 500; you gave 501."),
        ({"spec": "{"}, "This is not valid JSON"),
        ({"spec": "[]"}, "A spec is a JSON object"),
        ({"reason": "not JSON"}, "its row in the database is damaged."),
        ({"reason": "7"}, "its row in the database is damaged."),
        ({"notice": '{"words": 1}'}, "its row in the database is damaged."),
        ({"status": "dreaming"}, "its row in the database is damaged."),
    ],
    ids=["limits", "no JSON", "no object", "reason", "number", "notice", "status"],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_go_on(
    store: Store, columns: dict[str, Any], fault: str
):
    good, bad = (store.create_run(SPEC, "ada", name, status="running") for name in ("good", "bad"))
    others = store.create_run(SPEC, "ben", status="running")
    spoil(store, bad, **columns)
    assert [run.id for run in store.runs("ada")] == [good]
    assert {run.id for run in store.runs(statuses=OPEN)} == {good, others}
    assert [run.id for run in store.runs(ids=[good, bad])] == [good]
    (unreadable,) = store.unreadable_runs("ada")
    assert (unreadable.id, unreadable.learner, unreadable.name) == (bad, "ada", "bad")
    assert unreadable.created >= store.run(good).created
    assert str(unreadable.reason).startswith(SENTENCE)
    assert fault in str(unreadable.reason)
    assert store.unreadable_runs("ben") == []
    for attempt in (store.run, lambda run_id: store.own_run(run_id, "ada")):
        with pytest.raises(Unreadable) as refused:
            attempt(bad)
        assert refused.value.sentence == unreadable.reason
    with pytest.raises(NotYours):
        store.check_owner(bad, "ben")
    store.check_owner(bad, "ada")
    store.delete(bad)
    assert store.unreadable_runs("ada") == []
    with pytest.raises(RunNotFound):
        store.run(bad)
    assert [run.id for run in store.runs("ada")] == [good]


def test_damaged_test_figures_are_named_though_lists_do_without_them(store: Store):
    run_id = store.create_run(SPEC, "ada")
    spoil(store, run_id, test_confusion=b"short")
    assert [run.id for run in store.runs("ada")] == [run_id]
    assert [run.id for run in store.unreadable_runs("ada")] == [run_id]
    with pytest.raises(Unreadable, match="damaged"):
        store.run(run_id)


def test_its_metrics_can_still_be_read(store: Store):
    run_id = store.create_run(SPEC, "ada")
    epoch = Epoch(1, 10, 1.0, 1.0, 1.0, 0.5, 0.5, None, 0.1, 1.0)
    store.write_slice(run_id, store.claim(run_id), [epoch], step=10, epoch=1, seconds=1.0)
    spoil(store, run_id, spec=BEYOND_LIMITS)
    assert store.epochs(run_id) == [epoch]


def test_a_sweep_that_cannot_be_read_is_in_no_others_way(store: Store):
    sweeps = Sweeps(store)
    good, bad = (sweeps.create("ada", name, "sweep", "seed", [(SPEC, "1")]) for name in ("good", "bad"))
    with store.database.writing() as connection:
        mine = schema.members.c.sweep_id == bad
        connection.execute(schema.members.update().where(mine).values(spec=BEYOND_LIMITS))
    assert [sweep.id for sweep in sweeps.going()] == [good]
    assert [sweep.id for sweep in sweeps.of_learner("ada", "sweep")] == [good]
    with pytest.raises(Unreadable, match="501"):
        sweeps.sweep(bad)
    assert sweeps.begin_next(good) is not None
