"""The store's laws, on SQLite and on a real Postgres: what goes in comes out, whole or not at all."""

import dataclasses
import math
import re
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import psycopg
import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist_core.events import Batches, Epoch, Finished, Notice, Snapshot
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LearningRateChange, read_spec
from fmnist_core.store import database, past, schema, snapshots
from fmnist_core.store.loss_curve import CAPACITY, empty
from fmnist_core.store.runs import DiskFull, NotYours, RunNotFound, StaleLease, Store, StoreError
from tests.store.processes import process, runs_seen_at_once

AUTOENCODER = read_spec({"architecture": "ff_autoencoder", "epochs": 200})
CLASSIFIER = read_spec({"architecture": "ff_classifier"})
TABLES = (
    schema.epochs,
    schema.batches,
    schema.curves,
    schema.checkpoints,
    schema.snapshots,
    schema.snapshot_states,
)
few = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(store: Store, run_id: str) -> dict[str, int]:
    """How many rows each table holds of a run, asked of the database itself."""
    engine = sqlalchemy.create_engine(store.url)
    count = sqlalchemy.func.count()
    with engine.connect() as connection:
        counts = {
            table.name: connection.execute(
                sqlalchemy.select(count).select_from(table).where(table.c.run_id == run_id)
            ).scalar_one()
            for table in TABLES
        }
    engine.dispose()
    return counts


# What a trainer might report


def batches(first: int, count: int) -> Batches:
    """Losses that tell which batch they are of."""
    return Batches(first, (1000.0 / np.arange(first, first + count)).astype(np.float32))


def epoch(number: int, step: int, matrix: bool = False) -> Epoch:
    confusion = np.arange(100).reshape(10, 10) * number if matrix else None
    accuracy = 0.5 if matrix else None
    return Epoch(
        number, step, 1 / number, 0.9 / number, 1.1 / number, accuracy, accuracy, confusion, 0.01, 2.5
    )


def frame(step: int, state: bytes = b"state") -> Snapshot:
    return Snapshot(step, step / 100, np.full((10, 28, 28), step % 256, dtype=np.uint8), state)


def write(store: Store, run_id: str, lease: int, events: list, step: int, **more) -> None:
    store.write_slice(run_id, lease, events, step=step, epoch=step // 100, seconds=step / 10, **more)


def same(a: Epoch, b: Epoch) -> bool:
    return repr(dataclasses.asdict(a)) == repr(dataclasses.asdict(b))


# Runs


def test_a_new_run_comes_back_as_it_was_made(store: Store):
    before = datetime.now(UTC)
    run_id = store.create_run(CLASSIFIER, "ada", "Größe “64” — 大")
    run = store.run(run_id)
    assert re.fullmatch("[A-Za-z0-9]{12}", run_id)
    assert (run.id, run.learner, run.name, run.status) == (run_id, "ada", "Größe “64” — 大", "queued")
    assert run.spec == CLASSIFIER
    assert run.created.utcoffset() == timedelta(0)
    assert before <= run.created <= datetime.now(UTC)
    assert (run.epoch, run.step, run.seconds, run.lease) == (0, 0, 0.0, 0)
    assert (run.reason, run.notice, run.parent, run.test_loss, run.test_confusion) == (None,) * 5


def test_runs_are_listed_newest_first_by_learner_and_status(store: Store):
    ids = [store.create_run(CLASSIFIER, learner) for learner in ("ada", "bob", "ada", "ada")]
    store.set_status(ids[2], "running")
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in store.runs("ada")] == [ids[3], ids[2], ids[0]]
    assert [run.id for run in store.runs("ada", ["queued", "paused"])] == [ids[3], ids[0]]
    assert store.runs("ada", []) == []
    assert store.runs(statuses=["running"]) == [store.run(ids[2])]


