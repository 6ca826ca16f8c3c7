"""Numbers of 16 bits where they pay: chosen by measuring, on request, and learning as float32 does."""

import pytest
import torch

from fmnist_core.nets.training import calibration, device, loop
from fmnist_core.spec import read_spec

CPU = torch.device("cpu")
CONVOLUTIONAL = read_spec(
    {"architecture": "conv_autoencoder", "train_size": 1000, "validation_size": 500, "epochs": 2}
)


def test_the_rates_are_of_this_machine():
    rates = calibration.rates()
    assert set(rates) == {"float32", "bfloat16"}
    assert 0.1 < rates["bfloat16"] < 1e6
    size = 512
    repeated = calibration.rate(torch.float32, size)
    assert rates["float32"] / 20 < repeated < rates["float32"] * 20, "other work on the machine included"


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ({"float32": 400.0, "bfloat16": 2500.0}, "bfloat16"),
        ({"float32": 180.0, "bfloat16": 1.0}, "float32"),
        ({"float32": 180.0, "bfloat16": 250.0}, "float32"),
    ],
)
def test_bfloat16_is_taken_where_it_is_much_the_faster(rates, chosen, monkeypatch):
    monkeypatch.delenv("FMNIST_PRECISION")
    monkeypatch.setattr(calibration, "rates", lambda: rates)
    assert device.processor_precision() == chosen
    assert device.works_in(CPU, CONVOLUTIONAL) == getattr(torch, chosen)
    small = read_spec({"architecture": "ff_classifier"})
    assert device.works_in(CPU, small) == torch.float32, "casting would cost what it gains"


def test_a_wish_is_not_overruled(monkeypatch):
    monkeypatch.setattr(calibration, "rates", lambda: {"float32": 1.0, "bfloat16": 100.0})
    for wished, chosen in {"float32": "float32", "bfloat16": "bfloat16", "tf32": "float32"}.items():
        monkeypatch.setenv("FMNIST_PRECISION", wished)
        assert device.processor_precision() == chosen


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"architecture": "conv_classifier"}, {"pooling": False}], ids=str)
def test_bfloat16_learns_as_float32_does(settings, sample_data, monkeypatch):
    spec = CONVOLUTIONAL.changed(train_size=300, validation_size=100, batch_size=50)
    if settings:
        spec = read_spec({"architecture": "conv_autoencoder"} | settings | {"train_size": 300, "epochs": 2})
        spec = spec.changed(validation_size=100, batch_size=50)
    figures = {}
    for precision in ("float32", "bfloat16"):
        monkeypatch.setenv("FMNIST_PRECISION", precision)
        state = loop.start(spec, sample_data, device="cpu")
        *_, finished = loop.advance(state)
        assert {weight.dtype for weight in state.model.parameters()} == {torch.float32}
        figures[precision] = finished.test_loss
    assert figures["bfloat16"] != figures["float32"]
    assert figures["bfloat16"] == pytest.approx(figures["float32"], rel=0.03)
