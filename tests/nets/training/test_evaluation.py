"""Figures against scikit-learn, and against the whole set at once."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

from fmnist_core.events import Epoch
from fmnist_core.nets.models.network import Network
from fmnist_core.nets.training import device, evaluation, loop, reporting
from fmnist_core.nets.training.evaluation import Tally, probabilities
from fmnist_core.nets.worker import trial_run
from tests.nets.plain_networks import copy_weights, plain_network
from tests.nets.short_runs import each_family, losses, of_type, run, short


def outputs_of(state, images: np.ndarray) -> torch.Tensor:
    model = copy_weights(state.model, plain_network(state.spec)).eval()
    pixels = torch.tensor(images).unsqueeze(1) / 255
    with torch.no_grad():
        return model((pixels - state.parts.mean) / state.parts.deviation)


def test_confusion_accuracy_and_loss_are_scikit_learns(little_data):
    state, events = run(short(architecture="ff_classifier"), little_data)
    shares = outputs_of(state, little_data.test_images).softmax(1).double()
    shares = (shares / shares.sum(1, keepdim=True)).numpy()
    truth, predicted = little_data.test_labels, shares.argmax(1)
    finished = events[-1]
    assert np.array_equal(finished.test_confusion, confusion_matrix(truth, predicted, labels=range(10)))
    assert finished.test_accuracy == pytest.approx(accuracy_score(truth, predicted), abs=1e-12)
    assert finished.test_loss == pytest.approx(log_loss(truth, shares), rel=1e-5)

    validation = state.parts.validation.numpy()
    truth = little_data.train_labels[validation]
    predicted = outputs_of(state, little_data.train_images[validation]).argmax(1)
    last = of_type(Epoch, events)[-1]
    assert np.array_equal(last.confusion, confusion_matrix(truth, predicted, labels=range(10)))


@each_family
@pytest.mark.parametrize("chunk", [7, 250])
def test_dead_units_are_those_that_stay_at_zero_in_plain_torch(settings, chunk, little_data, monkeypatch):
    """The largest share in a hidden layer, for the training images that an epoch's end looks at first.

    They are as many whatever a chunk holds: a GPU's holds more than are looked at.
    """
    monkeypatch.setattr(evaluation, "CPU_CHUNK", chunk)
    monkeypatch.setattr(reporting, "UNIT_IMAGES", 10)
    state, events = run(short(**settings), little_data)
    plain = copy_weights(state.model, plain_network(state.spec)).eval()
    active = []

    def watch(_layer: torch.nn.Module, _inputs: object, y: torch.Tensor) -> None:
        active.append((y.flatten(2).amax(2) if y.dim() == 4 else y).amax(0) > 0)

    for layer in plain.modules():
        if isinstance(layer, torch.nn.ReLU):
            layer.register_forward_hook(watch)
    images, _labels = state.parts.train_images.take(state.parts.train[:10])
    with torch.no_grad():
        plain(state.parts.scaled(images))
    shares = [1 - units.double().mean().item() for units in active]
    assert of_type(Epoch, events)[-1].dead_units == pytest.approx(max(shares), abs=1e-9)


def test_a_unit_that_one_image_of_many_activates_is_not_dead():
    tally = Tally()
    assert tally.dead_units is None
    for layers in (([0, 1], [0, 0, 0, 0]), ([0, 0], [1, 0, 1, 1])):
        tally.see_units([np.array(layer, bool) for layer in layers])
    assert tally.units == [2, 4]
    assert tally.dead_units == 0.5


@each_family
def test_losses_are_means_over_all_images_with_dropout_off(settings, little_data):
    state, events = run(short(**settings), little_data)
    for images, labels, figure in (
        (little_data.test_images, little_data.test_labels, events[-1].test_loss),
        *(
            (little_data.train_images[part], little_data.train_labels[part], figure)
            for part, figure in (
                (state.parts.train.numpy(), of_type(Epoch, events)[-1].train_loss_eval),
                (state.parts.validation.numpy(), of_type(Epoch, events)[-1].validation_loss),
            )
        ),
    ):
        outputs, labels = outputs_of(state, images).double(), torch.tensor(labels).long()
        if state.spec.task == "autoencoder":
            expected = (outputs - torch.tensor(images).unsqueeze(1) / 255).square().mean()
        elif state.spec.loss == "mse":
            expected = (outputs - torch.eye(10)[labels]).square().mean()
        else:
            expected = F.cross_entropy(outputs, labels)
        assert figure == pytest.approx(expected.item(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["conv_autoencoder", "conv_classifier"])
def test_figures_and_early_stopping_are_float32s_even_where_training_is_in_bfloat16(
    architecture, little_data, monkeypatch
):
    spec = short(architecture=architecture, hidden_sizes=[16], patience=2)
    monkeypatch.setenv("FMNIST_PRECISION", "float32")
    _, exact = run(spec, little_data)
    monkeypatch.setenv("FMNIST_PRECISION", "bfloat16")
    state, events = run(spec, little_data)
    assert not np.array_equal(losses(exact), losses(events)), "training was in float32, too"
    epochs = of_type(Epoch, events)
    assert epochs[-1].validation_loss == state.best.loss == min(epoch.validation_loss for epoch in epochs)
    parts = {"train": state.parts.train.numpy(), "validation": state.parts.validation.numpy()}
    for part, figure in (("train", epochs[-1].train_loss_eval), ("validation", epochs[-1].validation_loss)):
        images, labels = (
            array[parts[part]] for array in (little_data.train_images, little_data.train_labels)
        )
        outputs = outputs_of(state, images)
        if state.spec.task == "autoencoder":
            expected = F.mse_loss(outputs, torch.tensor(images).unsqueeze(1) / 255)
        else:
            expected = F.cross_entropy(outputs, torch.tensor(labels).long())
        assert figure == pytest.approx(expected.item(), rel=2e-6)


def tf32_is_allowed() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.fixture
def _a_gpu_trains_in_tf32(monkeypatch: pytest.MonkeyPatch):
    before = tf32_is_allowed()
    monkeypatch.setenv("FMNIST_PRECISION", "tf32")
    device.prepare(torch.device("cuda"))
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
    torch.backends.cudnn.deterministic = False


@pytest.mark.usefixtures("_a_gpu_trains_in_tf32")
def test_a_gpu_that_trains_in_tf32_evaluates_in_float32(little_data, monkeypatch):
    """What a run's figures, its film and its test are calculated in; only the switches are seen here."""
    state = loop.start(short(architecture="ff_classifier", epochs=1), little_data)
    seen: dict[bool, set[tuple[bool, bool]]] = {True: set(), False: set()}
    forward = Network.forward

    def watched(network: Network, x: torch.Tensor) -> torch.Tensor:
        seen[network.learns].add(tf32_is_allowed())
        return forward(network, x)

    monkeypatch.setattr(Network, "forward", watched)
    list(loop.advance(state))
    trial_run.test_loss(state)
    assert seen == {True: {(True, True)}, False: {(False, False)}}

    with pytest.raises(RuntimeError), device.products_in_float32():
        raise RuntimeError
    assert tf32_is_allowed() == (True, True)


