"""Runs trained as one network come out as if trained alone, and as plain PyTorch has it."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from fmnist_core.data.fashion_mnist import Dataset
from fmnist_core.events import Epoch, Event, Snapshot
from fmnist_core.nets.batched import loop as batched_loop
from fmnist_core.nets.batched.loop import Sweep, SweepError
from fmnist_core.nets.batched.weights import OPTIMIZERS, stack
from fmnist_core.nets.training import evaluation, loop
from fmnist_core.nets.training.loop import Budget
from fmnist_core.spec import LABELS, RunSpec
from tests.nets.plain_networks import copy_weights, plain_network, train_plainly
from tests.nets.short_runs import FAMILIES, losses, of_type, run, same_weights, short, story

FF = {"architecture": "ff_classifier", "hidden_sizes": [32], "optimizer": "sgd", "learning_rate": 0.1}
each_family = pytest.mark.parametrize("settings", FAMILIES, ids=lambda settings: settings["architecture"])


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch):
    """Whatever this machine is good at."""
    monkeypatch.setenv("FMNIST_PRECISION", "float32")


def sweep_of(settings: dict, **more) -> list[RunSpec]:
    """Seeds, dropout values (none among them) and learning rates, all mixed."""
    rate = settings.get("learning_rate", 1e-3)
    own = [(1, 0.0, rate), (1, 0.2, rate), (2, 0.2, rate / 2), (3, 0.5, rate * 1.5)]
    return [
        short(**{**settings, **more, "seed": seed, "dropout": p, "learning_rate": lr}) for seed, p, lr in own
    ]


def run_sweep(specs: Sequence[RunSpec], dataset: Dataset) -> tuple[Sweep, list[list[Event]]]:
    sweep = batched_loop.start(specs, dataset)
    told = list(batched_loop.advance(sweep))
    assert sweep.finished
    return sweep, [[event for number, event in told if number == mine] for mine in range(len(specs))]


def alike(mine: Sequence[Event], alone: Sequence[Event]) -> None:
    """The same events with the same figures, to what float rounding makes of a few steps of Adam."""
    assert [type(event) for event in mine] == [type(event) for event in alone]
    np.testing.assert_allclose(losses(mine), losses(alone), rtol=2e-3)
    for ours, theirs in zip(of_type(Epoch, mine), of_type(Epoch, alone), strict=True):
        assert (ours.epoch, ours.step, ours.learning_rate) == (
            theirs.epoch,
            theirs.step,
            theirs.learning_rate,
        )
        assert ours.train_loss_eval == pytest.approx(theirs.train_loss_eval, rel=2e-3)
        assert ours.validation_loss == pytest.approx(theirs.validation_loss, rel=2e-3)
        if ours.confusion is not None:
            assert np.abs(ours.confusion - theirs.confusion).sum() <= 4
    for ours, theirs in zip(of_type(Snapshot, mine), of_type(Snapshot, alone), strict=True):
        far = np.abs(ours.outputs.astype(float) - theirs.outputs).max()
        assert far <= (3 if ours.outputs.dtype == np.uint8 else 0.02)
    ours, theirs = mine[-1], alone[-1]
    assert (ours.reason, ours.epoch, ours.best_epoch) == (theirs.reason, theirs.epoch, theirs.best_epoch)
    assert ours.test_loss == pytest.approx(theirs.test_loss, rel=2e-3)


@each_family
def test_every_run_is_the_run_alone(settings, little_data):
    specs = sweep_of(settings, patience=2)
    sweep, told = run_sweep(specs, little_data)
    for spec, state, events in zip(specs, sweep.runs, told, strict=True):
        alone, told_alone = run(spec, little_data)
        alike(events, told_alone)
        assert torch.equal(state.generator.get_state(), alone.generator.get_state())
        for mine, other in zip(state.model.parameters(), alone.model.parameters(), strict=True):
            assert (mine - other).norm() <= 0.02 * other.norm()


@each_family
def test_without_dropout_every_run_is_a_plain_pytorch_loop(settings, little_data):
    specs = [spec.changed(dropout=0.0, epochs=2) for spec in sweep_of(settings)[1:]]
    start = [loop.start(spec, little_data).model for spec in specs]
    sweep, told = run_sweep(specs, little_data)
    pixels = torch.tensor(little_data.train_images).unsqueeze(1) / 255
    labels = torch.tensor(little_data.train_labels).long()
    for spec, model, state, events in zip(specs, start, sweep.runs, told, strict=True):
        plain, parts = copy_weights(model, plain_network(spec)), state.parts
        scale = parts.mean, parts.deviation
        plain_losses = train_plainly(plain, spec, parts.train, pixels, labels, scale)
        np.testing.assert_allclose(losses(events), plain_losses, rtol=1e-3)
        for ours, theirs in zip(state.model.parameters(), plain.parameters(), strict=True):
            assert (ours - theirs).norm() <= 0.02 * theirs.norm()


@pytest.mark.parametrize("momentum", [None, 0.0, 0.9])
def test_the_optimizers_are_pytorchs(momentum, little_data):
    """Twenty steps with gradients of all sizes, a learning rate for each run, and one that changes."""
    kind = {"optimizer": "adam"} if momentum is None else {"optimizer": "sgd", "momentum": momentum}
    specs = [short(**{**FF, **kind, "seed": seed}) for seed in range(3)]
    runs = [loop.start(spec, little_data) for spec in specs]
    twins = [loop.start(spec, little_data) for spec in specs]
    together, rates = stack(runs), torch.tensor([[1e-3], [1e-2], [0.1]])
    random, shape = torch.Generator().manual_seed(5), together.weights.shape
    for count in range(20):
        rates[1] = 0.05 if count > 9 else 0.01
        sizes = 10.0 ** torch.randint(-6, 2, shape, generator=random)
        slope = torch.randn(shape, generator=random) * sizes
        for row, twin in enumerate(twins):
            place = 0
            for weight in twin.model.parameters():
                weight.grad = slope[row, place : place + weight.numel()].view_as(weight).clone()
                place += weight.numel()
            twin.optimizer.param_groups[0]["lr"] = rates[row].item()
            twin.optimizer.step()
        with torch.no_grad():
            OPTIMIZERS[kind["optimizer"]](together, slope, rates, momentum or 0.0)
    for state, twin in zip(runs, twins, strict=True):
        for mine, other in zip(state.model.parameters(), twin.model.parameters(), strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-5)
        for mine, other in zip(state.memory().values(), twin.memory().values(), strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_a_run_that_overflows_leaves_the_others_alone(little_data):
    shape = {**FF, "hidden_sizes": [64] * 4, "scaling": "standard", "dropout": 0.0, "epochs": 30}
    specs = [short(**{**shape, "seed": seed, "learning_rate": lr}) for seed, lr in ((1, 0.05), (2, 10.0))]
    sweep, (calm, wild) = run_sweep(specs, little_data)
    alike(calm, run(specs[0], little_data)[1])
    assert story(wild)[-2:] == story(run(specs[1], little_data)[1])[-2:]
    assert (wild[-1].reason, wild[-1].test_loss) == ("diverged", None)
    assert sweep.runs[1].step < sweep.runs[0].step


@each_family
def test_slices_and_checkpoints_change_nothing(settings, little_data, monkeypatch):
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    specs = sweep_of(settings, epochs=2)[:2]
    whole, told = run_sweep(specs, little_data)
    sweep, told_in_pieces = batched_loop.start(specs, little_data), []
    while not sweep.finished:
        told_in_pieces += batched_loop.advance(sweep, Budget(batches=3))
        sweep = Sweep([loop.load(loop.save(state), little_data) for state in sweep.runs])
    for mine, state in enumerate(sweep.runs):
        assert same_weights(whole.runs[mine], state)
        assert story(told[mine]) == story(event for number, event in told_in_pieces if number == mine)
        assert state.seconds > 0


def test_budgets_end_where_those_of_single_runs_do(little_data):
    for budget in (Budget(seconds=0.0), Budget(batches=3), Budget(batches=4), Budget(epochs=1)):
        sweep, alone = batched_loop.start(sweep_of(FF), little_data), loop.start(short(**FF), little_data)
        for _ in range(3):
            list(batched_loop.advance(sweep, budget))
            list(loop.advance(alone, budget))
            assert [state.step for state in sweep.runs] == [alone.step] * 4
            assert [state.evaluation is None for state in sweep.runs] == [alone.evaluation is None] * 4


def test_a_run_may_leave_and_train_on_alone(little_data):
    specs = sweep_of(FF, momentum=0.9)
    whole, _ = run_sweep(specs, little_data)
    sweep = batched_loop.start(specs, little_data)
    list(batched_loop.advance(sweep, Budget(epochs=1)))
    loner = sweep.runs.pop(2)
    told = list(loop.advance(loner))
    assert told[-1].reason == "epochs"
    list(batched_loop.advance(sweep))
    for state, other in zip([*sweep.runs, loner], [whole.runs[k] for k in (0, 1, 3, 2)], strict=True):
        for mine, theirs in zip(state.model.parameters(), other.model.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_run_that_was_extended_catches_up(little_data):
    specs = sweep_of(FF)
    sweep, _ = run_sweep(specs, little_data)
    for state in sweep.runs:
        loop.extend(state, 1)
    list(loop.advance(sweep.runs[1], Budget(batches=2)))
    told = list(batched_loop.advance(sweep))
    assert {number for number, _ in told} == {0, 1, 2, 3}
    whole, _ = run_sweep([spec.changed(epochs=4) for spec in specs], little_data)
    for state, other in zip(sweep.runs, whole.runs, strict=True):
        assert (state.step, state.finished) == (16, True)
        for mine, theirs in zip(state.model.parameters(), other.model.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


@each_family
def test_a_replayed_sweep_is_the_sweep_bit_for_bit(settings, little_data):
    changes = [{"step": 5, "learning_rate": 0.01}]
    specs = sweep_of(settings, epochs=2, learning_rate_changes=changes)[1:3]
    plain, told = run_sweep(specs, little_data)
    sweep = batched_loop.start(specs, little_data)
    for state in sweep.runs:
        state.replays = True
    told_again = list(batched_loop.advance(sweep))
    assert sweep.step_graph is not None
    for mine, state in enumerate(sweep.runs):
        assert same_weights(plain.runs[mine], state)
        assert story(told[mine]) == story(event for number, event in told_again if number == mine)


def test_a_frozen_encoder_stays_where_it_is(little_data):
    encoder = {"architecture": "ff_autoencoder", "frozen": True}
    specs = sweep_of({"architecture": "encoder_classifier", "encoder": encoder}, epochs=1)
    sweep, told = run_sweep(specs, little_data)
    for spec, state, events in zip(specs, sweep.runs, told, strict=True):
        before = loop.start(spec, little_data).model.state_dict()
        moved = {name for name, w in state.model.state_dict().items() if not torch.equal(w, before[name])}
        assert moved == {"output.weight", "output.bias"}
        alike(events, run(spec, little_data)[1])


def test_a_list_that_does_not_fit_together_is_refused_with_the_setting_that_differs(little_data):
    spec = short(**FF)
    others = {
        "hidden_sizes": [33],
        "batch_size": 41,
        "epochs": 4,
        "optimizer": "adam",
        "momentum": 0.5,
        "train_size": 146,
        "validation_size": 91,
        "patience": 3,
        "scaling": "symmetric",
        "loss": "mse",
        "pooling": False,
        "architecture": "conv_classifier",
    }
    for name, value in others.items():
        with pytest.raises(SweepError, match=str(LABELS[name])):
            batched_loop.start([spec, spec.changed(**{name: value})], little_data)
    with pytest.raises(SweepError, match="at least one"):
        batched_loop.start([], little_data)
    own = {"seed": 9, "dropout": 0.3, "learning_rate": 0.2}
    own["learning_rate_changes"] = [{"step": 3, "learning_rate": 0.1}]
    batched_loop.check([spec, spec.changed(**own)])
    assert math.isfinite(run_sweep([spec], little_data)[1][0][-1].test_loss)