def test_only_the_owner_gets_a_run_to_change(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    assert store.own_run(run_id, "ada") == store.run(run_id)
    with pytest.raises(NotYours, match="belongs to another learner"):
        store.own_run(run_id, "bob")


def test_a_run_that_is_not_there_is_refused(store: Store):
    store.create_run(CLASSIFIER, "ada")
    attempts = [
        store.run,
        lambda run_id: store.own_run(run_id, "ada"),
        lambda run_id: store.set_status(run_id, "paused"),
        lambda run_id: store.set_spec(run_id, CLASSIFIER),
        lambda run_id: store.rename(run_id, "new"),
        store.delete,
        store.claim,
        lambda run_id: store.rewind(run_id, 0),
        lambda run_id: store.create_run(CLASSIFIER, "ada", parent=run_id),
        lambda run_id: write(store, run_id, 0, [], 0),
    ]
    for run_id in ["abcdefghijkl", "", "x", "a" * 500, "\x00" * 12, "\ud800", "' OR 1=1 --"]:
        for attempt in attempts:
            with pytest.raises(RunNotFound, match="There is no run"):
                attempt(run_id)
    assert len(store.runs()) == 1


def test_names_are_one_visible_line(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada", "  \x00\n ")
    assert store.run(run_id).name == "ff_classifier 128-64"
    store.rename(run_id, " my\trun\x00\u2028 \ud800! " + "x" * 100)
    assert store.run(run_id).name == "my run ! " + "x" * 71
    for unseen in (" \n", "\u200d\u202e\u2069", "\ufe0f\N{COMBINING ACUTE ACCENT}"):
        with pytest.raises(StoreError, match="needs a name"):
            store.rename(run_id, unseen)


@pytest.mark.parametrize(
    "name",
    [
        "می\u200cخواهم",
        "🧑\u200d🔬 1",
        "a\u202eb",
        "עברית\u200f!",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "50\u202f000",
    ],
)
def test_a_name_keeps_what_joins_and_directs_its_letters(store: Store, name: str):
    assert store.run(store.create_run(CLASSIFIER, "ada", name)).name == name


def test_status_reason_and_spec_can_be_set(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    reason = Sentence("The worker ran out of memory at batch {step}.", step=7)
    store.set_status(run_id, "failed", reason)
    store.set_spec(run_id, CLASSIFIER.changed(epochs=20))
    run = store.run(run_id)
    assert (run.status, run.reason, run.spec.epochs) == ("failed", reason, 20)
    store.set_status(run_id, "running")
    assert store.run(run_id).reason is None
    with pytest.raises(ValueError, match="not a status"):
        store.set_status(run_id, "resting")


def test_the_learning_rate_is_that_of_the_next_batch(store: Store):
    changes = [LearningRateChange(step=10, learning_rate=0.5), LearningRateChange(step=20, learning_rate=0.1)]
    spec = AUTOENCODER.changed(learning_rate=1.0, learning_rate_changes=tuple(changes))
    run_id = store.create_run(spec, "ada")
    lease = store.claim(run_id)
    assert store.run(run_id).spec.learning_rate_changes == tuple(changes)
    for step, rate in [(0, 1.0), (9, 1.0), (10, 0.5), (19, 0.5), (20, 0.1), (500, 0.1)]:
        write(store, run_id, lease, [], step)
        assert store.run(run_id).learning_rate == rate


def test_deleting_a_run_leaves_nothing_of_it_and_spares_its_branches(store: Store):
    run_id, other = store.create_run(CLASSIFIER, "ada"), store.create_run(CLASSIFIER, "ada")
    branch = store.create_run(CLASSIFIER, "bob", parent=run_id, parent_step=3)
    assert (store.run(branch).parent, store.run(branch).parent_step) == (run_id, 3)
    for some in (run_id, other):
        events = [batches(1, 100), epoch(1, 100, matrix=True), frame(0), frame(100)]
        write(store, some, store.claim(some), events, 100, checkpoint=b"state")
    assert all(rows_of(store, run_id).values())
    store.delete(run_id)
    assert not any(rows_of(store, run_id).values())
    assert all(rows_of(store, other).values())
    assert {run.id for run in store.runs()} == {other, branch}
    assert store.run(branch).parent is None
    with pytest.raises(RunNotFound):
        write(store, run_id, 1, [batches(101, 1)], 101)


def test_a_deleted_run_gives_its_space_back(sqlite_url: str, tmp_path: Path):
    store = Store(sqlite_url)
    run_id = store.create_run(CLASSIFIER, "ada")
    write(store, run_id, store.claim(run_id), [], 1, checkpoint=bytes(20_000_000))
    store.close()
    full = (tmp_path / "lab.db").stat().st_size
    store = Store(sqlite_url)
    store.delete(run_id)
    store.close()
    assert full > 20_000_000
    assert (tmp_path / "lab.db").stat().st_size < 1_000_000


# Slices


def test_a_slice_comes_back_whole(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    events = [
        batches(1, 60),
        batches(61, 40),
        epoch(1, 100, matrix=True),
        frame(0, b"first"),
        Snapshot(100, 1.0, np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10), b"last"),
    ]
    spec = CLASSIFIER.changed(epochs=11)
    write(store, run_id, lease, events, 100, checkpoint=b"blob", spec=spec, status="running")
    run = store.run(run_id)
    assert (run.step, run.epoch, run.seconds, run.spec, run.status) == (100, 1, 10.0, spec, "running")
    assert store.checkpoint(run_id) == b"blob"
    assert same(store.epochs(run_id)[0], events[2])
    assert same(store.epochs(run_id, confusion=False)[0], dataclasses.replace(events[2], confusion=None))
    np.testing.assert_array_equal(store.confusion(run_id, 1), events[2].confusion)
    assert store.confusion(run_id, 2) is None
    steps, losses = store.batch_curve(run_id)
    np.testing.assert_array_equal(steps, np.arange(1, 101))
    np.testing.assert_array_equal(losses, batches(1, 100).losses)
    assert [(f.step, f.epoch) for f in store.snapshots(run_id)] == [(0, 0.0), (100, 1.0)]
    for event in events[3:]:
        outputs = store.snapshot_outputs(run_id, event.step)
        assert outputs.dtype == event.outputs.dtype
        np.testing.assert_array_equal(outputs, event.outputs)
        assert store.snapshot_state(run_id, event.step) == event.state
    assert store.snapshot_state(run_id, 50) is None
    with pytest.raises(StoreError, match="no frame at batch 50"):
        store.snapshot_outputs(run_id, 50)


measured = st.one_of(st.none(), st.floats(0, 1e9))


@few
@given(
    train=st.floats(allow_infinity=True, allow_nan=True).map(lambda loss: loss + 0.0),  # SQLite knows no -0.0
    validation=measured,
    accuracy=measured,
    dead=measured,
    confusion=st.one_of(st.none(), st.lists(st.integers(0, 20_000), min_size=100, max_size=100)),
)
def test_every_epoch_comes_back_as_it_was(store: Store, train, validation, accuracy, dead, confusion):
    matrix = None if confusion is None else np.array(confusion).reshape(10, 10)
    event = Epoch(1, 5, train, train, validation, accuracy, accuracy, matrix, 0.1, 0.25, dead)
    run_id = store.create_run(CLASSIFIER, "ada")
    write(store, run_id, store.claim(run_id), [event], 5)
    assert same(store.epochs(run_id)[0], event)


def test_numbers_of_numpy_are_taken(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    one, half = np.int64(1), np.float32(0.5)
    events = [
        Batches(one, np.array([0.5])),
        Epoch(one, one, half, half, half, half, half, np.eye(10, dtype=np.int64), half, half),
        Snapshot(one, half, np.zeros((10, 10), dtype=np.float32), b"s"),
        Finished(one, one, "epochs", half, half, np.eye(10, dtype=np.int64), one),
    ]
    store.write_slice(run_id, store.claim(run_id), events, step=one, epoch=one, seconds=half)
    run = store.run(run_id)
    assert (run.step, run.epoch, run.seconds, run.test_loss, run.best_epoch) == (1, 1, 0.5, 0.5, 1)
    assert store.epochs(run_id)[0].validation_loss == 0.5
    assert store.snapshots(run_id)[0].step == 1
    assert store.batch_curve(run_id)[0].tolist() == [1]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("epochs", "finished"), ("early_stopping", "finished"), ("stopped", "stopped")],
)
def test_the_end_of_a_run_sets_its_test_figures(store: Store, reason: str, status: str):
    run_id = store.create_run(CLASSIFIER, "ada", status="running")
    lease = store.claim(run_id)
    write(store, run_id, lease, [Finished(100, 1, reason, 0.25, 0.9, np.eye(10) * 1000, 1)], 100)
    run = store.run(run_id)
    assert (run.status, run.end_reason, run.reason) == (status, reason, None)
    assert (run.test_loss, run.test_accuracy, run.best_epoch) == (0.25, 0.9, 1)
    np.testing.assert_array_equal(run.test_confusion, np.eye(10) * 1000)
    assert store.runs()[0].test_confusion is None
    write(store, run_id, lease, [batches(101, 5)], 105, status="running")
    run = store.run(run_id)
    assert (run.test_loss, run.test_accuracy, run.test_confusion, run.end_reason, run.best_epoch) == (
        None,
    ) * 5


def test_a_run_that_diverged_has_failed_and_says_why(store: Store):
    why = Sentence("The loss became infinite at batch {step}.", step=3)
    for notices, reason in [([Notice(3, "divergence", why)], why), ([], None)]:
        run_id = store.create_run(CLASSIFIER, "ada")
        end = Finished(3, 0, "diverged", None, None, None, None)
        write(store, run_id, store.claim(run_id), [*notices, end], 3)
        run = store.run(run_id)
        assert (run.status, run.end_reason, run.test_loss) == ("failed", "diverged", None)
        assert run.reason == reason or (reason is None and "diverged" in str(run.reason))


def test_a_notice_stays_until_it_has_passed(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    alike = Sentence("All outputs look alike.")
    write(store, run_id, lease, [Notice(1, "collapse", alike)], 1)
    write(store, run_id, lease, [batches(2, 1)], 2)
    assert store.run(run_id).notice == alike
    write(store, run_id, lease, [Notice(3, "collapse", None)], 3)
    assert store.run(run_id).notice is None


def test_a_worker_that_lost_its_lease_writes_nothing(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    old = store.claim(run_id)
    write(store, run_id, old, [batches(1, 10)], 10, checkpoint=b"ten")
    new = store.claim(run_id)
    before = store.run(run_id)
    assert new > old
    with pytest.raises(StaleLease):
        write(store, run_id, old, [batches(11, 10), frame(20)], 20, checkpoint=b"late", status="failed")
    assert store.run(run_id) == before
    assert store.checkpoint(run_id) == b"ten"
    assert rows_of(store, run_id)["batches"] == 1
    write(store, run_id, new, [batches(11, 10)], 20)


def test_a_slice_that_cannot_be_written_whole_is_not_written(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    write(store, run_id, lease, [batches(1, 10)], 10, checkpoint=b"ten")
    before = store.run(run_id), rows_of(store, run_id)
    good = [batches(11, 10), epoch(1, 20), frame(20)]
    with pytest.raises(ValueError, match="beyond the step"):
        write(store, run_id, lease, [*good, batches(21, 1)], 20)
    with pytest.raises(KeyError):
        write(store, run_id, lease, [*good, Finished(20, 1, "boredom", None, None, None, None)], 20)
    with pytest.raises(ValueError, match="not a status"):
        write(store, run_id, lease, good, 20, checkpoint=b"twenty", status="resting")
    assert (store.run(run_id), rows_of(store, run_id)) == before
    assert store.checkpoint(run_id) == b"ten"


# Going back


def written_up_to(store: Store, step: int) -> str:
    """A run of `step` batches in slices of 50: an epoch every 100, a frame and a checkpoint every 50."""
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    for end in range(50, step + 1, 50):
        events = [batches(end - 49, 50), frame(end)]
        if end % 100 == 0:
            events.append(epoch(end // 100, end, matrix=True))
        write(store, run_id, lease, events, end, checkpoint=f"at {end}".encode())
    return run_id


def metrics(store: Store, run_id: str) -> list[str]:
    run = store.run(run_id)
    steps, losses = store.batch_curve(run_id, 10**6)
    states = [store.snapshot_state(run_id, info.step) for info in store.snapshots(run_id)]
    seen = [
        run.step,
        run.epoch,
        steps.tolist(),
        losses.tolist(),
        store.epochs(run_id),
        store.snapshots(run_id),
        states,
    ]
    return [repr(value) for value in seen]


@pytest.mark.parametrize("step", [0, 50, 100, 250, 300])
def test_rewinding_equals_never_having_gone_on(store: Store, step: int):
    run_id = written_up_to(store, 300)
    store.rewind(run_id, step)
    assert metrics(store, run_id) == metrics(store, written_up_to(store, step))
    assert store.checkpoint(run_id) == (b"at 300" if step == 300 else None)
    store.rewind(run_id, 1000)
    assert store.run(run_id).step == step


def test_rewinding_into_the_middle_of_a_slice_cuts_it(store: Store):
    run_id = written_up_to(store, 300)
    store.rewind(run_id, 130)
    steps, losses = store.batch_curve(run_id)
    np.testing.assert_array_equal(steps, np.arange(1, 131))
    np.testing.assert_array_equal(losses, batches(1, 130).losses)
    assert [info.step for info in store.snapshots(run_id)] == [50, 100]
    assert (store.run(run_id).step, store.run(run_id).epoch) == (130, 1)


def test_rewinding_to_the_checkpoint_brings_back_its_time(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    write(store, run_id, lease, [batches(1, 150)], 150, checkpoint=b"state")
    write(store, run_id, lease, [batches(151, 50), epoch(1, 200)], 200)
    store.rewind(run_id, 150)
    run = store.run(run_id)
    assert (run.step, run.epoch, run.seconds) == (150, 1, 15.0)
    assert store.checkpoint(run_id) == b"state"


def test_a_slice_that_begins_again_replaces_what_was_there(store: Store):
    run_id, straight = written_up_to(store, 200), written_up_to(store, 200)
    lease = store.claim(run_id)
    events = [batches(51, 50), frame(100), epoch(1, 100, matrix=True)]
    write(store, run_id, lease, events, 100)
    assert store.checkpoint(run_id) is None
    again = [batches(101, 100), frame(150), frame(200), epoch(2, 200, matrix=True)]
    for _ in range(2):  # a slice sent twice counts once
        write(store, run_id, lease, again, 200, checkpoint=b"at 200")
        assert metrics(store, run_id) == metrics(store, straight)
        assert store.checkpoint(run_id) == b"at 200"


@few
@given(st.lists(st.tuples(st.integers(1, 700), st.floats(0, 1)), min_size=1, max_size=8))
def test_curves_agree_with_a_plain_list_of_losses(store: Store, history: list[tuple[int, float]]):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    losses: list[float] = []
    for count, share in history:
        new = np.random.default_rng(count).random(count, dtype=np.float32)
        first = int(len(losses) * share) + 1 if share < 0.3 else len(losses) + 1
        losses = [*losses[: first - 1], *new.tolist()]
        write(store, run_id, lease, [Batches(first, new)], len(losses))
        steps, seen = store.batch_curve(run_id, 10**6)
        np.testing.assert_array_equal(steps, np.arange(1, len(losses) + 1))
        np.testing.assert_array_equal(seen, np.array(losses, dtype=np.float32))
        steps, seen = store.batch_curve(run_id, 100)
        size = steps[1] - steps[0] if len(steps) > 1 else len(losses)
        assert len(steps) <= 100
        for step, mean in zip(steps[:-1], seen[:-1], strict=True):
            start = (step - 1) // size * size
            assert math.isclose(mean, np.mean(losses[start : start + size]), rel_tol=1e-5)


# The curve and the film, apart from any database


@given(st.integers(0, 10**6), st.lists(st.integers(1, 5000), max_size=12), st.integers(1, 2000))
def test_a_curve_is_the_same_however_its_losses_came(origin: int, counts: list[int], most: int):
    losses = np.random.default_rng(0).random(sum(counts), dtype=np.float32)
    pieces, first = empty(origin), origin
    for count in counts:
        pieces = pieces.added(first, losses[first - origin : first - origin + count])
        first += count
    whole = empty(origin).added(origin, losses)
    assert len(pieces.sums) <= CAPACITY
    assert (pieces.width, pieces.counts.tolist()) == (whole.width, whole.counts.tolist())
    np.testing.assert_allclose(pieces.sums, whole.sums)
    assert pieces.counts.sum() == len(losses)
    steps, means = pieces.points(most)
    assert len(steps) == len(means) <= most
    assert all(a < b for a, b in pairwise(steps.tolist()))
    assert not len(steps) or origin <= steps[0] <= steps[-1] < origin + len(losses)


def test_a_loss_that_is_no_number_spoils_its_own_point_only():
    losses = np.ones(4 * CAPACITY, dtype=np.float32)
    losses[100] = np.nan
    means = empty(1).added(1, losses).points(CAPACITY)[1]
    assert np.isnan(means).sum() == 1
    assert set(means[~np.isnan(means)]) == {1.0}


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 100), min_size=1), st.integers(0, 3000))
def test_film_states_are_thinned_to_the_budget_but_the_ends_stay(sizes: dict[int, int], budget: int):
    gone = snapshots.crowded(sizes, budget)
    remaining = sorted(set(sizes) - set(gone))
    assert len(set(gone)) == len(gone)
    assert {min(sizes), max(sizes)} <= set(remaining)
    assert sum(sizes[step] for step in remaining) <= budget or len(remaining) <= 2
    if gone:  # and no more go than must
        assert sum(sizes[step] for step in [*remaining, gone[-1]]) > budget


def test_what_stays_of_a_thinned_film_is_log_spaced():
    steps = {round(10 ** (k / 6)): 1 for k in range(31)} | {0: 1}
    assert snapshots.crowded(dict.fromkeys([0, 1, 10, 11, 100, 1000], 1), 5) == [10]
    remaining = [math.log(step) for step in sorted(set(steps) - set(snapshots.crowded(steps, 12))) if step]
    gaps = [b - a for a, b in pairwise(remaining)]
    assert max(gaps) < 4 * min(gaps)


def test_the_film_keeps_every_picture_and_what_states_fit(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshots, "STATES_BUDGET", 6_000)
    run_id = store.create_run(AUTOENCODER, "ada")
    lease = store.claim(run_id)
    steps = [0, *(2**k for k in range(12))]
    write(store, run_id, lease, [batches(1, 1)], 1)  # on a GPU, as no threads are named
    for step in steps:
        write(store, run_id, lease, [frame(step, bytes([step % 251]) * 1000)], step)
    kept = store.snapshots(run_id)
    kept_steps = past.kept_steps(store, run_id)
    assert [info.step for info in kept] == steps
    assert len(kept_steps) == 6
    assert kept_steps[0] == 0
    assert kept_steps[-1] == steps[-1]
    for step in steps:
        assert store.snapshot_outputs(run_id, step)[0, 0, 0] == step % 256
        assert store.snapshot_state(run_id, step) == (
            bytes([step % 251]) * 1000 if step in kept_steps else None
        )


def test_of_a_run_that_can_be_trained_again_one_state_stays_in_the_middle(store: Store):
    run_id = store.create_run(AUTOENCODER.changed(train_size=1000, batch_size=100, epochs=10), "ada")
    lease = store.claim(run_id)
    steps = [0, 1, 10, 22, 46, 68, 100]
    for before, step in pairwise([0, *steps]):
        losses = [batches(before + 1, step - before)] if step > before else []
        write(store, run_id, lease, [*losses, frame(step, b"at %d" % step)], step, threads=1)
        latest = past.nearest_state(store, run_id, step)
        assert latest == b"at %d" % min(step, 46)
    kept = store.snapshots(run_id)
    assert [info.step for info in kept] == steps
    assert rows_of(store, run_id)["snapshot_states"] == 1
    assert past.nearest_state(store, run_id, 45) is None
    write(store, run_id, lease, [], 100, checkpoint=b"last", threads=1)
    assert [past.nearest_state(store, run_id, step) for step in (46, 99, 100)] == [
        b"at 46",
        b"at 46",
        b"last",
    ]
    run = store.run(run_id)
    begins = {step: past.replay_from(store, run, step) for step in (-1, 0, 1, 45, 46, 99, 100, 101)}
    assert begins == {-1: None, 0: 0, 1: 0, 45: 0, 46: 46, 99: 46, 100: 100, 101: None}


def test_threads_are_recorded_with_the_batches(store: Store):
    run_id = store.create_run(AUTOENCODER, "ada")
    lease = store.claim(run_id)
    for first, threads in [(1, 2), (11, 2), (21, 1), (31, 2)]:
        write(store, run_id, lease, [batches(first, 10)], first + 9, threads=threads)
    assert past.threads(store, run_id) == [(1, 2), (21, 1), (31, 2)]
    write(store, run_id, lease, [batches(16, 10)], 25, threads=3)  # again, from a checkpoint
    assert past.threads(store, run_id) == [(1, 2), (16, 3)]
    assert store.run(run_id).repeatable
    write(store, run_id, lease, [batches(26, 10)], 35)
    assert not store.run(run_id).repeatable


def test_hardware_is_recorded_with_the_batches(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    assert past.hardware(store, run_id) == []
    for first, hardware in [(1, "old"), (11, "big"), (21, "old"), (31, None)]:
        write(store, run_id, lease, [batches(first, 10)], first + 9, hardware=hardware)
    assert past.hardware(store, run_id) == ["old", "big"]
    write(store, run_id, lease, [batches(11, 10)], 20, hardware="new")  # again, from a checkpoint
    assert past.hardware(store, run_id) == ["old", "new"]


# Polling


def test_polls_read_no_blob_that_grows_with_the_run(store: Store):
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    for first in range(1, 100_000, 10_000):
        write(store, run_id, lease, [batches(first, 10_000)], first + 9_999)
    asked: list[str] = []

    @sqlalchemy.event.listens_for(store._database.engine, "before_cursor_execute")
    def _note(_connection, _cursor, statement, _parameters, _context, _many):
        asked.append(statement)

    steps, losses = store.batch_curve(run_id, 500)
    store.run(run_id), store.runs("ada"), store.epochs(run_id, confusion=False), store.snapshots(run_id)
    assert 250 <= len(steps) == len(losses) <= 500
    text = "\n".join(asked)
    blobs = ["batches", "epochs.confusion", "snapshots.outputs", "snapshot_states.state", "checkpoints"]
    assert [name for name in blobs if name in text] == []
    assert text.count("test_confusion") == 1  # run(), not runs()


# Many at once, and sudden ends

WRITER = """
import sys
import numpy as np
from fmnist_core.events import Batches, Epoch, Snapshot
from fmnist_core.store.runs import Store

url, run_id, slices = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = Store(url)
lease = store.claim(run_id)
step = store.run(run_id).step
store.rewind(run_id, step)
print("ready", flush=True)
for _ in range(slices):
    losses = (1000.0 / np.arange(step + 1, step + 11)).astype(np.float32)
    events = [Batches(step + 1, losses)]
    step += 10
    events.append(Epoch(step // 10, step, 1.0, 1.0, 1.0, 0.5, 0.5, np.full((10, 10), step), 0.1, 0.1))
    events.append(Snapshot(step, 1.0, np.zeros((10, 10), np.float32), b"x" * 20_000))
    state = f"{step}:".encode() + bytes(300_000) if step % 30 == 0 else None
    store.write_slice(run_id, lease, events, step=step, epoch=step // 10, seconds=step, checkpoint=state)
store.close()
"""


def writer(url: str, run_id: str, slices: int) -> subprocess.Popen:
    return process(WRITER, url, run_id, str(slices))


def check_agreement(store: Store, run_id: str) -> int:
    """What must hold of a run of `WRITER` at every moment; its step."""
    run = store.run(run_id)
    steps, losses = store.batch_curve(run_id, 10**6)
    np.testing.assert_array_equal(steps, np.arange(1, run.step + 1))
    np.testing.assert_array_equal(losses, (1000.0 / steps).astype(np.float32))
    assert [e.step for e in store.epochs(run_id)] == list(range(10, run.step + 1, 10))
    assert [info.step for info in store.snapshots(run_id)] == list(range(10, run.step + 1, 10))
    if run.step:
        assert store.confusion(run_id, run.epoch)[0, 0] == run.step
        assert store.snapshot_state(run_id, run.step) == b"x" * 20_000
    checkpoint = store.checkpoint(run_id)
    assert (int(checkpoint.split(b":")[0]) if checkpoint else 0) == run.step // 30 * 30
    return run.step


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_store_that_agrees_with_itself(url: str):
    store = Store(url)
    run_id = store.create_run(CLASSIFIER, "ada")
    store.close()
    before = 0
    for wait in (0.0, 0.03, 0.17):
        with writer(url, run_id, 10**6) as child:
            assert child.stdout.readline() == "ready\n"
            time.sleep(wait)  # any moment is one at which it may be killed
            child.send_signal(signal.SIGKILL)
        store = Store(url)
        # Postgres notices a client's death a little later, and may still finish what it was sent.
        deadline = time.monotonic() + 5
        while store.run(run_id).step != (step := check_agreement(store, run_id)):
            assert time.monotonic() < deadline
        assert step >= before
        before = step
        write(store, store.create_run(CLASSIFIER, "bob"), 0, [batches(1, 10)], 10)
        store.close()
    assert before > 0


@pytest.mark.slow
def test_processes_write_their_runs_at_once_while_others_read(store: Store):
    ids = [store.create_run(CLASSIFIER, f"learner {n}") for n in range(2)]
    children = [writer(store.url, run_id, 30) for run_id in ids]
    polls = 0
    while any(child.poll() is None for child in children):
        for run_id in ids:
            assert store.run(run_id).step <= len(store.batch_curve(run_id)[0])
            store.epochs(run_id, confusion=False)
        polls += 1
    for child in children:
        child.communicate()
        assert child.returncode == 0
    assert polls > 1
    assert [check_agreement(store, run_id) for run_id in ids] == [300] * 2


def test_threads_share_a_store(store: Store):
    ids = [store.create_run(CLASSIFIER, "ada") for _ in range(4)]

    def train(run_id: str) -> None:
        lease = store.claim(run_id)
        for end in range(10, 201, 10):
            write(store, run_id, lease, [batches(end - 9, 10)], end, checkpoint=b"state")
            assert len(store.batch_curve(run_id)[0]) == end
            assert len(store.runs("ada")) == 4

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(train, ids))
    assert [store.run(run_id).step for run_id in ids] == [200] * 4


@pytest.mark.slow
def test_processes_may_open_an_empty_database_at_once(url: str):
    assert runs_seen_at_once(url) == [0, 0, 0]


# A full disk


def test_a_full_disk_refuses_the_slice_and_loses_nothing(sqlite_url: str):
    store = Store(sqlite_url)
    run_id = store.create_run(CLASSIFIER, "ada")
    lease = store.claim(run_id)
    write(store, run_id, lease, [batches(1, 10), frame(10)], 10, checkpoint=b"ten")
    store.close()
    store = Store(sqlite_url)

    @sqlalchemy.event.listens_for(store._database.engine, "connect")
    def _little_room(connection: sqlite3.Connection, _record) -> None:
        connection.execute("PRAGMA max_page_count=300")

    store._database.engine.dispose()
    before = metrics(store, run_id)
    for _ in range(3):
        with pytest.raises(DiskFull, match="full"):
            write(store, run_id, lease, [batches(11, 10)], 20, checkpoint=bytes(5_000_000))
        assert metrics(store, run_id) == before
        assert store.checkpoint(run_id) == b"ten"
    write(store, run_id, lease, [batches(11, 10)], 20, checkpoint=b"little")
    assert store.checkpoint(run_id) == b"little"
    store.close()
    store = Store(sqlite_url)
    write(store, run_id, lease, [batches(21, 10)], 30, checkpoint=bytes(5_000_000))
    assert store.run(run_id).step == 30
    store.close()


def test_a_postgres_without_room_refuses_the_slice(postgres_url: str):
    store = Store(postgres_url)
    run_id = store.create_run(CLASSIFIER, "ada")
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.execute("CREATE TRIGGER no_room BEFORE INSERT ON checkpoints EXECUTE FUNCTION no_room()")
    lease = store.claim(run_id)
    with pytest.raises(DiskFull, match="no room left"):
        write(store, run_id, lease, [batches(1, 10)], 10, checkpoint=b"ten")
    assert store.run(run_id).step == 0
    assert rows_of(store, run_id)["batches"] == 0
    store.close()


# What cannot be opened


def test_the_store_is_a_file_in_the_labs_home_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / "new" / "home"))
    store = Store()
    run_id = store.create_run(CLASSIFIER, "ada")
    store.close()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'home' / 'lab.db'}")
    store = Store()
    assert store.run(run_id).id == run_id
    store.close()


@pytest.mark.parametrize("name", ["año 50%20", "what?a=b", "#1 @home:x"])
def test_the_home_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("FMNIST_HOME", str(tmp_path / name))
    store = Store()
    again = Store(store.url)
    store.create_run(CLASSIFIER, "ada")
    assert len(again.runs()) == 1
    assert (tmp_path / name / "lab.db").is_file()
    again.close()
    store.close()


def test_a_relative_path_means_the_same_file_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    store = Store("sqlite:///lab.db")
    run_id = store.create_run(CLASSIFIER, "ada")
    monkeypatch.chdir("/")
    again = Store(store.url)
    assert again.run(run_id) == store.run(run_id)
    again.close()
    store.close()


@pytest.mark.parametrize("scheme", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_postgres_is_known_by_each_of_its_names(postgres_url: str, scheme: str):
    store = Store(postgres_url.replace("postgresql://", scheme))
    again = Store(store.url)
    assert again.runs() == []
    again.close()
    store.close()


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        Store(url)
    return str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path):
    file = tmp_path / "lab.db"
    file.write_bytes(b"Dear diary, " * 500)
    assert refusal(f"sqlite:///{file}") == (
        "The lab's database file is not a database. Move it away, and the lab will make a new one there."
    )
    assert file.read_bytes() == b"Dear diary, " * 500
    assert list(tmp_path.glob("lab.db*")) == [file]


def test_a_damaged_database_is_refused_with_the_remedy(tmp_path: Path):
    file = tmp_path / "lab.db"
    store = Store(f"sqlite:///{file}")
    write(
        store,
        run_id := store.create_run(CLASSIFIER, "ada"),
        store.claim(run_id),
        [],
        1,
        checkpoint=bytes(10**6),
    )
    store.close()
    content = file.read_bytes()
    file.write_bytes(content[:100] + b"\xff" * 8000 + content[8100:])
    words = refusal(f"sqlite:///{file}")
    assert "database is damaged. Move it away" in words
    assert str(file) not in words
    file.rename(tmp_path / "away.db")
    Store(f"sqlite:///{file}").close()


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, postgres_url: str):
    file = tmp_path / "music.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    content = file.read_bytes()
    assert "belongs to another program" in refusal(f"sqlite:///{file}")
    assert file.read_bytes() == content
    assert list(tmp_path.glob("music.db*")) == [file]
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    assert "belongs to another program" in refusal(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema"
        ).fetchall()
    assert tables == [("songs",)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not a database address"),
        ("postgresql://host:port/name", "is not a database address"),
        ("sqlite://", "not in sqlite://"),
        ("sqlite:///:memory:", "not in"),
        ("mysql://lab:secret@host/name", "not in mysql://lab:***@host/name"),
        ("postgresql://lab:secret@127.0.0.1:9/name", "does not answer, or refuses the lab"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_telling_the_password(url: str, words: str):
    said = refusal(url)
    assert words in said
    assert "secret" not in said


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    file = tmp_path / "file" / "lab.db"
    assert "cannot read and write its database" in refusal(f"sqlite:///{file}")
    (tmp_path / "lab.db").mkdir()
    assert "cannot read and write" in refusal(f"sqlite:///{tmp_path / 'lab.db'}")


def test_a_database_that_goes_away_is_a_sentence_and_may_come_back(postgres_url: str):
    store = Store(postgres_url)
    run_id = store.create_run(CLASSIFIER, "ada")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert store.run(run_id).id == run_id
    store.close()


def test_a_database_that_stays_busy_is_a_sentence(sqlite_url: str, tmp_path: Path):
    store = Store(sqlite_url)
    run_id = store.create_run(CLASSIFIER, "ada")

    @sqlalchemy.event.listens_for(store._database.engine, "checkout")
    def _impatient(connection: sqlite3.Connection, _record, _proxy) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    other = sqlite3.connect(tmp_path / "lab.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="busy"):
        store.claim(run_id)
    assert store.run(run_id).lease == 0  # reading goes on
    other.rollback()
    other.close()
    assert store.claim(run_id) == 1
    store.close()


def test_who_stands_still_in_a_transaction_holds_nobody_up_for_good(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "STANDSTILL_MILLISECONDS", 300)
    still, other = Store(postgres_url), Store(postgres_url)
    run_id = still.create_run(AUTOENCODER, "ada")
    lock = sqlalchemy.select(schema.runs.c.id).where(schema.runs.c.id == run_id).with_for_update()

    def stand_still():
        with still.database.writing() as connection:
            connection.execute(lock)
            began = time.monotonic()
            other.rename(run_id, "renamed")
            assert 0.2 < time.monotonic() - began < 5
            connection.execute(lock)

    with pytest.raises(StoreError, match="busy"):
        stand_still()
    assert other.run(run_id).name == "renamed"
    still.close()
    other.close()
