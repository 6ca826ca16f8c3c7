"""A branch can begin at any batch of its parent, bit for bit, however few states are kept of it."""

from typing import Any

import pytest
import torch

from fmnist_core.messages import SliceRequest, SliceResult
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.initial_state import BEGUN_ANEW
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import past, schema
from fmnist_core.store.runs import Store
from tests.nets.short_runs import same_weights

pytestmark = [pytest.mark.usefixtures("new_worker"), pytest.mark.slow]

SMALL = {"train_size": 500, "validation_size": 100, "batch_size": 50, "epochs": 4}
SPECS = {
    "Adam and dropout": read_spec(
        {"architecture": "ff_autoencoder", "hidden_sizes": [8], "dropout": 0.3, "optimizer": "adam", **SMALL}
    ),
    "momentum, early stopping and another rate": read_spec(
        {"architecture": "ff_classifier", "hidden_sizes": [16], "optimizer": "sgd", "momentum": 0.9}
        | {"patience": 3, "learning_rate_changes": [{"step": 11, "learning_rate": 0.5}], **SMALL}
    ),
    "convolutions on several threads": read_spec(
        {"architecture": "conv_classifier", "hidden_sizes": [16], **SMALL, "epochs": 3}
    ),
}


def advance(store: Store, run_id: str, **values: Any) -> SliceResult:
    run = store.run(run_id)
    fields = {"lease": run.lease or store.claim(run_id), "time_slice": "slice", "threads": 1, "seconds": 60.0}
    fields |= {"epochs": run.spec.epochs, "full_data": False}
    return slices.advance_slice(SliceRequest(store_url=store.url, run_id=run_id, **(fields | values)))


def trained_batch_by_batch(store: Store, spec: RunSpec) -> tuple[str, dict[int, bytes]]:
    """A run whose threads change on the way, and its state after each of its batches."""
    run_id = store.create_run(spec, "ana")
    states: dict[int, bytes] = {}
    step = 0
    while step < spec.total_steps:
        threads = 1 if step % 7 < 4 else 2
        result = advance(store, run_id, until_step=step + 1, threads=threads)
        step = result.step
        if result.outcome == "ended":
            states[step] = store.checkpoint(run_id)
            break
        states[step] = loop.save(STATE_CACHE[run_id].state)
    return run_id, states


def learnt(blob: bytes) -> dict[str, torch.Tensor]:
    """The weights and the optimizer's memory of a saved state."""
    state = loop.load(blob)
    memory = {
        f"{name} {what}": value
        for what, flat in state.optimizer.memory.items()
        for name, value in flat.views.items()
    }
    return {**state.model.state_dict(), **memory, "steps": state.optimizer.steps}


def first_state_of(store: Store, run_id: str) -> bytes:
    """The state of a branch before its first batch, which is kept because it follows from no spec."""
    while advance(store, run_id, until_step=1).replaying:
        pass
    blob = store.snapshot_state(run_id, 0)
    assert blob is not None
    return blob


@pytest.mark.parametrize("name", SPECS)
def test_a_branch_begins_at_any_batch_bit_for_bit(store: Store, name: str):
    spec = SPECS[name]
    parent, states = trained_batch_by_batch(store, spec)
    STATE_CACHE.clear()
    steps = [step for step in states if store.snapshot_state(parent, step) is not None]
    assert len(steps) == 1, "one state in the middle, beside the checkpoint"
    last = max(states)
    for step in {1, 3, steps[0], steps[0] + 1, last - 1, last}:
        child = store.create_run(
            spec.changed(learning_rate_changes=(), branch={"run": parent, "step": step}), "ben"
        )
        began, expected = learnt(first_state_of(store, child)), learnt(states[step])
        assert began.keys() == expected.keys()
        for part, value in expected.items():
            assert torch.equal(began[part], value), f"{part} at batch {step}"


def test_any_moment_of_the_film_is_looked_into_bit_for_bit_once_it_is_trained_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(network_at, "AGAIN_SECONDS", 0.0)
    run_id, states = trained_batch_by_batch(store, SPECS["Adam and dropout"])
    STATE_CACHE.clear()
    given_up = [frame.step for frame in store.snapshots(run_id)]
    given_up = [step for step in given_up if 0 < step < 40 and store.snapshot_state(run_id, step) is None]
    assert len(given_up) > 5
    before = 0
    for step in given_up:
        shares = [network_at.train_again(store.url, run_id, step)]
        while shares[-1] < 1:
            shares.append(network_at.train_again(store.url, run_id, step))
        assert len(shares) <= 2 + step - before, "it goes on from the moment before"
        before = step
        assert shares == sorted(shares)
        assert len(shares) == 1 or 0 < shares[0] < 1
        weights = network_at.of_run(store.url, run_id, step).weights
        expected = loop.load(states[step]).model.state_dict()
        assert all(torch.equal(weights[name], value) for name, value in expected.items())
        assert store.snapshot_state(run_id, step) is None, "what a run goes on from is another matter"
    for step in (17, 10**6):  # no moments of the film
        with pytest.raises(network_at.NothingTrained, match="were not kept"):
            network_at.train_again(store.url, run_id, step)


