"""On a real GPU: what is replayed is what would have been done, and nobody waits for it. `make cuda`."""

import numpy as np
import pytest
import torch

from fmnist_core.events import Notice
from fmnist_core.nets.tools import half_precision
from fmnist_core.nets.training import device, loop
from fmnist_core.nets.training.cuda_graph import NOT_RECORDED, record
from fmnist_core.nets.training.loop import Budget, TrainState
from fmnist_core.nets.worker import trial_run
from tests.nets.short_runs import each_family, losses, of_type, run, run_in_slices, same_weights, short, story

pytestmark = pytest.mark.cuda
FF = {"architecture": "ff_classifier", "hidden_sizes": [32]}


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_PRECISION", "float32")


def unrecorded(spec, dataset) -> tuple[TrainState, list]:
    state = loop.start(spec, dataset, device="cuda")
    state.replays = False
    return state, list(loop.advance(state))


@each_family
def test_a_replayed_run_is_the_run_bit_for_bit(settings, little_data):
    """Dropout draws anew in every replay, and the learning rate may change."""
    changes = [{"step": 6, "learning_rate": 0.02}]
    spec = short(**settings, patience=2, learning_rate_changes=changes)
    plain, events = unrecorded(spec, little_data)
    state, events_again = run(spec, little_data, device="cuda")
    assert state.step_graph is not None
    assert state.step_graph.refusal is None
    assert same_weights(plain, state)
    assert story(events) == story(events_again)


@each_family
def test_slices_and_checkpoints_change_nothing(settings, little_data):
    spec = short(**settings)
    whole, events = run(spec, little_data, device="cuda")
    for between in (
        lambda state: state,
        lambda state: loop.load(loop.save(state), little_data, "cuda"),
    ):
        start = loop.start(spec, little_data, device="cuda")
        sliced, events_in_slices = run_in_slices(start, Budget(batches=3), between)
        assert same_weights(whole, sliced)
        assert story(events) == story(events_in_slices)


@each_family
def test_without_dropout_it_is_the_processors_run(settings, little_data):
    spec = short(**settings, epochs=2).changed(dropout=0.0)
    _, events = run(spec, little_data, device="cpu")
    _, events_on_gpu = run(spec, little_data, device="cuda")
    np.testing.assert_allclose(losses(events_on_gpu), losses(events), rtol=2e-3)
    assert events_on_gpu[-1].test_loss == pytest.approx(events[-1].test_loss, rel=2e-3)


def test_no_batch_waits_for_the_gpu(little_data):
    state = loop.start(short(**FF, train_size=1000, batch_size=20), little_data, device="cuda")
    state.snapshot_steps = frozenset()
    for _ in range(2):
        loop.train_batch(state)
    state.step_graph.launches.most = 1000
    torch.cuda.set_sync_debug_mode("error")
    try:
        while (state.step + 1) % 20:  # the next one looks at the losses
            loop.train_batch(state)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(state.losses) == 19


def test_a_step_that_cannot_be_recorded_is_done_anew_each_time():
    total = torch.zeros((), device="cuda")

    def step(indices: torch.Tensor) -> torch.Tensor:
        total.add_(indices.sum().item())  # waits, which no recording can
        return total.clone()

    indices = torch.arange(3, device="cuda")
    generator, twin = (torch.Generator("cuda").manual_seed(4) for _ in range(2))
    graph = record(step, indices, [total], [generator])
    assert graph.refusal == NOT_RECORDED
    assert torch.cuda.current_stream() == torch.cuda.default_stream()
    assert [graph(indices + more).item() for more in (0, 1)] == [3.0, 9.0]
    assert torch.randn(1000, device="cuda").isfinite().all()
    drawn, expected = (torch.rand(9, device="cuda", generator=one) for one in (generator, twin))
    assert torch.equal(drawn, expected)


def test_a_full_gpu_hands_the_run_to_the_processor(little_data):
    """No room for the batch, and later none for the data either."""
    large = {"architecture": "conv_classifier", "hidden_sizes": [32], "pooling": False}
    spec = short(**large, train_size=1000, batch_size=1000, epochs=1)
    state = loop.start(spec, little_data, device="cuda")
    list(loop.advance(state, Budget(batches=0)))
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.empty_cache()
    try:
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 64e6) / total)
        events = list(loop.advance(state, Budget(batches=1)))
        assert state.device.type == "cpu"
        assert [n.sentence for n in of_type(Notice, events)] == [device.TOO_LITTLE_MEMORY]
        torch.cuda.set_per_process_memory_fraction(1e-6)
        begun = loop.start(short(architecture="conv_autoencoder", epochs=1), little_data, device="cuda")
        events = list(loop.advance(begun))
        assert [n.sentence for n in of_type(Notice, events)] == [device.TOO_LITTLE_MEMORY]
        assert events[-1].reason == "epochs"
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
@each_family
def test_less_exact_numbers_learn_as_well(settings, precision, little_data, monkeypatch):
    spec = short(**settings, train_size=2000, batch_size=50)
    exact, events = run(spec, little_data, device="cuda")
    monkeypatch.setenv("FMNIST_PRECISION", precision)
    state, events_again = run(spec, little_data, device="cuda")
    assert not same_weights(exact, state)
    assert events_again[-1].test_loss == pytest.approx(events[-1].test_loss, rel=0.1)


@each_family
def test_figures_are_float32s_whatever_training_is_in(settings, little_data, monkeypatch):
    monkeypatch.setenv("FMNIST_PRECISION", "tf32")
    state, events = run(short(**settings, epochs=1), little_data, device="cuda")
    exact = half_precision.tested(
        {name: weight.cpu() for name, weight in state.model.state_dict().items()}, state.spec, little_data
    )
    assert events[-1].test_loss == pytest.approx(exact.loss, rel=1e-5)


def test_dropout_that_is_left_on_is_drawn_on_the_gpu(little_data):
    spec = short(architecture="ff_classifier", hidden_sizes=[8], dropout=0.5)
    state, _events = run(spec, little_data, device="cuda")
    loss, accuracy = trial_run.with_dropout_on(state, loop.weights(state))
    assert 0 < loss < 5
    assert 0 < accuracy < 1
