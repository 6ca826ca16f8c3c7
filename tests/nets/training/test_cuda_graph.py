"""The way a GPU trains, taken on a CPU as far as it goes: the same memory every time, the same results."""

import time

import pytest
import torch

from fmnist_core.events import Notice
from fmnist_core.nets.training import device, evaluation, loop, step
from fmnist_core.nets.training.checkpoint import move_to_cpu
from fmnist_core.nets.training.cuda_graph import AHEAD, LaunchLimit, record
from fmnist_core.nets.training.loop import Budget, TrainState
from fmnist_core.nets.training.state import where_there_is_room
from fmnist_core.nets.training.step import GradientDescent
from tests.nets.short_runs import each_family, losses, of_type, run, run_in_slices, same_weights, short, story

FF = {"architecture": "ff_classifier", "hidden_sizes": [32]}


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch):
    """Whatever this machine is good at."""
    monkeypatch.setenv("FMNIST_PRECISION", "float32")


def replaying(state: TrainState) -> TrainState:
    """A fresh or loaded state as it would be on a GPU, but for the device."""
    state.optimizer.rate = torch.tensor(state.spec.learning_rate, dtype=torch.float64)  # exact as a number
    state.replays = True
    return state


@pytest.mark.slow
@each_family
def test_a_replayed_run_is_the_run_bit_for_bit(settings, little_data):
    """With a learning rate that changes, and with last batches that are smaller."""
    change = {"step": 6, "learning_rate": 0.02}
    spec = short(**settings, patience=2, learning_rate_changes=[change])
    plain, events = run(spec, little_data)
    state = replaying(loop.start(spec, little_data))
    events_again = list(loop.advance(state))
    assert state.step_graph is not None
    assert same_weights(plain, state)
    assert story(events) == story(events_again)


@pytest.mark.slow
@each_family
def test_slices_and_checkpoints_of_a_replayed_run_change_nothing(settings, little_data, monkeypatch):
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    spec = short(**settings, epochs=2)
    plain, events = run(spec, little_data)
    state, events_in_pieces = run_in_slices(
        replaying(loop.start(spec, little_data)),
        Budget(batches=3),
        between=lambda state: replaying(loop.load(loop.save(state), little_data)),
    )
    assert same_weights(plain, state)
    assert story(events) == story(events_in_pieces)


def test_a_branch_of_a_replayed_run_goes_on_with_the_optimizers_memory(little_data):
    trained = replaying(loop.start(short(**FF, epochs=1), little_data))
    list(loop.advance(trained))
    blob = loop.save(trained)
    spec = short(**FF, branch={"run": "a", "step": 4}, learning_rate=0.01)
    branches = [loop.start(spec, little_data, branch=blob) for _ in range(2)]
    for state in (branches[0], replaying(branches[1])):
        list(loop.advance(state))
    assert same_weights(*branches)


@each_family
def test_recording_leaves_everything_as_it_was(settings, little_data):
    """Weights, the optimizer's memory, the generator; also if the step fails on the way."""
    state = replaying(loop.start(short(**settings), little_data))
    list(loop.advance(state, Budget(batches=2)))
    touched = [state.weights.whole, *state.optimizer.tensors()]

    def snapshot() -> list[torch.Tensor]:
        return [*(tensor.detach().clone() for tensor in touched), state.generator.get_state()]

    moved, descent = [], GradientDescent(state)

    def descend(indices: torch.Tensor) -> torch.Tensor:
        loss = descent(indices)
        moved.append(not all(map(torch.equal, snapshot(), before)))
        return loss

    def fails(indices: torch.Tensor) -> torch.Tensor:
        descend(indices)
        raise RuntimeError("an error in the middle")

    indices, before = step.next_indices(state), snapshot()
    record(descend, indices, touched, [state.generator])
    assert all(map(torch.equal, snapshot(), before))
    with pytest.raises(RuntimeError, match="in the middle"):
        record(fails, indices, touched, [state.generator])
    assert all(map(torch.equal, snapshot(), before))
    assert len(moved) == 4
    assert all(moved)


def test_a_run_moved_to_the_processor_goes_on_from_where_it_stands(little_data, monkeypatch):
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    spec = short(**FF, patience=1)
    whole, events = run(spec, little_data)
    state, events_in_pieces = loop.start(spec, little_data), []
    while not state.finished:
        events_in_pieces += loop.advance(state, Budget(seconds=0.0))
        if not state.finished:
            notice = move_to_cpu(state)
            assert (notice.kind, notice.step) == ("device", state.step)
    assert same_weights(whole, state)
    assert story(events) == story(events_in_pieces)


def test_losses_that_nobody_has_heard_of_move_along(little_data):
    spec = short(**FF, epochs=1)
    state = loop.start(spec, little_data)
    loop.take_snapshot(state)
    state.snapshot_steps = frozenset()
    for _ in range(2):
        loop.train_batch(state)
    move_to_cpu(state)
    assert len(losses(loop.advance(state))) == spec.total_steps


def test_where_the_gpu_is_full_a_run_starts_on_the_processor_and_says_so(little_data):
    def make(device: torch.device) -> TrainState:
        if device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return loop.start(short(**FF, epochs=1), little_data, device=device)

    state = where_there_is_room(make, "cuda")
    assert state.device.type == "cpu"
    (notice,) = of_type(Notice, loop.advance(state))
    assert (notice.kind, notice.sentence) == ("device", device.TOO_LITTLE_MEMORY)
    with pytest.raises(RuntimeError, match="something else"):
        where_there_is_room(lambda device: (_ for _ in ()).throw(RuntimeError("something else")), "cuda")


class Device:
    """Works off what is launched, one thing after the other, on its own."""

    def __init__(self) -> None:
        self.waits, self.busy_until = 0, 0.0

    def launch(self, seconds: float) -> float:
        """How long from now until it is carried out."""
        now = time.perf_counter()
        self.busy_until = max(now, self.busy_until) + seconds
        return self.busy_until - now

    def wait(self) -> None:
        self.waits += 1
        time.sleep(max(0.0, self.busy_until - time.perf_counter()))  # until the device is done


def test_nobody_runs_far_ahead_of_the_device():
    """A device of 1 ms a step, and one of 0.02 ms: both have work for about `AHEAD`, and few waits."""
    for seconds, steps in ((1e-3, 200), (2e-5, 5000)):
        device = Device()
        limit = LaunchLimit(device.wait)
        leads = []
        for _ in range(steps):
            limit.before_launch()
            leads.append(device.launch(seconds))
        assert max(leads) < 3 * AHEAD
        assert device.waits < steps / 5


def test_precision_is_a_choice_of_three(monkeypatch):
    monkeypatch.delenv("FMNIST_PRECISION", raising=False)
    assert device.precision() == "tf32"
    for chosen in device.PRECISIONS:
        monkeypatch.setenv("FMNIST_PRECISION", chosen)
        assert device.precision() == chosen
    monkeypatch.setenv("FMNIST_PRECISION", "float8")
    with pytest.raises(device.PrecisionError, match="tf32, float32, bfloat16; it is “float8”"):
        device.precision()


def test_full_memory_is_told_from_other_errors():
    for error in (
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ):
        assert device.is_full(error)
    assert not device.is_full(RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert not device.is_full(ValueError("out of memory"))
