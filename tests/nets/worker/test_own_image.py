"""What a network makes of a learner's own image, against the plain network and its own evaluation."""

import numpy as np
import pytest
import torch

from fmnist_core.architecture.networks import network_layers
from fmnist_core.data import fashion_mnist
from fmnist_core.data.disturbance import STRENGTHS, disturbed, of_kind
from fmnist_core.nets.training import evaluation
from fmnist_core.nets.worker import inspection, network_at, own_image
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.sentences import LabError
from tests.nets.plain_networks import plain_network

MODELS = ("r1-n64", "r3-2", "conv_autoencoder")


@pytest.fixture(params=MODELS)
def model(request) -> str:
    return request.param


def plain_outputs(model: str, pixels: np.ndarray) -> torch.Tensor:
    """Of uint8 (n, 28, 28), by the same network in `torch.nn`."""
    network = network_at.of_shipped_model(model)
    plain = plain_network(network.spec)
    layers = [placed.name for placed in network_layers(network.spec) if placed.parameters]
    weights = [network.weights[f"{layer}.{what}"] for layer in layers for what in ("weight", "bias")]
    plain.load_state_dict(dict(zip(plain.state_dict(), weights, strict=True)))
    images = torch.from_numpy(pixels.copy()).unsqueeze(1).float() / 255
    with torch.no_grad():
        return plain.eval()(network.parts.scaled(images))


def test_an_image_comes_out_as_of_the_plain_network(model: str):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    answer = QUERIES["own_image"](model=model, pixels=pixels.tobytes())
    plain = plain_outputs(model, pixels[None])[0]
    if "error" in answer:
        np.testing.assert_allclose(answer["output"], plain[0].numpy(), atol=1e-5)
        error = np.mean((plain[0].numpy().astype(float) - pixels / 255) ** 2)
        assert float(answer["error"]) == pytest.approx(error, rel=1e-4)
    else:
        np.testing.assert_allclose(answer["output"], plain.softmax(0).numpy(), atol=1e-5)


@pytest.mark.parametrize("count", [0, 783, 785])
def test_an_image_of_another_size_is_refused_in_a_sentence(count: int):
    with pytest.raises(LabError, match=f"784 pixels, a byte each; this one has {count}"):
        QUERIES["own_image"](model="conv_autoencoder", pixels=bytes(count))


def test_several_models_at_once_answer_as_each_alone():
    pixels = np.asarray(fashion_mnist.load().test_images[5]).tobytes()
    together = QUERIES["own_image_of_models"](models=MODELS, pixels=pixels)
    assert tuple(together) == MODELS
    for name, answer in together.items():
        alone = QUERIES["own_image"](model=name, pixels=pixels)
        assert answer.keys() == alone.keys()
        for part, values in alone.items():
            np.testing.assert_array_equal(answer[part], values)


def test_a_test_garment_brought_as_an_image_is_what_layers_shows(model: str):
    pixels = np.asarray(fashion_mnist.load().test_images[3])
    mine = own_image.own_image(model=model, pixels=pixels.tobytes())["output"]
    values = inspection.activations(model=model, image=3)
    shown = values.get("probabilities", list(values.values())[-1])
    np.testing.assert_allclose(mine, shown.squeeze(), atol=1e-5)


def test_usual_values_are_those_of_an_evaluation(model: str):
    usual = own_image.usual_values(model=model)
    network = network_at.of_shipped_model(model)
    unseen = network.spec.validation_size and fashion_mnist.load().is_full
    assert bool(usual["of_test"]) == (not unseen)
    assert (np.diff(usual["values"]) >= 0).all()
    assert len(usual["values"]) == 1000
    if network.spec.task == "autoencoder":
        source, indices = network.parts.of("test" if usual["of_test"] else "validation")
        images, _labels = source.take(indices[:1000])
        outputs = plain_outputs(model, (images[:, 0] * 255).round().byte().numpy())
        mean = ((outputs - images) ** 2).mean().item()
        assert usual["values"].mean() == pytest.approx(mean, rel=1e-4)


def test_on_the_sample_a_shipped_model_may_have_seen_any_but_test_images(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    network = network_at.of_shipped_model("r3-2")
    assert len(network.parts.validation)
    usual = own_image.usual_values(model="r3-2")
    assert bool(usual["of_test"])
    chances = plain_outputs("r3-2", np.asarray(fashion_mnist.load().test_images[:1000])).softmax(1)
    np.testing.assert_allclose(usual["values"], np.sort(chances.amax(1).numpy()), atol=1e-5)
    assert not QUERIES["nearest_training"](model="r3-2", image=3)["trained_on"]


def test_without_a_disturbance_robustness_is_what_evaluation_says(model: str):
    network = network_at.of_shipped_model(model)
    tally = evaluation.Tally()
    while tally.seen < 1000:
        predict = evaluation.predictor(network.spec, network.weights)
        with torch.inference_mode():
            evaluation.add_chunk(tally, network.spec, predict, network.parts, "test")
    tally.collect()
    expected = tally.loss if network.spec.task == "autoencoder" else tally.accuracy
    for kind in STRENGTHS:
        score = own_image.robustness(model=model, kind=kind, strength=0)["score"]
        assert float(score) == pytest.approx(expected, rel=1e-5)


def test_robustness_is_the_accuracy_on_disturbed_images():
    dataset = fashion_mnist.load()
    images = disturbed(np.asarray(dataset.test_images[:1000]), of_kind("rotation", 30))
    right = plain_outputs("r3-2", images).argmax(1).numpy() == dataset.test_labels[:1000]
    score = own_image.robustness(model="r3-2", kind="rotation", strength=30)["score"]
    assert float(score) == pytest.approx(right.mean(), abs=0.0011)
