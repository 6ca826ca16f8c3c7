"""Two hundred steps beside PyTorch's own loop: the same weights, as far as rounding lets them be."""

import pytest
import torch

from fmnist_core.nets.training import loop, step
from fmnist_core.nets.training.loop import Budget, TrainState
from fmnist_core.nets.training.step import GradientDescent
from tests.nets.plain_networks import copy_weights, plain_network, train_plainly
from tests.nets.short_runs import each_family, run, run_in_slices, same_weights, short, story

STEADY = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.5}
EXACT = {"train_size": 145, "validation_size": 0, "epochs": 50, "dropout": 0.0, "scaling": "unit"}


def farthest(spec, dataset, dtype: torch.dtype) -> float:
    """The largest difference of any weight after the spec's steps, last batches of 25 images among them."""
    state = loop.start(spec, dataset, device="cpu")
    state.snapshot_steps, state.position.snapshot_taken = frozenset(), 0
    plain = copy_weights(state.model, plain_network(spec).to(dtype))
    before = state.weights.whole.clone()
    while state.step < spec.total_steps:
        loop.train_batch(state)
        state.evaluation = None
    pixels = (torch.tensor(dataset.train_images).unsqueeze(1) / 255).to(dtype)
    labels = torch.tensor(dataset.train_labels).long()
    train_plainly(plain, spec, state.parts.train, pixels, labels, (0.0, 1.0))
    pairs = zip(state.model.parameters(), plain.parameters(), strict=True)
    assert state.step == 200
    assert (state.weights.whole - before).abs().max() > 1e-4, "a step that moves nothing proves nothing"
    return max((ours - theirs).abs().max().item() for ours, theirs in pairs)


@each_family
def test_200_steps_in_float32_end_at_the_weights_of_plain_pytorch(settings, little_data, monkeypatch):
    """Steps so small that they magnify no rounding on the way; a classifier on convolutions still would."""
    monkeypatch.setenv("FMNIST_PRECISION", "float32")
    if settings["architecture"] == "encoder_classifier":
        settings = {**settings, "encoder": {"architecture": "ff_autoencoder"}}
    assert farthest(short(**{**settings, **EXACT, **STEADY}), little_data, torch.float32) < 1e-5


@pytest.mark.usefixtures("in_float64")
@each_family
def test_200_steps_of_its_own_optimizer_in_float64_do_too(settings, little_data):
    """Adam divides by the gradient's size, and so magnifies rounding most where there is next to none."""
    assert farthest(short(**{**settings, **EXACT}), little_data, torch.float64) < 1e-5


@each_family
def test_memory_given_back_after_every_piece_of_work_changes_nothing(settings, little_data):
    """As between time slices, in the middle of an evaluation too."""
    spec = short(**settings, epochs=2)
    whole, events = run(spec, little_data)

    def give_back(state: TrainState) -> TrainState:
        state.give_back()
        assert state.descend is None
        assert state.evaluation is None or state.evaluation.predict is None
        return state

    pieces, events_in_pieces = run_in_slices(loop.start(spec, little_data), Budget(seconds=0.0), give_back)
    assert same_weights(whole, pieces)
    assert story(events) == story(events_in_pieces)


def test_a_step_makes_no_memory_that_grows_with_the_batch(little_data):
    """But for the images themselves, and what the loss keeps of the outputs."""
    spec = short(architecture="ff_classifier", hidden_sizes=[600, 500], train_size=1000, batch_size=500)
    state = loop.start(spec, little_data, device="cpu")
    state.descend = GradientDescent(state)
    indices = step.next_indices(state)
    state.descend(indices)
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        state.descend(indices)
    made = sum(max(0, event.cpu_memory_usage) for event in profile.events() if "empty" in event.name)
    images, outputs = 500 * 784 * (4 + 1), 500 * 10 * 4
    assert made < images + 4 * outputs + 10_000
