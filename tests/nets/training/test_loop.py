"""The laws of training: slices change nothing, a seed decides everything, and a plain PyTorch loop agrees."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fmnist_core.events import Epoch, Finished, Notice, Snapshot
from fmnist_core.nets.models.networks import EncoderError
from fmnist_core.nets.training import evaluation, loop
from fmnist_core.nets.training.loop import Budget, CheckpointError
from fmnist_core.nets.training.step import next_indices
from fmnist_core.sentences import LabError
from fmnist_core.spec import SpecError, snapshot_steps
from tests.nets.plain_networks import copy_weights, plain_network, train_plainly
from tests.nets.short_runs import each_family, losses, of_type, run, run_in_slices, same_weights, short, story

FF = {"architecture": "ff_classifier", "hidden_sizes": [32]}


@each_family
def test_one_call_or_many_slices_are_the_same_bit_for_bit(settings, little_data, monkeypatch):
    """A slice of no time at all ends after every batch and within every evaluation."""
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    spec = short(**settings, patience=1)
    whole, events = run(spec, little_data)
    for budget in (Budget(seconds=0.0), Budget(batches=3), Budget(epochs=1)):
        sliced, events_in_slices = run_in_slices(loop.start(spec, little_data), budget)
        assert same_weights(whole, sliced)
        assert story(events) == story(events_in_slices)


@each_family
def test_saving_and_loading_at_every_turn_equals_never_having_stopped(settings, little_data, monkeypatch):
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    spec = short(**settings, patience=1)
    whole, events = run(spec, little_data)
    interrupted, events_in_pieces = run_in_slices(
        loop.start(spec, little_data),
        Budget(seconds=0.0),
        between=lambda state: loop.load(loop.save(state), little_data),
    )
    assert same_weights(whole, interrupted)
    assert story(events) == story(events_in_pieces)
    assert loop.weights(whole) == loop.weights(interrupted)  # the best ones
    assert interrupted.seconds > 0


@pytest.mark.usefixtures("in_float64")
@each_family
def test_without_dropout_a_plain_pytorch_loop_gives_the_same_weights(settings, little_data):
    """For every scaling of the images. In float32 PyTorch's own loop, its images laid out by pixel, differs
    by up to 1e-3 from itself: Adam makes whole steps of gradients that are nothing but rounding.
    """
    spec = short(**settings, epochs=2).changed(dropout=0.0)
    state = loop.start(spec, little_data)
    plain = copy_weights(state.model, plain_network(spec).double())
    events = list(loop.advance(state))

    parts = state.parts
    pixels = (torch.tensor(little_data.train_images).unsqueeze(1) / 255).double()
    labels = torch.tensor(little_data.train_labels).long()
    train_pixels = pixels[parts.train]
    scale = {
        "unit": (0.0, 1.0),
        "symmetric": (0.5, 0.5),
        "standard": (train_pixels.mean().item(), train_pixels.std(correction=0).item()),
    }
    plain_losses = train_plainly(plain, spec, parts.train, pixels, labels, scale[spec.scaling])
    np.testing.assert_allclose(losses(events), plain_losses, rtol=1e-5)
    for ours, theirs in zip(state.model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@each_family
def test_one_batch_overfits(settings, little_data):
    rate = 5.0 if settings.get("optimizer") == "sgd" else 2e-3
    settings = {**settings, "learning_rate": rate, "dropout": 0.0, "validation_size": 0}
    spec = short(**{**settings, "train_size": 100, "batch_size": 100, "epochs": 150})
    state = loop.start(spec, little_data)
    figures: list[Epoch] = []
    while not state.finished:
        figures += of_type(Epoch, loop.advance(state, Budget(epochs=1)))
        if figures[-1].train_accuracy == 1.0 or figures[-1].train_loss_eval < 0.03:
            return
    pytest.fail(f"after {len(figures)} steps: {figures[-1]}")


def test_the_seed_decides_the_run(little_data):
    first, events = run(short(**FF), little_data)
    torch.rand(1)
    second, events_again = run(short(**FF), little_data)
    other, _ = run(short(**{**FF, "seed": 5}), little_data)
    assert same_weights(first, second)
    assert story(events) == story(events_again)
    assert not same_weights(first, other)


def test_training_leaves_the_global_generator_alone(little_data):
    before = torch.get_rng_state()
    run(short(**FF, epochs=1), little_data)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_test_set_is_never_trained_on(little_data):
    """With other test images and labels, everything but the film and the test comes out the same."""
    spec = short(**FF, patience=2)
    blank = replace(
        little_data,
        test_images=np.zeros_like(little_data.test_images),
        test_labels=np.roll(little_data.test_labels, 1),
    )
    honest, events = run(spec, little_data)
    blind, events_blind = run(spec, blank)
    assert same_weights(honest, blind)
    assert loop.weights(honest) == loop.weights(blind)
    assert np.array_equal(losses(events), losses(events_blind))
    figures = [
        [(e.train_loss_eval, e.validation_loss) for e in of_type(Epoch, t)] for t in (events, events_blind)
    ]
    assert figures[0] == figures[1]
    assert events[-1].test_loss != events_blind[-1].test_loss


def test_every_epoch_sees_every_training_image_once_in_an_order_of_its_own(little_data):
    spec = short(**FF)
    state = loop.start(spec, little_data)
    seen = []
    while not state.finished:
        if state.evaluation is None and state.position.snapshot_taken >= 0:
            next_indices(state)
            if state.step % spec.steps_per_epoch == 0:
                seen.append(state.order[1])
        list(loop.advance(state, Budget(seconds=0.0)))
    assert len(seen) == spec.epochs
    for order in seen:
        assert torch.equal(order.sort().values, state.parts.train.sort().values)
    assert not torch.equal(seen[0], seen[1])
    assert not set(state.parts.train.tolist()) & set(state.parts.validation.tolist())


def test_an_epoch_reports_its_own_figures(little_data):
    spec = short(**FF, learning_rate_changes=[{"step": 4, "learning_rate": 0.01}])
    state, events = run(spec, little_data)
    epochs, steps = of_type(Epoch, events), spec.steps_per_epoch
    assert [(e.epoch, e.step) for e in epochs] == [(1, 4), (2, 8), (3, 12)]
    assert [e.learning_rate for e in epochs] == [1e-3, 0.01, 0.01]
    sizes = np.array([40] * 3 + [25])
    for e in epochs:
        own = losses(events)[e.step - steps : e.step].astype(float)
        assert e.train_loss == pytest.approx(own @ sizes / 145, rel=1e-12)
        assert e.confusion.sum() == 90
        assert e.validation_accuracy == e.confusion.trace() / 90
    assert sum(e.seconds for e in epochs) < state.seconds


def test_without_validation_images_there_is_nothing_to_say_of_them(little_data):
    _, events = run(short(**FF, epochs=1).changed(validation_size=0), little_data)
    (epoch,) = of_type(Epoch, events)
    assert (epoch.validation_loss, epoch.validation_accuracy, epoch.confusion) == (None, None, None)
    assert epoch.train_accuracy is not None


@pytest.mark.parametrize("architecture", ["ff_autoencoder", "ff_classifier"])
def test_the_film_is_taken_at_its_steps_and_shows_what_the_network_then_says(architecture, little_data):
    spec = short(architecture=architecture)
    _, events = run(spec, little_data)
    frames = of_type(Snapshot, events)
    assert [frame.step for frame in frames] == list(snapshot_steps(spec))
    assert [frame.epoch for frame in frames] == [frame.step / 4 for frame in frames]
    for frame in frames[::4]:
        model = plain_network(spec).eval()
        copy_weights(loop.load(frame.state, little_data).model, model)
        indices = [int(np.argmax(little_data.test_labels == k)) for k in range(10)]
        with torch.no_grad():
            outputs = model(torch.tensor(little_data.test_images[indices]).unsqueeze(1) / 255)
        if architecture == "ff_autoencoder":
            assert frame.outputs.shape == (10, 28, 28)
            assert frame.outputs.dtype == np.uint8
            assert np.abs(frame.outputs - outputs.squeeze(1).numpy() * 255).max() <= 0.501
        else:
            assert frame.outputs.dtype == np.float32
            np.testing.assert_allclose(frame.outputs, outputs.softmax(1), atol=1e-5)


def test_a_budget_of_batches_or_epochs_includes_the_evaluation_they_make_due(little_data):
    state = loop.start(short(**FF), little_data)
    assert of_type(Epoch, loop.advance(state, Budget(batches=3))) == []
    assert state.step == 3
    assert [e.epoch for e in of_type(Epoch, loop.advance(state, Budget(batches=1)))] == [1]
    assert [e.epoch for e in of_type(Epoch, loop.advance(state, Budget(epochs=1)))] == [2]
    assert state.step == 8
    events = list(loop.advance(state, Budget(epochs=1)))
    assert events[-1].reason == "epochs"
    assert list(loop.advance(state)) == []


def test_no_piece_of_work_is_larger_than_a_batch_or_a_chunk(little_data, monkeypatch):
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    state = loop.start(short(**FF, epochs=1), little_data)
    while not state.finished:
        step, tallies = state.step, state.evaluation.tallies if state.evaluation else {}
        seen = sum(tally.seen for tally in tallies.values())
        list(loop.advance(state, Budget(seconds=0.0)))
        assert state.step <= step + 1
        assert sum(tally.seen for tally in tallies.values()) <= seen + 70


def test_early_stopping_ends_the_run_and_tests_the_best_weights(little_data):
    spec = short(**FF, learning_rate=0.05, patience=2).changed(epochs=40)
    state, events = run(spec, little_data)
    losses_seen = [e.validation_loss for e in of_type(Epoch, events)]
    finished = events[-1]
    assert finished.reason == "early_stopping"
    assert finished.best_epoch == int(np.argmin(losses_seen)) + 1
    assert len(losses_seen) == finished.best_epoch + 2 < 40

    up_to_the_best, events = run(spec.changed(patience=None, epochs=finished.best_epoch), little_data)
    best = loop.read_weights(loop.weights(state))
    current = up_to_the_best.model.state_dict()
    assert all(torch.equal(best[name], current[name]) for name in current)
    assert finished.test_loss == events[-1].test_loss
    assert np.array_equal(finished.test_confusion, events[-1].test_confusion)


def test_a_learning_rate_changed_on_the_way_is_recorded_and_can_be_repeated(little_data):
    state = loop.start(short(**FF), little_data)
    events = list(loop.advance(state, Budget(batches=5)))
    loop.change_learning_rate(state, 0.02)
    loop.change_learning_rate(state, 0.01)
    events += loop.advance(state, Budget(batches=4))
    loop.change_learning_rate(state, 0.005)
    events += loop.advance(state)
    changes = [(change.step, change.learning_rate) for change in state.spec.learning_rate_changes]
    assert changes == [(5, 0.01), (9, 0.005)]
    again, events_again = run(state.spec, little_data)
    assert same_weights(state, again)
    assert story(events) == story(events_again)
    unchanged, _ = run(short(**FF), little_data)
    assert not same_weights(state, unchanged)
    with pytest.raises(SpecError):
        loop.change_learning_rate(state, -1.0)


def test_extending_a_run_equals_a_longer_run_from_the_start(little_data):
    spec = short(**FF, patience=5)
    state, _ = run(spec, little_data)
    state = loop.load(loop.save(state), little_data)
    loop.extend(state, 2)
    events = list(loop.advance(state))
    longer, events_longer = run(spec.changed(epochs=5), little_data)
    assert state.spec == longer.spec
    assert same_weights(state, longer)
    assert events[-1].test_loss == events_longer[-1].test_loss
    new = [(e.epoch, e.train_loss, e.validation_loss) for e in of_type(Epoch, events)]
    assert new == [(e.epoch, e.train_loss, e.validation_loss) for e in of_type(Epoch, events_longer)[3:]]
    assert of_type(Snapshot, events)[-1].step == spec.steps_per_epoch * 5
    with pytest.raises(SpecError):
        loop.extend(state, 500)


def test_extending_a_run_that_ended_early_goes_on_from_there(little_data):
    spec = short(**FF, learning_rate=0.05, patience=1).changed(epochs=40)
    state, _ = run(spec, little_data)
    ended = state.epoch
    assert ended < 40
    loop.extend(state, 2)
    assert state.spec.epochs == ended + 2
    assert of_type(Epoch, loop.advance(state))[0].epoch == ended + 1


def test_stopping_leaves_only_the_test(little_data):
    state = loop.start(short(**FF), little_data)
    events = list(loop.advance(state, Budget(batches=6)))
    loop.stop(state)
    rest = list(loop.advance(state))
    assert (rest[-1].reason, rest[-1].step, rest[-1].epoch) == ("stopped", 6, 1)
    assert rest[-1].test_accuracy == rest[-1].test_confusion.trace() / 200
    assert [type(event) for event in rest] == [Snapshot, Finished]
    loop.extend(state, 2)
    rest += loop.advance(state)
    longer, _ = run(short(**FF), little_data)
    assert same_weights(state, longer)
    assert np.array_equal(losses([*events, *rest]), losses(run(short(**FF), little_data)[1]))


def test_stopping_within_an_evaluation_lets_it_finish(little_data):
    state = loop.start(short(**FF), little_data)
    list(loop.advance(state, Budget(batches=3)))
    list(loop.advance(state, Budget(seconds=0.0)))
    assert state.evaluation is not None
    loop.stop(state)
    events = list(loop.advance(state))
    assert [e.epoch for e in of_type(Epoch, events)] == [1]
    assert events[-1].reason == "stopped"


def test_a_branch_starts_with_the_weights_and_the_optimizers_memory(little_data):
    _, events = run(short(**FF), little_data)
    frame = of_type(Snapshot, events)[-3]
    point = {"run": "abc", "step": frame.step}
    loaded = loop.load(frame.state, little_data)

    branch = loop.start(
        short(**FF, branch=point, learning_rate=0.01, dropout=0.5), little_data, branch=frame.state
    )
    assert (branch.step, branch.position.snapshot_taken, branch.seconds) == (0, -1, 0.0)
    assert same_weights(branch, loaded)
    memories = [
        [*state.optimizer.memory["exp_avg_sq"].views.values(), state.optimizer.steps]
        for state in (branch, loaded)
    ]
    assert len(memories[0]) == 5
    assert all(memory.any() for memory in memories[0])
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(*memories, strict=True))
    assert list(loop.advance(branch))[-1].reason == "epochs"

    other = loop.start(short(**FF, branch=point, optimizer="sgd"), little_data, branch=frame.state)
    assert not other.optimizer.memory
    assert not other.optimizer.steps
    wider = short(architecture="ff_classifier", hidden_sizes=[33], branch=point)
    with pytest.raises(CheckpointError, match="another network"):
        loop.start(wider, little_data, branch=frame.state)
    with pytest.raises(CheckpointError, match="no longer kept"):
        loop.start(short(**FF, branch=point), little_data)


def test_a_frozen_encoder_does_not_move_and_a_free_one_does(little_data):
    autoencoder, _ = run(short(architecture="conv_autoencoder", epochs=1), little_data)
    trained = loop.read_weights(loop.weights(autoencoder))
    for frozen in (True, False):
        encoder = {"origin": "run", "id": "abc", "frozen": frozen}
        spec = short(architecture="encoder_classifier", encoder=encoder, epochs=1)
        state, _ = run(spec, little_data, encoder=trained)
        moved = [
            not torch.equal(weight, trained[name])
            for name, weight in state.model.state_dict().items()
            if name.startswith("encoder.")
        ]
        assert len(moved) == 6
        assert not any(moved) if frozen else all(moved)
    with pytest.raises(EncoderError, match="missing"):
        loop.start(spec, little_data)


def test_numbers_that_overflow_end_the_run_in_words(little_data):
    settings = {"hidden_sizes": [64] * 4, "optimizer": "sgd", "learning_rate": 10.0, "dropout": 0.0}
    spec = short(architecture="ff_classifier", scaling="standard", **settings, epochs=30)
    state, events = run(spec, little_data)
    assert [type(event) for event in events[-2:]] == [Notice, Finished]
    assert events[-2].kind == "divergence"
    assert "no longer a number" in str(events[-2].sentence)
    assert (events[-1].reason, events[-1].test_loss, events[-1].test_confusion) == ("diverged", None, None)
    assert state.finished
    assert events[-1].step < spec.total_steps
    _, events_in_slices = run_in_slices(loop.start(spec, little_data), Budget(batches=1))
    assert story(events) == story(events_in_slices)
    with pytest.raises(LabError, match="overflowed"):
        loop.extend(state, 1)


def test_collapse_is_flagged(little_data):
    dead = {"hidden_sizes": [64] * 4, "loss": "mse", "optimizer": "sgd", "learning_rate": 10.0}
    for spec in (
        short(architecture="conv_autoencoder", learning_rate=0.3),
        short(architecture="ff_classifier", **dead),
    ):
        _, events = run(spec, little_data)
        notices = [notice for notice in of_type(Notice, events) if notice.kind == "collapse"]
        assert notices[0].sentence is not None


@each_family
def test_a_healthy_run_raises_no_notice(settings, little_data):
    _, events = run(short(**settings, train_size=1000), little_data)
    assert of_type(Notice, events) == []


def test_more_images_than_there_are_is_refused(little_data):
    with pytest.raises(SpecError, match="7,000"):
        loop.start(short(**FF, train_size=7000), little_data)
