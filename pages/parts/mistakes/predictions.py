"""What networks say of every test image: computed on workers, a few images at a time, once for all who ask.

A query for few images is short, so that others need not wait for long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from pages.parts.base.i18n import _
from pages.parts.base.services import engine
from pages.parts.frame.frame import guard

IMAGES = 500
PATIENCE = 30.0  # of a worker that trains, for so many images
AT_ONCE = 0.4  # seconds in which a small network has answered, before progress is shown
SECONDS_A_LOOK = 0.5
MOST_PROBABILITIES = 40  # networks, 400 KB each
MOST_GUESSES = 1000  # networks, 10 KB each
NO_GUESS = 255  # of numbers beyond all bounds

Asked = Mapping[str, Any]  # the arguments by which a worker finds a network's weights


@dataclass
class Prediction:
    """`done` images of `count` so far; `future` has what is said of all of them."""

    count: int
    done: int = 0
    future: Future[np.ndarray] = field(init=False)


class Predictions:
    """At most `most` of them, those used last, and what is under way: that is never begun a second time."""

    def __init__(self, most: int, compute: Callable[[Asked, Prediction], np.ndarray], at_once: int) -> None:
        self._most, self._compute = most, compute
        self._askers = ThreadPoolExecutor(at_once, thread_name_prefix="predictions")
        self._known: dict[tuple[Any, ...], Prediction] = {}
        self._lock = Lock()  # learners ask at the same time

    def of(self, asked: Asked) -> Prediction:
        """The one there is, or one that begins."""
        with self._lock:
            prediction = self._known.pop(_key(asked), None)
            if prediction is None:
                prediction = Prediction(len(fashion_mnist.load().test_labels))
                prediction.future = self._askers.submit(self._compute, dict(asked), prediction)
            self._known[_key(asked)] = prediction
            ended = [key for key, one in self._known.items() if one.future.done()]
            for key in ended[: max(0, len(self._known) - self._most)]:
                del self._known[key]
        return prediction

    def forget(self, asked: Asked) -> None:
        with self._lock:
            self._known.pop(_key(asked), None)


def probabilities(network: Asked) -> np.ndarray | LabError | None:
    """A network's probabilities for the test images, float32 (n, 10), or why there are none.

    `None` while they are computed: progress is shown, and in the end the page is drawn anew. What was refused
    is asked for again the next time.
    """
    answers = _answers(_probabilities(), [network])
    return None if answers is None else answers[0]


def guesses(networks: Sequence[Asked]) -> list[np.ndarray | LabError] | None:
    """The likeliest class of each test image, uint8 (n,), or `NO_GUESS`; otherwise as `probabilities`, which
    these do not keep waiting."""
    return _answers(_guesses(), networks)


def _answers(predictions: Predictions, networks: Sequence[Asked]) -> list[np.ndarray | LabError] | None:
    asked = [predictions.of(network) for network in networks]
    wait([prediction.future for prediction in asked], timeout=AT_ONCE)
    if not all(prediction.future.done() for prediction in asked):
        st.fragment(_await, run_every=SECONDS_A_LOOK)(asked)
        return None
    answers: list[np.ndarray | LabError] = []
    for network, prediction in zip(networks, asked, strict=True):
        refused = prediction.future.exception()
        if refused is None:
            answers.append(prediction.future.result())
            continue
        predictions.forget(network)
        if not isinstance(refused, LabError):
            raise refused
        answers.append(refused)
    return answers


def _await(predictions: Sequence[Prediction]) -> None:
    with guard():
        done, count = sum(p.done for p in predictions), sum(p.count for p in predictions)
        words = _("The test garments go through the network: {done:,} of {count:,}.")
        if len(predictions) > 1:
            words = _("The test garments go through {networks} networks: {done:,} of {count:,}.")
        st.progress(
            min(1.0, done / count), text=words.format(done=done, count=count, networks=len(predictions))
        )
        if all(prediction.future.done() for prediction in predictions):
            st.rerun()


def _predict(asked: Asked, prediction: Prediction) -> np.ndarray:
    parts = []
    while prediction.done < prediction.count:
        answer = engine().ask(
            "test_probabilities", timeout=PATIENCE, first=prediction.done, count=IMAGES, **asked
        )
        parts.append(answer["probabilities"])
        prediction.done = min(prediction.count, prediction.done + IMAGES)
    return np.concatenate(parts)


def _guess(asked: Asked, prediction: Prediction) -> np.ndarray:
    chances = _predict(asked, prediction)
    return np.where(np.isfinite(chances).all(1), chances.argmax(1), NO_GUESS).astype(np.uint8)


def _key(asked: Asked) -> tuple[Any, ...]:
    return (fashion_mnist.load().folder, *sorted(asked.items()))


@st.cache_resource(show_spinner=False)
def _probabilities() -> Predictions:
    return Predictions(MOST_PROBABILITIES, _predict, at_once=2)


@st.cache_resource(show_spinner=False)
def _guesses() -> Predictions:
    return Predictions(MOST_GUESSES, _guess, at_once=1)
