"""A worker never trains on weights of which a bit has flipped: it goes back to a sound state, or says why."""

import shutil

import pytest
import torch

from fmnist_core.data import folders, shipped_models
from fmnist_core.messages import SliceRequest, SliceResult
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import queries, slices, state_cache
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import schema
from fmnist_core.store.rows import Damaged
from fmnist_core.store.runs import Store
from tests.store.flipped_bits import flip, flip_in

pytestmark = pytest.mark.usefixtures("new_worker")

SMALL = {"hidden_sizes": [16], "train_size": 1000, "validation_size": 200, "epochs": 4, "batch_size": 50}
SPEC = read_spec({"architecture": "ff_classifier", **SMALL})


def advance(store: Store, run_id: str, until_step: int | None = None) -> SliceResult:
    """By a worker that knows nothing of the run."""
    STATE_CACHE.clear()
    return slices.advance_slice(
        SliceRequest(
            time_slice="time_slice",
            store_url=store.url,
            run_id=run_id,
            lease=store.claim(run_id),
            threads=1,
            seconds=60.0,
            epochs=store.run(run_id).spec.epochs,
            full_data=False,
            until_step=until_step,
            checkpoint=True,
        )
    )


def weights_in_one_go(spec: RunSpec) -> dict[str, torch.Tensor]:
    torch.set_num_threads(1)
    state = loop.start(spec)
    for _ in loop.advance(state):
        pass
    return state.model.state_dict()


def assert_as_in_one_go(store: Store, run_id: str) -> None:
    weights = loop.load(store.checkpoint(run_id)).model.state_dict()
    for name, weight in weights_in_one_go(store.run(run_id).spec).items():
        assert torch.equal(weights[name], weight)


def kept_states(store: Store, run_id: str) -> list[int]:
    return [info.step for info in store.snapshots(run_id) if store.snapshot_state(run_id, info.step)]


def test_training_goes_on_from_the_nearest_sound_state_and_comes_out_the_same(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id, until_step=60)
    (kept_step,) = [step for step in kept_states(store, run_id) if step < 60]
    flip_in(store, schema.checkpoints.c.state, run_id)
    result = advance(store, run_id, until_step=kept_step + 1)
    assert (result.outcome, result.step) == ("advanced", kept_step + 1)
    notice = str(store.run(run_id).notice)
    assert f"damaged, so training went back from batch 60 to batch {kept_step}" in notice
    store.checkpoint(run_id)  # a sound one has taken its place
    assert advance(store, run_id).outcome == "ended"
    assert_as_in_one_go(store, run_id)


def test_without_any_sound_state_training_begins_anew(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id, until_step=60)
    flip_in(store, schema.checkpoints.c.state, run_id)
    for step in kept_states(store, run_id):
        flip_in(store, schema.snapshot_states.c.state, run_id, step=step)
    advance(store, run_id, until_step=1)
    assert "from batch 60 to batch 0" in str(store.run(run_id).notice)
    assert advance(store, run_id).outcome == "ended"
    assert_as_in_one_go(store, run_id)


def test_a_damaged_state_at_the_very_step_of_a_sound_one_is_replaced(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id, until_step=60)
    (kept_step,) = [step for step in kept_states(store, run_id) if step < 60]
    other = store.create_run(SPEC, "ana")
    advance(store, other, until_step=kept_step)
    flip_in(store, schema.checkpoints.c.state, other)
    advance(store, other, until_step=kept_step)
    assert loop.load(store.checkpoint(other)).step == kept_step


def test_a_learning_rate_that_changed_since_the_older_state_changes_again(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id, until_step=50)
    assert max(kept_states(store, run_id)) < 49
    store.set_spec(run_id, SPEC.changed(learning_rate_changes=({"step": 49, "learning_rate": 0.01},)))
    flip_in(store, schema.checkpoints.c.state, run_id)
    assert advance(store, run_id).outcome == "ended"
    assert_as_in_one_go(store, run_id)


def test_a_question_about_a_damaged_network_is_refused(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id, until_step=60)
    flip_in(store, schema.checkpoints.c.state, run_id)
    STATE_CACHE.clear()
    with pytest.raises(Damaged, match="is damaged"):
        queries.reconstruct(store.url, run_id, [1, 2, 3])


def test_a_branch_never_starts_from_damaged_weights(store: Store):
    run_id = store.create_run(SPEC, "ana")
    advance(store, run_id)
    (kept_step,) = kept_states(store, run_id)
    sound = loop.load(store.snapshot_state(run_id, kept_step)).model.state_dict()
    flip_in(store, schema.snapshot_states.c.state, run_id, step=kept_step)
    child = store.create_run(SPEC.changed(branch={"run": run_id, "step": kept_step}, epochs=1), "ana")
    request = SliceRequest("time_slice", store.url, child, store.claim(child), 1, 60.0, 1, False)
    STATE_CACHE.clear()
    state = state_cache.cached_state(request).state  # the parent is trained again up to there
    assert all(torch.equal(sound[name], weight) for name, weight in state.model.state_dict().items())


@pytest.mark.parametrize("origin", ["run", "model"])
def test_a_classifier_never_starts_from_a_damaged_encoder(store: Store, tmp_path, monkeypatch, origin):
    if origin == "run":
        source = read_spec({"architecture": "ff_autoencoder", **SMALL})
        name = store.create_run(source, "ana")
        advance(store, name)
        flip_in(store, schema.checkpoints.c.state, name)
    else:
        name = "r1-n64"
        source = shipped_models.specs()[name]
        shutil.copytree(folders.SHIPPED_MODELS / name, tmp_path / name)
        shutil.copy(folders.SHIPPED_MODELS / shipped_models.SUMS, tmp_path / shipped_models.SUMS)
        monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)
        weights = tmp_path / name / "model.safetensors"
        weights.write_bytes(flip(weights.read_bytes()))
    encoder = {"architecture": "ff_autoencoder", "frozen": True, "origin": origin, "id": name}
    sizes = {**SMALL, "hidden_sizes": list(source.hidden_sizes)}
    spec = read_spec({"architecture": "encoder_classifier", **sizes, "encoder": encoder})
    run_id = store.create_run(spec, "ana")
    result = advance(store, run_id)
    assert result.outcome == "failed"
    assert "is damaged" in str(result.reason)
    assert store.run(run_id).step == 0
