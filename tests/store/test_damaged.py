"""What a run keeps as bytes is known again when it is read: one flipped bit, wherever it is, is found."""

import numpy as np
import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core.events import Batches, Snapshot
from fmnist_core.spec import read_spec
from fmnist_core.store import past, schema
from fmnist_core.store.export import zip_run
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import Store
from tests.store.flipped_bits import flip_in

SPEC = read_spec({"architecture": "ff_autoencoder", "epochs": 200})
STATES = {10: b"ten" * 1000, 20: b"twenty" * 1000}


@pytest.fixture
def run_id(store: Store) -> str:
    """A run that cannot be trained again, with a state at batches 10 and 20 and its last at 30."""
    run_id = store.create_run(SPEC, "ada")
    lease = store.claim(run_id)
    for step in (10, 20, 30):
        events = [Batches(step - 9, np.ones(10, np.float32))]
        if step in STATES:
            outputs = np.full((10, 28, 28), step, np.uint8)
            events.append(Snapshot(step, step / 600, outputs, STATES[step]))
        store.write_slice(
            run_id, lease, events, step=step, epoch=0, seconds=step / 10, checkpoint=b"last" * step
        )
    return run_id


def test_what_is_whole_is_read(store: Store, run_id: str):
    assert store.checkpoint(run_id) == b"last" * 30
    assert store.snapshot_state(run_id, 20) == STATES[20]
    assert (store.snapshot_outputs(run_id, 20) == 20).all()
    assert past.nearest_state(store, run_id, 30) == b"last" * 30


@given(place=st.floats(0, 1, exclude_max=True))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_the_last_state_is_found_and_an_older_one_is_at_hand(store, run_id, place):
    flip_in(store, schema.checkpoints.c.state, run_id, place=place)
    try:
        with pytest.raises(Damaged, match="state of this run at batch 30 is damaged"):
            store.checkpoint(run_id)
        with pytest.raises(Damaged):
            zip_run(store, run_id)
        assert past.nearest_state(store, run_id, 30) == STATES[20]
    finally:
        flip_in(store, schema.checkpoints.c.state, run_id, place=place)  # the same bit, back again
    assert store.checkpoint(run_id) == b"last" * 30


def test_a_flipped_bit_in_a_state_of_the_film_is_found_and_an_older_one_given(store: Store, run_id: str):
    flip_in(store, schema.snapshot_states.c.state, run_id, step=20)
    assert store.snapshot_state(run_id, 20) is None
    assert past.nearest_state(store, run_id, 29) == STATES[10]
    flip_in(store, schema.snapshot_states.c.state, run_id, step=10)
    assert past.nearest_state(store, run_id, 29) is None


def test_a_flipped_bit_in_a_frame_is_named_and_other_frames_are_shown(store: Store, run_id: str):
    flip_in(store, schema.snapshots.c.outputs, run_id, step=20)
    with pytest.raises(Damaged, match="frame at batch 20 is damaged"):
        store.snapshot_outputs(run_id, 20)
    assert (store.snapshot_outputs(run_id, 10) == 10).all()


def test_what_was_written_before_there_were_checksums_is_read(store: Store, run_id: str):
    with store.database.writing() as connection:
        for table in (schema.checkpoints, schema.snapshots, schema.snapshot_states):
            connection.execute(sqlalchemy.update(table).values(checksum=None))
    test_what_is_whole_is_read(store, run_id)
