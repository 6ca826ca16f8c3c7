"""Sweeps as data: what is begun, in which order, and never twice; on SQLite and on a real Postgres."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from fmnist_core.spec import read_spec
from fmnist_core.store.runs import NotYours, Store
from fmnist_core.store.sweeps import SweepNotFound, Sweeps

SPEC = read_spec({"architecture": "ff_autoencoder"})
PLANNED = [(SPEC.changed(dropout=p, seed=seed), f"p {p}, {seed}") for seed in (0, 1) for p in (0.1, 0.5)]


@pytest.fixture
def sweeps(store):
    return Sweeps(store)


def start(sweeps: Sweeps, learner: str = "ada") -> str:
    return sweeps.create(learner, "My sweep", "sweep", "dropout", PLANNED)


def test_members_begin_in_their_order_as_queued_runs(sweeps):
    sweep_id = start(sweeps)
    begun = [sweeps.begin_next(sweep_id) for _ in PLANNED]
    assert sweeps.begin_next(sweep_id) is None
    runs = [sweeps.store.run(run_id) for run_id in begun]
    assert [(run.spec, run.name) for run in runs] == PLANNED
    assert {(run.learner, run.status) for run in runs} == {("ada", "queued")}
    sweep = sweeps.sweep(sweep_id)
    assert [member.run_id for member in sweep.members] == begun
    assert (sweep.name, sweep.kind, sweep.varied, sweep.has_more) == ("My sweep", "sweep", "dropout", False)
    assert sweeps.run_ids("ada") == set(begun)
    assert sweeps.run_ids("bob") == set()


def test_two_who_feed_one_sweep_begin_no_member_twice(sweeps):
    sweep_id = start(sweeps)

    def feed(mine: Sweeps) -> list[str]:
        return list(iter(partial(mine.begin_next, sweep_id), None))

    others = [Store(sweeps.store.url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        begun = [run_id for theirs in threads.map(feed, map(Sweeps, others)) for run_id in theirs]
    for other in others:
        other.close()
    assert len(begun) == len(set(begun)) == len(PLANNED)
    assert len(sweeps.store.runs()) == len(PLANNED)


def test_a_paused_sweep_begins_nothing_and_goes_on_with_what_it_held(sweeps):
    sweep_id = start(sweeps)
    first, second = sweeps.begin_next(sweep_id), sweeps.begin_next(sweep_id)
    sweeps.store.set_status(first, "finished")
    sweeps.store.set_status(second, "paused")
    sweeps.set_status(sweep_id, "paused", hold=[second])
    assert sweeps.begin_next(sweep_id) is None
    assert sweeps.going() == []
    sweeps.set_status(sweep_id, "going")
    assert [sweep.id for sweep in sweeps.going()] == [sweep_id]
    assert sweeps.begin_next(sweep_id) == second
    assert sweeps.store.run(second).status == "queued"
    assert sweeps.begin_next(sweep_id) not in (first, second, None)


@pytest.mark.parametrize("gone", ["deleted", "resumed by hand"])
def test_a_held_run_that_is_no_longer_at_rest_is_left_alone(sweeps, gone: str):
    sweep_id = start(sweeps)
    held = sweeps.begin_next(sweep_id)
    sweeps.store.set_status(held, "paused")
    sweeps.set_status(sweep_id, "paused", hold=[held])
    if gone == "deleted":
        sweeps.store.delete(held)
    else:
        sweeps.store.set_status(held, "running")
    sweeps.set_status(sweep_id, "going")
    following = sweeps.begin_next(sweep_id)
    assert following != held
    assert sweeps.store.run(following).spec == PLANNED[1][0]
    first = sweeps.sweep(sweep_id).members[0]
    assert first.stage == "begun"
    assert first.is_deleted == (gone == "deleted")


def test_a_deleted_run_stays_a_member_without_a_run(sweeps):
    sweep_id = start(sweeps)
    sweeps.store.delete(sweeps.begin_next(sweep_id))
    first, second, *_ = sweeps.sweep(sweep_id).members
    assert (first.run_id, first.is_deleted, first.spec) == (None, True, PLANNED[0][0])
    assert not second.is_deleted
    assert sweeps.store.run(sweeps.begin_next(sweep_id)).spec == PLANNED[1][0]


def test_only_their_learner_may_change_them_and_unknown_ones_are_a_sentence(sweeps):
    sweep_id = start(sweeps)
    assert sweeps.own_sweep(sweep_id, "ada").id == sweep_id
    with pytest.raises(NotYours, match="another learner"):
        sweeps.own_sweep(sweep_id, "bob")
    for wrong in ("nonsense", "", "a'; --", "ß" * 12, "\0"):
        with pytest.raises(SweepNotFound, match="nothing here"):
            sweeps.sweep(wrong)


def test_they_are_listed_newest_first(sweeps):
    first, second = start(sweeps), start(sweeps)
    sweeps.create("ada", "A race", "race", "encoder", PLANNED[:1])
    start(sweeps, "bob")
    assert [sweep.id for sweep in sweeps.of_learner("ada", "sweep")] == [second, first]
    assert [sweep.kind for sweep in sweeps.of_learner("ada", "race")] == ["race"]
