"""t-SNE in a process of its own: scikit-learn's own map, and nothing left in the worker."""

import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.manifold import TSNE, trustworthiness

from fmnist_core.nets.worker import tsne
from fmnist_core.sentences import LabError
from tests.waiting import wait_for

CODES = np.random.default_rng(0).normal(size=(3, 6))[np.arange(90) % 3] * 4
CODES = (CODES + np.random.default_rng(1).normal(size=CODES.shape)).astype(np.float32)


@pytest.fixture(autouse=True)
def _no_maps_yet():
    tsne.MAPS.clear()
    yield
    tsne.MAPS.clear()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list:
    """The work that would have been done."""
    work: list = []
    monkeypatch.setattr(tsne.WAITING_LINE, "submit", lambda *job: work.append(job))
    return work


@pytest.mark.slow
def test_the_map_comes_bit_by_bit_and_is_scikit_learn_s():
    assert tsne.tsne("a") is None, "the codes are to be sent along"
    began = time.perf_counter()
    assert tsne.tsne("a", CODES)["places"] is None
    assert time.perf_counter() - began < 0.5, "whoever asks does not wait"
    shares = []

    def is_done() -> bool:
        shares.append(tsne.tsne("a")["share"])
        return tsne.MAPS["a"].places is not None

    wait_for(is_done, 60, 0.02)
    made = tsne.tsne("a")["places"]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    expected = TSNE(init="pca", perplexity=89 / 3, max_iter=tsne.ITERATIONS, random_state=tsne.SEED)
    np.testing.assert_allclose(made, expected.fit_transform(CODES), atol=1e-3)
    assert trustworthiness(CODES, made, n_neighbors=5) > 0.8


@pytest.mark.slow
def test_what_fails_stays_failed_until_its_codes_are_sent_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    broken = np.full((20, 4), np.nan, np.float32)
    tsne.tsne("b", broken)
    wait_for(lambda: tsne.MAPS["b"].failed, 60, 0.05)
    for _ in range(3):
        with pytest.raises(LabError, match="could not be computed"):
            tsne.tsne("b")
    assert caplog.text.count("t-SNE failed") == 1
    queued: list = []
    monkeypatch.setattr(tsne.WAITING_LINE, "submit", lambda *work: queued.append(work))
    assert tsne.tsne("b", broken)["places"] is None
    assert len(queued) == 1


@pytest.mark.slow
def test_one_latent_number_has_a_map_too():
    tsne.tsne("one", CODES[:, :1])
    wait_for(lambda: tsne.MAPS["one"].finished, 60, 0.05)
    assert tsne.tsne("one")["places"].shape == (90, 2)


@pytest.mark.slow
def test_a_map_that_takes_too_long_leaves_the_line_to_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tsne, "SECONDS", 0.2)
    tsne.tsne("hangs", CODES)
    wait_for(lambda: tsne.MAPS["hangs"].failed, 10, 0.02)
    with pytest.raises(LabError, match="too much else to do"):
        tsne.tsne("hangs")
    monkeypatch.setattr(tsne, "SECONDS", 60.0)
    tsne.tsne("next", CODES)
    wait_for(lambda: tsne.MAPS["next"].places is not None, 60, 0.05)


@pytest.mark.parametrize("value", [0, 1])
def test_codes_that_are_all_alike_are_refused_before_any_work(queued: list, value: int):
    with pytest.raises(LabError, match="the same for every garment"):
        tsne.tsne("dead", np.full((50, 4), value, np.float32))
    assert not queued
    assert not tsne.MAPS


def test_a_map_in_the_line_is_never_given_up_nor_queued_twice(queued: list):
    names = [str(k) for k in range(tsne.MOST_WAITING + 3)]
    for _ in range(20):
        for name in names:
            if tsne.tsne(name) is None:
                tsne.tsne(name, CODES)
    assert list(tsne.MAPS) == names[: tsne.MOST_WAITING]
    assert len(queued) == tsne.MOST_WAITING
    assert [tsne.tsne(name)["ahead"] for name in names] == [
        *range(tsne.MOST_WAITING),
        *[tsne.MOST_WAITING] * 3,
    ]
    tsne.MAPS["0"].places = CODES[:, :2]
    assert tsne.tsne("1")["ahead"] == 0
    assert tsne.tsne(names[-1]) is None, "now there is room"


def test_only_so_many_finished_maps_are_kept_the_latest(queued: list):
    for k in range(tsne.MOST_KEPT + 3):
        tsne.tsne(str(k), CODES)
        tsne.MAPS[str(k)].places = CODES[:, :2]
    assert list(tsne.MAPS) == [str(k) for k in range(3, tsne.MOST_KEPT + 3)]


@pytest.mark.slow
def test_a_worker_is_as_large_after_it_as_before_and_has_not_loaded_scikit_learn():
    script = """
import sys, time
import numpy as np
from pathlib import Path
from fmnist_core.nets.worker import queries, tsne

def megabytes():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024

before = megabytes()
queries.QUERIES["tsne"]("a", np.random.default_rng(0).normal(size=(150, 64)).astype(np.float32))
while tsne.MAPS["a"].places is None:
    assert not tsne.MAPS["a"].failed
    time.sleep(0.05)
assert "sklearn" not in sys.modules
print(megabytes() - before)
"""
    command = [sys.executable, "-c", script]
    grown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert float(grown) < 10, "MB, where scikit-learn alone is 150"
