"""Saved states: whole or refused. (That a loaded one goes on as if never stopped is tested with training.)"""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from fmnist_core.nets.training import loop
from fmnist_core.nets.training.loop import Budget, CheckpointError
from fmnist_core.sentences import LabError
from fmnist_core.spec import SpecError
from tests.nets.short_runs import run, short

FF = {"architecture": "ff_classifier", "hidden_sizes": [8], "train_size": 100}


@pytest.fixture(scope="module")
def blob(little_data) -> bytes:
    state = loop.start(short(**FF), little_data)
    list(loop.advance(state, Budget(batches=1)))
    return loop.save(state)


def test_a_state_from_before_fields_were_renamed_goes_on(little_data):
    """Written in the middle of an evaluation by an earlier version, whose run ended with these figures."""
    state = loop.load((Path(__file__).parent / "state_1.safetensors").read_bytes(), little_data, "cpu")
    assert (state.step, state.evaluation.tallies["train_eval"].seen) == (8, 70)
    assert state.position.snapshot_taken == 7
    assert state.evaluation.tallies["train_eval"].output_range > 0
    finished = list(loop.advance(state))[-1]
    assert finished.test_loss == pytest.approx(2.264421057701111, rel=1e-5)
    assert finished.test_accuracy == 0.145


def test_a_state_cut_short_is_refused(blob, little_data):
    for length in [*range(0, len(blob), len(blob) // 20), len(blob) - 1]:
        with pytest.raises(CheckpointError, match="damaged"):
            loop.load(blob[:length], little_data)


def test_damage_to_the_header_is_refused_in_words_or_does_no_harm(blob, little_data):
    length = 8 + int.from_bytes(blob[:8], "little")
    random, refused = np.random.default_rng(0), 0
    for _ in range(100):
        damaged = bytearray(blob)
        damaged[random.integers(length)] = random.integers(256)
        with contextlib.suppress(LabError):
            loop.load(bytes(damaged), little_data)
            continue
        refused += 1
    assert refused > 50


@pytest.mark.parametrize("foreign", [b"", b"hello", b"\x80\x04pickle", np.arange(100).tobytes()])
def test_a_strangers_bytes_are_refused_in_words(foreign, little_data):
    for read in (lambda: loop.load(foreign, little_data), lambda: loop.read_weights(foreign)):
        with pytest.raises(CheckpointError, match="damaged"):
            read()


def test_weights_alone_are_no_training_state(little_data, blob):
    weights = loop.weights(loop.load(blob, little_data))
    with pytest.raises(CheckpointError, match="not written by this lab"):
        loop.load(weights, little_data)
    with pytest.raises(CheckpointError):
        loop.load(write_tensors({"model.x": torch.zeros(1)}), little_data)


def test_weights_are_plain_safetensors_under_the_models_names(little_data, blob):
    state = loop.load(blob, little_data)
    tensors = read_tensors(loop.weights(state))
    assert set(tensors) == set(state.model.state_dict())
    for read in (loop.read_weights(loop.weights(state)), loop.read_weights(blob)):
        assert all(torch.equal(read[name], tensors[name]) for name in tensors)


def test_a_state_does_not_go_on_with_other_data(little_data, full_data, blob):
    with pytest.raises(CheckpointError, match="other data"):
        loop.load(blob, full_data)
    large = loop.save(loop.start(short(**{**FF, "train_size": 20_000}), full_data))
    with pytest.raises(SpecError, match="7,000"):
        loop.load(large, little_data)


def test_the_size_is_that_of_weights_and_the_optimizers_memory(little_data):
    state, _ = run(short(architecture="conv_classifier", epochs=1), little_data)
    four_bytes = 4 * state.spec.parameter_count
    assert 3 * four_bytes < len(loop.save(state)) < 3 * four_bytes + 20_000
