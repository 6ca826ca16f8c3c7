"""What networks say of every test image: computed on workers, a few images at a time, once for all who ask.

A query for few images is short, so that others need not wait for long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Literal

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
MOST_NETWORKS = 40  # 400 KB each

Asked = Mapping[str, Any]  # the arguments by which a worker finds a network's weights


@dataclass
class Prediction:
    """`done` images of `count` so far; `future` has all probabilities, float32 (count, 10)."""

    count: int
    done: int = 0
    future: Future[np.ndarray] = field(init=False)


def probabilities(
    networks: Sequence[Asked], queue: Literal["one", "many"] = "one"
) -> list[np.ndarray | LabError] | None:
    """For each network, its probabilities for the test images, (n, 10), or why there are none.

    `None` while they are computed: progress is shown, and in the end the page is drawn anew. What was refused
    is asked for again the next time. Networks of the queue "many" do not keep those of "one" waiting.
    """
    predictions = [_prediction(asked, queue) for asked in networks]
    wait([prediction.future for prediction in predictions], timeout=AT_ONCE)
    if not all(prediction.future.done() for prediction in predictions):
        st.fragment(_await, run_every=SECONDS_A_LOOK)(predictions)
        return None
    answers: list[np.ndarray | LabError] = []
    for asked, prediction in zip(networks, predictions, strict=True):
        refused = prediction.future.exception()
        if refused is None:
            answers.append(prediction.future.result())
            continue
        _known().pop(_key(asked), None)
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


def _prediction(asked: Asked, queue: Literal["one", "many"]) -> Prediction:
    """The one there is, or one that begins."""
    known, key = _known(), _key(asked)
    prediction = known.pop(key, None)
    if prediction is None:
        prediction = Prediction(len(fashion_mnist.load().test_labels))
        prediction.future = _askers(queue).submit(_predict, dict(asked), prediction)
    known[key] = prediction
    while len(known) > MOST_NETWORKS:
        known.pop(next(iter(known)), None)
    return prediction


def _predict(asked: Asked, prediction: Prediction) -> np.ndarray:
    parts = []
    while prediction.done < prediction.count:
        answer = engine().ask(
            "test_probabilities", timeout=PATIENCE, first=prediction.done, count=IMAGES, **asked
        )
        parts.append(answer["probabilities"])
        prediction.done = min(prediction.count, prediction.done + IMAGES)
    return np.concatenate(parts)


def _key(asked: Asked) -> tuple[Any, ...]:
    return (fashion_mnist.load().folder, *sorted(asked.items()))


@st.cache_resource(show_spinner=False)
def _known() -> dict[tuple[Any, ...], Prediction]:
    return {}


@st.cache_resource(show_spinner=False)
def _askers(queue: Literal["one", "many"]) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2 if queue == "one" else 1, thread_name_prefix=f"predictions-{queue}")
