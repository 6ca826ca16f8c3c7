"""The load test in small: a few learners for seconds, on a real server, and what it calculates."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from benchmarks.load import faults, scenarios
from benchmarks.load.figures import Memory, timing, unfairness
from benchmarks.load.session import Session
from fmnist_core.data import fashion_mnist
from tests.browser import driver, server_log
from tests.browser.driver import Server
from tests.waiting import wait_for

LOOK = 1.0  # seconds, the 95th percentile: with few learners a look is far quicker, if nothing else runs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("load")
    with driver.serve(home, FMNIST_DATA=str(fashion_mnist.SAMPLE_FOLDER)) as running:
        asyncio.run(scenarios.ready(running))
        yield running


def assert_good(result: scenarios.Result) -> None:
    report = "\n".join(result.lines)
    assert result.figures.dropped == [], report
    assert result.figures.wrong == [], report
    assert np.percentile(result.figures.looks, 95) < LOOK, report
    assert server_log.complaints() == []


@pytest.mark.timed
def test_three_learners_train_and_look(server: Server):
    result = asyncio.run(scenarios.learners(server, 3, seconds=6))
    assert_good(result)
    assert len(result.figures.looks) > 3 * 3
    assert any("share farthest from fair" in line for line in result.lines)


@pytest.mark.timed
def test_eight_watch_one_run(server: Server):
    result = asyncio.run(scenarios.watchers(server, 8, seconds=6))
    assert_good(result)
    assert len(result.figures.pages) == 8
    assert max(result.figures.pauses) < 3, "each watcher looks at least every three seconds"


@pytest.mark.timed
def test_learners_come_and_go_and_memory_is_reported(server: Server):
    result = asyncio.run(scenarios.soak(server, seconds=8, count=3, sample_every=1))
    assert_good(result)
    assert sum("memory of the worker" in line for line in result.lines) >= 2
    assert any("memory of the web process" in line for line in result.lines)


@pytest.mark.slow
def test_faults_cost_seconds_and_every_page_is_right_at_the_end(server: Server):
    result = asyncio.run(scenarios.faults(server, seed=49, seconds=24, count=3))
    report = "\n".join(result.lines)
    assert result.figures.wrong == [], report
    assert "a worker is killed" in report
    assert "the disk takes nothing" in report
    server_log.complaints()  # what is logged about a fault is no fault


@pytest.mark.slow
def test_a_tab_reads_what_the_page_says_and_knows_its_buttons(server: Server):
    async def visit() -> str:
        tab = await Session.connect(server.url, "T" * 22)
        await tab.open("autoencoder", "ae_epochs=7")
        text = tab.text
        with pytest.raises(KeyError):
            await tab.press("no_such_button")
        await tab.close()
        return text

    text = asyncio.run(visit())
    assert "Autoencoder" in text
    assert "Your run appears here" in text


def test_a_seed_gives_one_plan_and_every_kind_comes_up():
    assert faults.plan(3, 1000) == faults.plan(3, 1000) != faults.plan(4, 1000)
    seconds = [fault.second for fault in faults.plan(3, 1000)]
    pauses = np.diff([0, *seconds])
    assert min(pauses) >= faults.EVERY[0]
    assert max(pauses) <= faults.EVERY[1]
    for k in range(0, len(seconds) - len(faults.KINDS), len(faults.KINDS)):
        kinds = {fault.kind for fault in faults.plan(3, 1000)[k : k + len(faults.KINDS)]}
        assert kinds == set(faults.KINDS)


def test_unfairness_is_the_distance_from_the_mean():
    assert unfairness([2, 2, 2]) == 0
    assert unfairness([1, 2, 3]) == pytest.approx(0.5)
    assert unfairness([0, 0]) == float("inf")


def test_timings_are_percentiles():
    line = timing("looks", [0.1] * 90 + [1.0] * 9 + [7.0])
    assert "0.100 s   p95 1.000 s   worst 7.000 s   of 100" in line


def test_a_growing_process_has_a_slope():
    memory = Memory(server=psutil.Process().pid)
    now = time.monotonic()
    memory.samples = {"grows": [(now + second, 100 + second) for second in range(60)]}
    memory.samples["rests"] = [(now + second, 100.0) for second in range(60)]
    assert memory.slope("grows") == pytest.approx((3600, 0), abs=1e-6)
    assert memory.slope("rests") == pytest.approx((0, 0), abs=1e-6)
    chance = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        megabytes = 100 + chance.normal(0, 1, 60)
        memory.samples["noise"] = list(zip(now + np.arange(60.0), megabytes, strict=True))
        slope, half_width = memory.slope("noise")
        held += abs(slope) < half_width
    assert held / 200 == pytest.approx(0.95, abs=0.05)
    memory.sample()
    assert memory.samples["web process"][0][1] == pytest.approx(
        psutil.Process().memory_info().rss / 1e6, rel=0.1
    )


def test_the_command_refuses_two_tests_at_once(capsys, monkeypatch):
    from benchmarks.load.__main__ import main

    monkeypatch.setattr(sys, "argv", ["load", "--learners", "2", "--soak", "3"])
    with pytest.raises(SystemExit):
        main()
    assert "not allowed with argument" in capsys.readouterr().err


@pytest.mark.slow
def test_a_test_that_is_told_to_end_ends_its_server():
    command = [sys.executable, "-m", "benchmarks.load", "--watchers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        (server,) = wait_for(psutil.Process(process.pid).children)
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert not server.is_running()