def test_what_does_not_come_out_the_same_is_refused_where_it_is_looked_for(store: Store):
    run_id, _ = trained_batch_by_batch(store, SPECS["Adam and dropout"])
    STATE_CACHE.clear()
    table = schema.snapshots
    with store.database.writing() as connection:
        connection.execute(
            table.update().where(table.c.run_id == run_id, table.c.step == 2).values(fingerprint=1)
        )
    with pytest.raises(network_at.NothingTrained, match="were not kept"):
        network_at.train_again(store.url, run_id, 3)
    assert store.snapshot_state(run_id, 3) is None


def test_a_branch_of_a_branch_begins_bit_for_bit_though_the_first_parent_is_gone(store: Store):
    spec = SPECS["Adam and dropout"]
    grandparent, _ = trained_batch_by_batch(store, spec)
    parent, states = trained_batch_by_batch(
        store, spec.changed(seed=5, branch={"run": grandparent, "step": 17})
    )
    store.delete(grandparent)
    STATE_CACHE.clear()
    child = store.create_run(spec.changed(branch={"run": parent, "step": 9}), "ben")
    began, expected = learnt(first_state_of(store, child)), learnt(states[9])
    assert all(torch.equal(began[part], value) for part, value in expected.items())


def test_a_replay_takes_slices_and_the_branch_trains_after_it(store: Store):
    spec = SPECS["Adam and dropout"]
    parent, _ = trained_batch_by_batch(store, spec)
    child = store.create_run(spec.changed(branch={"run": parent, "step": 15}), "ben")
    results = [advance(store, child, seconds=0.0)]
    while results[-1].replaying:
        assert store.run(child).step == 0
        results.append(advance(store, child, seconds=0.0))
    on_the_way = [result.replaying for result in results[:-1]]
    assert len(on_the_way) > 2
    assert {(progress.first, progress.goal) for progress in on_the_way} == {(0, 15)}
    steps = [progress.step for progress in on_the_way]
    assert steps == sorted(set(steps))
    assert [progress.share for progress in on_the_way] == [step / 15 for step in steps]
    assert results[-1].outcome == "advanced"
    while (result := advance(store, child)).outcome == "advanced":
        pass
    assert result.outcome == "ended"
    assert store.run(child).status == "finished"


def test_weights_that_come_out_otherwise_are_refused_and_the_latest_ones_can_be_had(store: Store):
    spec = SPECS["Adam and dropout"]
    parent, states = trained_batch_by_batch(store, spec)
    table = schema.snapshots
    with store.database.writing() as connection:
        connection.execute(table.update().where(table.c.step == 2).values(fingerprint=1))
    child = store.create_run(spec.changed(branch={"run": parent, "step": 3}), "ben")
    result = advance(store, child)
    assert result.outcome == "failed"
    assert "came out otherwise at batch 2" in str(result.reason)
    child = store.create_run(spec.changed(branch={"run": parent, "step": max(states)}), "ben")
    assert advance(store, child, until_step=1).step == 1


def test_a_parent_that_was_deleted_is_a_sentence(store: Store):
    spec = SPECS["Adam and dropout"]
    parent, _ = trained_batch_by_batch(store, spec)
    child = store.create_run(spec.changed(branch={"run": parent, "step": 3}), "ben")
    store.delete(parent)
    result = advance(store, child)
    assert result.outcome == "failed"
    assert "no longer kept" in str(result.reason)


def ended(store: Store, run_id: str) -> None:
    while (result := advance(store, run_id)).outcome == "advanced":
        pass
    assert result.outcome == "ended"


def three_that_ended(store: Store, spec: RunSpec) -> tuple[str, bytes]:
    """The oldest of three runs, lightened by the end of the others, and its whole last state."""
    oldest, states = trained_batch_by_batch(store, spec)
    for seed in (8, 9):
        ended(store, store.create_run(spec.changed(seed=seed), "ana"))
    STATE_CACHE.clear()
    return oldest, states[max(states)]


