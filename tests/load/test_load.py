"""The load test in small: a few learners for seconds, on a real server, and what it calculates."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks.load import faults, scenarios
from benchmarks.load.faults import Lab
from benchmarks.load.figures import Memory, seconds_behind, timing, unfairness
from benchmarks.load.progress import Progress
from benchmarks.load.session import NoButton, Session
from fmnist_core.data import fashion_mnist
from fmnist_core.events import Batches, Finished
from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Store
from tests.browser import driver, server_log
from tests.browser.driver import Server
from tests.databases import Postgres
from tests.store.flipped_bits import flip_in
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
    assert len(result.figures.behind) > 8
    assert max(result.figures.behind) < 3, "no watcher is shown for three seconds what is over"


@pytest.mark.timed
def test_learners_come_and_go_and_memory_is_reported(server: Server):
    result = asyncio.run(scenarios.soak(server, seconds=8, count=3, sample_every=1))
    assert_good(result)
    assert sum("memory of the worker" in line for line in result.lines) >= 2
    assert any("memory of the web process" in line for line in result.lines)


def assert_nothing_is_lost(lab: Lab, seed: int, seconds: float, *kinds: str) -> None:
    result = asyncio.run(scenarios.faults(lab, seed, seconds, count=3, every=(3, 6)))
    report = "\n".join(result.lines)
    for kind in kinds:
        assert kind in report
    assert result.figures.wrong == [], report
    server_log.complaints()  # what is logged about a fault is no fault


@pytest.mark.slow
def test_faults_cost_seconds_and_every_page_is_right_at_the_end(server: Server):
    killed = ("a worker is killed", "the web process is killed")
    assert_nothing_is_lost(Lab(server), 63, 24, *killed, "the disk takes nothing", "the database is locked")


@pytest.mark.slow
def test_a_postgres_that_restarts_and_crashes_costs_seconds(tmp_path: Path, own_postgres: Postgres):
    settings = {"DATABASE_URL": own_postgres.url, "FMNIST_DATA": str(fashion_mnist.SAMPLE_FOLDER)}
    with driver.serve(tmp_path / "home", **settings) as server:
        asyncio.run(scenarios.ready(server))
        assert_nothing_is_lost(Lab(server, own_postgres), 48, 12, "Postgres restarts", "Postgres crashes")


@pytest.mark.slow
def test_a_tab_reads_what_the_page_says_and_knows_its_buttons(server: Server):
    async def visit() -> str:
        async with await Session.connect(server.url, "T" * 22) as tab:
            await tab.open("autoencoder", "ae_epochs=7")
            text = tab.text
            with pytest.raises(NoButton, match="Autoencoder"):
                await tab.press("no_such_button")
        return text

    text = asyncio.run(visit())
    assert "Autoencoder" in text
    assert "Your run appears here" in text


@pytest.mark.parametrize("others", [faults.ON_SQLITE, faults.ON_POSTGRES])
def test_a_seed_gives_one_plan_and_every_kind_comes_up(others):
    kinds = faults.ANYWHERE | others
    plan = faults.plan(3, 1000, kinds)
    assert plan == faults.plan(3, 1000, kinds) != faults.plan(4, 1000, kinds)
    pauses = np.diff([0, *(fault.second for fault in plan)])
    assert min(pauses) >= faults.EVERY[0]
    assert max(pauses) <= faults.EVERY[1]
    for k in range(0, len(plan) - len(kinds), len(kinds)):
        assert {fault.kind for fault in plan[k : k + len(kinds)]} == set(kinds)


def test_a_run_that_had_ended_and_lost_something_is_named(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    spec = read_spec({"architecture": "ff_autoencoder"})
    progress, ended = Progress(store), {}
    for name in ("whole", "lost losses", "went on", "damaged", "deleted"):
        ended[name] = store.create_run(spec, "ada", name)
        losses, end = Batches(1, np.ones(3, np.float32)), Finished(3, 0, "stopped", 0.1, None, None, None)
        lease = store.claim(ended[name])
        store.write_slice(
            ended[name], lease, [losses, end], step=3, epoch=0, seconds=1.0, checkpoint=b"state"
        )
        store.set_end_status(ended[name])
    progress.look()
    assert progress.losses() == []
    with store.database.writing() as connection:
        for table in (schema.batches, schema.curves):
            connection.execute(table.delete().where(table.c.run_id == ended["lost losses"]))
    store.set_status(ended["went on"], "running")
    flip_in(store, schema.checkpoints.c.state, ended["damaged"])
    store.delete(ended["deleted"])
    named = {line.split(":")[0].removeprefix("run ") for line in progress.losses()}
    assert named == set(ended.values()) - {ended["whole"]}
    store.close()


def test_what_training_loses_is_the_longest_way_back(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'lab.db'}")
    run_id = store.create_run(read_spec({"architecture": "ff_autoencoder"}), "ada")
    progress, lease = Progress(store), store.claim(run_id)
    for seconds in (10.0, 7.5, 12.0, 11.0):
        store.write_slice(run_id, lease, [], step=1, epoch=0, seconds=seconds, checkpoint=b"state")
        progress.look()
    assert progress.most_lost == 2.5
    store.close()


def test_unfairness_is_the_distance_from_the_mean():
    assert unfairness([2, 2, 2]) == 0
    assert unfairness([1, 2, 3]) == pytest.approx(0.5)
    assert unfairness([0, 0]) == float("inf")


def test_a_tab_is_behind_from_the_moment_that_what_it_shows_is_over():
    begun = [10.0, 14.0, 15.0]  # epochs 1, 2 and 3
    assert seconds_behind(begun, [(11.0, 1), (13.0, 1), (14.5, 1), (15.5, 3), (40.0, 3)]) == [0, 0.5, 1.5, 0]
    assert seconds_behind(begun, [(14.5, 2)]) == seconds_behind([], []) == []


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
        wait_for(lambda: server.num_threads() > 1)  # so who has started it knows of it by now
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert not server.is_running()
