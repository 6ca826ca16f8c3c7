"""Predictions that are kept: how many, which go first, and that none is made twice at once."""

from threading import Event

import numpy as np
import pytest

from fmnist_core.data import fashion_mnist
from pages.parts.mistakes.predictions import Prediction, Predictions


def test_what_is_under_way_is_never_begun_again_and_what_ended_gives_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    go, begun = Event(), []

    def compute(asked, prediction: Prediction) -> np.ndarray:
        begun.append(asked["model"])
        assert go.wait(10)
        return np.zeros(1)

    predictions = Predictions(2, compute, at_once=1)
    names = ["a", "b", "c", "d"]
    first = [predictions.of({"model": name}) for name in names]
    assert [predictions.of({"model": name}) for name in names] == first, "also those beyond the bound"
    go.set()
    for prediction in first:
        prediction.future.result(10)
    assert begun == names
    assert predictions.of({"model": "d"}) is first[3]
    assert predictions.of({"model": "c"}) is first[2], "the two used last stay"
    assert predictions.of({"model": "a"}) is not first[0]
