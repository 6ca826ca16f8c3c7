"""Classes ranked by recall, against scikit-learn's on the same images."""

from dataclasses import replace

import numpy as np
from sklearn.metrics import confusion_matrix, recall_score

from fmnist_core.lessons.judgement import came_ranked, judged, ranked_names, read_said
from fmnist_core.lessons.lesson import LessonRun, OrderPrediction
from fmnist_core.lessons.results import RunResult
from fmnist_core.spec import read_spec
from tests.lessons.epochs import epoch

RUNS = (LessonRun(name="the classifier", spec=read_spec({"architecture": "ff_classifier"})),)
ASKED = OrderPrediction(
    form="order", ask="Rank.", quantity="recall", along="classes", of="the classifier", classes=(6, 1, 9)
)
NAMES = {"the classifier": "the classifier", "6": "Shirt", "1": "Trouser", "9": "Ankle boot"}


def ended(labels: np.ndarray, guesses: np.ndarray, state: str = "finished") -> dict[str, RunResult]:
    early = replace(epoch(1, 0.9, 0.1), confusion=np.diag(np.bincount(labels, minlength=10)))
    counts = confusion_matrix(labels, guesses, labels=range(10))
    return {"the classifier": RunResult(state, (early, replace(epoch(2, 0.5, 0.6), confusion=counts)))}


def test_recall_is_scikit_learns_at_the_end_of_the_run():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 500)
    guesses = np.where(rng.random(500) < 0.6, labels, rng.integers(0, 10, 500))
    expected = recall_score(labels, guesses, labels=[6, 1, 9], average=None)
    came = came_ranked(ASKED, ended(labels, guesses))
    assert list(came) == ["6", "1", "9"]
    np.testing.assert_allclose(list(came.values()), expected, atol=0.0006)


def test_classes_are_judged_by_their_names():
    labels = np.repeat([6, 1, 9], 4)
    guesses = np.array([6, 2, 2, 2, 1, 1, 1, 1, 9, 9, 7, 7])
    assert ranked_names(ASKED, RUNS) == ("6", "1", "9")
    said = read_said(ASKED, RUNS, ["6", "1", "9"])
    sentences = [str(s) for s in judged(ASKED, said, RUNS, ended(labels, guesses), NAMES)]
    assert sentences[0] == "2 of 3 pairs are in the right order."
    assert "Right: the lowest is “Shirt”" in sentences[1]
    assert sentences[2].startswith("Not so: the highest is “Trouser”")
    assert read_said(ASKED, RUNS, ["the classifier"]) is None


def test_a_class_without_images_and_a_run_that_was_stopped_have_no_recall():
    labels = np.array([6, 6, 1])
    assert set(came_ranked(ASKED, ended(labels, labels))) == {"6", "1"}
    stopped = ended(labels, labels, "stopped")
    assert came_ranked(ASKED, stopped) == {}
    assert "was stopped" in " ".join(str(s) for s in judged(ASKED, ("6", "1", "9"), RUNS, stopped, NAMES))