def test_outputs_become_probabilities():
    outputs = torch.tensor([[2.0, -1.0, 0.5] + [0.0] * 7, [-1.0] * 10])
    for loss in ("cross_entropy", "mse"):
        shares = probabilities(short(architecture="ff_classifier", loss=loss), outputs)
        torch.testing.assert_close(shares.sum(1), torch.ones(2))
        assert shares.min() >= 0
        assert shares[0].argmax() == 0
        torch.testing.assert_close(shares[1], torch.full((10,), 0.1))
    assert probabilities(short(architecture="ff_classifier", loss="mse"), outputs)[0, 1] < 1e-5


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_the_likeliest_class_is_that_of_the_largest_output(loss):
    """Also of a network that has left what it was taught, between 0 and 1."""
    generator = torch.Generator().manual_seed(3)
    for least, most in ((0, 1), (2, 130), (-9, -1), (-40, 40)):
        outputs = least + (most - least) * torch.rand(500, 10, generator=generator)
        shares = probabilities(short(architecture="ff_classifier", loss=loss), outputs)
        assert (shares.argmax(1) == outputs.argmax(1)).all()
        torch.testing.assert_close(shares.sum(1), torch.ones(500))


@each_family
def test_chunks_add_up(settings, little_data, monkeypatch):
    """200 test images in chunks of 70, collected on the way or at the end; the spread is that of a chunk."""
    state, events = run(short(**settings, epochs=1), little_data)
    monkeypatch.setattr(evaluation, "CPU_CHUNK", 70)
    predict = evaluation.predictor(state.spec, state.model.state_dict())
    late, early = Tally(), Tally()
    for done in (70, 140, 200):
        for tally in (late, early):
            evaluation.add_chunk(tally, state.spec, predict, state.parts, "test")
        early.collect()
        assert late.seen == early.seen == done
    assert (late.loss_sum, late.output_range) == (early.loss_sum, early.output_range)
    assert np.array_equal(late.counts, early.counts)
    assert late.loss == pytest.approx(events[-1].test_loss, rel=1e-6)
    if state.spec.task == "classifier":
        assert np.array_equal(late.counts, events[-1].test_confusion)
    outputs = outputs_of(state, little_data.test_images)
    spreads = [(chunk.amax(0) - chunk.amin(0)).max().item() for chunk in outputs.split(70)]
    assert late.output_range == pytest.approx(max(spreads), rel=1e-3)
    assert max(spreads) > min(spreads)