@pytest.mark.parametrize("name", SPECS)
def test_a_run_without_its_optimizers_memory_goes_on_bit_for_bit(store: Store, name: str):
    spec = SPECS[name]
    run_id, whole = three_that_ended(store, spec)
    light = store.checkpoint(run_id)
    assert not past.has_whole_end(store, run_id)
    assert len(light) < 0.75 * len(whole)
    assert loop.read_weights(light).keys() == loop.read_weights(whole).keys()
    begun = loop.load(whole)
    loop.extend(begun, 2)
    for _event in loop.advance(begun, loop.Budget(batches=7)):
        pass
    epochs = begun.spec.epochs
    goal = store.run(run_id).step + 7
    results = [advance(store, run_id, seconds=0.0, again=True, epochs=epochs, until_step=goal)]
    while results[-1].replaying:
        results.append(advance(store, run_id, seconds=0.0, again=True, epochs=epochs, until_step=goal))
    assert len(results) > 2
    while STATE_CACHE[run_id].state.step < goal:
        advance(store, run_id, again=False, epochs=epochs, until_step=goal)
    state = STATE_CACHE[run_id].state
    assert store.run(run_id).notice is None
    for part, value in learnt(loop.save(begun)).items():
        assert torch.equal(learnt(loop.save(state))[part], value), part


def test_a_branch_from_the_end_of_a_lightened_run_is_trained_again_bit_for_bit(store: Store):
    spec = SPECS["Adam and dropout"]
    run_id, whole = three_that_ended(store, spec)
    end = store.run(run_id).step
    assert 0 < past.replay_from(store, store.run(run_id), end) < end
    child = store.create_run(spec.changed(branch={"run": run_id, "step": end}), "ben")
    began, expected = learnt(first_state_of(store, child)), learnt(whole)
    assert all(torch.equal(began[part], value) for part, value in expected.items())


@pytest.mark.parametrize("name", list(SPECS)[:2])
def test_a_branch_from_the_end_begins_with_its_weights_where_its_memory_is_lost(store: Store, name: str):
    spec = SPECS[name]
    run_id, whole = three_that_ended(store, spec)
    table, end = schema.snapshots, store.run(run_id).step
    with store.database.writing() as connection:
        connection.execute(table.update().where(table.c.run_id == run_id).values(fingerprint=1))
    settings = spec.changed(learning_rate_changes=())
    child = store.create_run(settings.changed(branch={"run": run_id, "step": end}), "ben")
    began, expected = loop.load(first_state_of(store, child)), loop.load(whole)
    assert same_weights(began, expected)
    assert not any(flat.whole.any() for flat in began.optimizer.memory.values())
    assert store.run(child).notice == BEGUN_ANEW
    ended(store, child)

    before = store.create_run(settings.changed(branch={"run": run_id, "step": end - 1}), "ben")
    assert "came out otherwise" in str(advance(store, before).reason)


def test_a_memory_that_cannot_be_had_again_is_said_and_the_run_goes_on(store: Store):
    spec = SPECS["Adam and dropout"]
    run_id, whole = three_that_ended(store, spec)
    table = schema.snapshots
    with store.database.writing() as connection:
        connection.execute(table.update().where(table.c.run_id == run_id).values(fingerprint=1))
    epochs = spec.epochs + 1
    result = advance(store, run_id, again=True, epochs=epochs, until_step=store.run(run_id).step + 1)
    assert result.outcome == "advanced"
    assert "could not be had again" in str(store.run(run_id).notice)
    with store.database.reading() as connection:
        mine = schema.runs.c.id == run_id
        assert not connection.execute(schema.runs.select().where(mine)).one().repeatable
    assert store.run(run_id).step == loop.load(whole).step + 1


def test_the_newest_runs_stay_whole_and_so_do_those_that_cannot_be_repeated(store: Store):
    spec = SPECS["Adam and dropout"].changed(epochs=1)
    runs = [store.create_run(spec.changed(seed=seed), "ana") for seed in range(4)]
    theirs = store.create_run(spec, "ben")
    ended(store, theirs)
    ended(store, runs[0])
    with store.database.writing() as connection:  # as if on a GPU
        connection.execute(schema.runs.update().where(schema.runs.c.id == runs[0]).values(repeatable=False))
    for run_id in runs[1:]:
        ended(store, run_id)
    whole = {run_id: past.has_whole_end(store, run_id) for run_id in (*runs, theirs)}
    assert whole == {runs[0]: True, runs[1]: False, runs[2]: True, runs[3]: True, theirs: True}


def test_a_damaged_state_of_an_older_run_keeps_no_other_run_from_ending(store: Store):
    """As the store of a version without checksums may hold it."""
    spec = SPECS["Adam and dropout"].changed(epochs=1)
    runs = [store.create_run(spec.changed(seed=seed), "ana") for seed in range(4)]
    for k, run_id in enumerate(runs):
        ended(store, run_id)
        if k == 0:
            with store.database.writing() as connection:
                mine = schema.checkpoints.c.run_id == run_id
                connection.execute(
                    schema.checkpoints.update().where(mine).values(state=b"\0" * 64, checksum=None)
                )
    assert {store.run(run_id).status for run_id in runs} == {"finished"}
    assert not past.has_whole_end(store, runs[1])
