"""The engine over a store in which rows cannot be read: everything else starts and goes on."""

import json

import pytest

from fmnist_core.engine.engine import Engine
from fmnist_core.store import schema
from fmnist_core.store.runs import NotYours, RunNotFound, Store
from fmnist_core.store.sweeps import Sweeps
from tests.engine.live_runs import SHORT, planned

BEYOND_LIMITS = json.dumps({**json.loads(SHORT.to_json()), "epochs": 501})


@pytest.fixture
def store(own_store: Store) -> Store:
    return own_store


def test_the_engine_takes_up_what_can_be_read_and_deletes_what_cannot(store: Store):
    good, bad = (store.create_run(SHORT, "ana", status="running") for _ in range(2))
    going, stuck = (Sweeps(store).create("ana", name, "sweep", "seed", planned()) for name in "ab")
    with store.database.writing() as connection:
        connection.execute(schema.runs.update().where(schema.runs.c.id == bad).values(spec=BEYOND_LIMITS))
        its_members = schema.members.c.sweep_id == stuck
        connection.execute(schema.members.update().where(its_members).values(spec=BEYOND_LIMITS))
    lab = Engine(store)
    try:
        lab._active_runs.open()
        lab.sweep_queue.open()
        lab.sweep_queue.feed()
        begun = {member.run_id for member in Sweeps(store).sweep(going).members if member.run_id}
        assert {candidate.run_id for candidate in lab._active_runs.candidates()} == {good, *begun}
        assert begun
        assert lab.problem is None
        with pytest.raises(NotYours):
            lab.delete(bad, "ben")
        lab.delete(bad, "ana")
        with pytest.raises(RunNotFound):
            store.run(bad)
    finally:
        lab.close()
