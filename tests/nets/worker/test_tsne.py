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
def test_what_fails_is_said_once_and_may_be_asked_for_again(caplog: pytest.LogCaptureFixture):
    tsne.tsne("b", np.full((20, 4), np.nan, np.float32))
    wait_for(lambda: tsne.MAPS["b"].failed, 60, 0.05)
    with pytest.raises(LabError, match="could not be computed"):
        tsne.tsne("b")
    assert "t-SNE failed" in caplog.text
    assert tsne.tsne("b") is None


def test_no_more_maps_are_kept_than_a_worker_has_room_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tsne.WAITING_LINE, "submit", lambda *work: None)
    for k in range(tsne.MOST_KEPT + 3):
        tsne.tsne(str(k), CODES)
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
