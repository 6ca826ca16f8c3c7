"""Watched runs: all who look share one reading, and nobody sees what is older than the page has read."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fmnist_core.events import Batches, Epoch
from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec
from fmnist_core.store.runs import RunNotFound, Store
from pages.parts.base import services
from pages.parts.run import looks, shared_reading
from pages.parts.run import watched as module
from pages.parts.run.watched import SECONDS_A_LOOK, seen, watched

ME = "A" * 22


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """How often the store is asked for what."""
    counts: Counter[str] = Counter()
    for name in ("run", "epochs", "batch_curve", "snapshots", "confusion"):
        method = getattr(Store, name)

        def counting(store, *args, name=name, method=method, **settings):
            counts[name] += 1
            return method(store, *args, **settings)

        monkeypatch.setattr(Store, name, counting)
    return counts


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """The seconds of the module's clock, which only the test moves on."""
    now = [1000.0]
    monkeypatch.setattr(shared_reading.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def run_id(clock) -> str:
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 1000, "epochs": 9})
    return services.store().create_run(spec, ME, "watched", status="running")


def train(run_id: str, epoch: int) -> None:
    store = services.store()
    length = store.run(run_id).spec.steps_per_epoch
    end = epoch * length
    events = [
        Batches(end - length + 1, np.full(length, 0.5, np.float32)),
        Epoch(epoch, end, 0.4, 0.3, 0.2, None, None, None, 0.001, 3.5),
    ]
    store.write_slice(run_id, store.claim(run_id), events, step=end, epoch=epoch, seconds=float(epoch))


def test_thirty_who_look_at_once_read_the_store_once(run_id: str, read: Counter):
    with ThreadPoolExecutor(30) as threads:
        states = list(threads.map(watched, [run_id] * 30))
    assert len({id(state) for state in states}) == 1
    assert read == {"run": 1, "epochs": 1, "batch_curve": 1, "snapshots": 1}


def test_a_later_look_shows_what_has_come_or_the_same_object(run_id: str, clock, read: Counter):
    before = watched(run_id)
    clock[0] += 1
    assert watched(run_id) is before
    assert read["epochs"] == 1
    train(run_id, 1)
    assert watched(run_id) is before, "a reading serves everybody for most of a second"
    clock[0] += 1
    after = watched(run_id)
    assert after is not before
    assert (after.run.epoch, len(after.epochs), len(before.epochs)) == (1, 1, 0)
    np.testing.assert_array_equal(after.batches[0], np.arange(1, after.run.step + 1))


def test_who_has_just_read_a_run_never_looks_at_what_is_older(run_id: str, clock):
    watched(run_id)
    services.store().set_status(run_id, "paused")
    seen(services.store().run(run_id))
    assert watched(run_id).run.status == "paused"


def test_a_run_that_has_ended_is_read_at_every_look_since_nobody_looks_by_a_timer(run_id: str, read: Counter):
    services.store().set_status(run_id, "finished")
    watched(run_id)
    watched(run_id)
    assert read["snapshots"] == 2


def test_of_a_run_that_rests_another_tabs_resume_is_seen_within_two_seconds(
    run_id: str, clock, read: Counter
):
    services.store().set_status(run_id, "paused")
    resting = watched(run_id)
    clock[0] += 2
    assert watched(run_id) is resting
    services.store().set_status(run_id, "running")
    clock[0] += 2
    assert watched(run_id).run.status == "running"
    assert SECONDS_A_LOOK["paused"] <= 2


def test_what_keeps_an_open_run_from_training_is_part_of_what_is_watched(run_id: str, clock):
    services.store().set_status(run_id, "running", Sentence("The worker has ended."))
    assert str(watched(run_id).engine_status.obstacle) == "The worker has ended."
    services.store().set_status(run_id, "running")
    clock[0] += 2
    assert watched(run_id).engine_status.obstacle != Sentence("The worker has ended.")


def test_what_is_made_of_a_state_is_made_once_and_anew_for_the_next(run_id: str, clock):
    made: list[int] = []
    for _ in range(3):
        watched(run_id).once("picture", lambda: made.append(1))
    train(run_id, 1)
    clock[0] += 1
    watched(run_id).once("picture", lambda: made.append(2))
    assert made == [1, 2]


def test_what_has_words_is_made_once_a_language(run_id: str, monkeypatch: pytest.MonkeyPatch):
    state = watched(run_id)
    for language in ("en", "es", "en"):
        monkeypatch.setattr(module, "current_language", lambda language=language: language)
        assert state.in_words("status", lambda language=language: language) == language


def test_a_run_that_is_gone_is_no_longer_shown(run_id: str, clock):
    watched(run_id)
    services.store().delete(run_id)
    clock[0] += 1
    with pytest.raises(RunNotFound):
        watched(run_id)


def test_few_readings_are_kept(clock):
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 1000})
    for _ in range(module.MOST_RUNS + 5):
        watched(services.store().create_run(spec, ME, status="running"))
    assert len(module._runs) <= module.MOST_RUNS


def test_a_look_is_needless_while_a_tab_shows_the_latest_and_not_for_long(run_id: str, clock):
    state = watched(run_id)
    assert not looks.is_needless("tab", "live"), "nothing is known of this tab"
    looks._shown["tab", "live"] = looks.Shown(state, clock[0], clock[0])
    assert looks.is_needless("tab", "live")
    assert not looks.is_needless("tab", "other")
    train(run_id, 1)
    clock[0] += 1
    watched(run_id)  # as the reader does
    assert not looks.is_needless("tab", "live")
    state = watched(run_id)
    looks._shown["tab", "live"] = looks.Shown(state, clock[0], clock[0])
    clock[0] += shared_reading.FRESH
    assert not looks.is_needless("tab", "live"), "nobody has read the run of late"
    clock[0] += looks.AGAIN
    watched(run_id)
    assert not looks.is_needless("tab", "live"), "a page is drawn again at times, whatever was thought of it"
    looks._shown.clear()
