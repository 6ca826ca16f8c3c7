"""Queries whose workers die: each is put to another worker, once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from fmnist_core.compute.client import Connection, TurnedAway, WorkerLost
from fmnist_core.engine import queries
from fmnist_core.engine.queries import Queries
from fmnist_core.messages import Answer

HERE = cast(Connection, object())


def answered(
    monkeypatch: pytest.MonkeyPatch,
    on_worker: Callable[[str], Awaitable[Answer]],
    events: list[list[str]],
    seconds: float = 5.0,
) -> tuple[list[str], Answer | BaseException]:
    """Whom a query was put to and what came of it, where after each moment other workers are there."""
    asked: list[str] = []

    async def put(_connection: object, worker: str, *_rest: object) -> Answer:
        asked.append(worker)
        return await on_worker(worker)

    async def play() -> Answer | BaseException:
        all_queries = Queries()
        all_queries.connect(HERE, ["one"])
        task = asyncio.create_task(all_queries.ask("any", {}, seconds, preferred=lambda: None, busy=()))
        for workers in events:
            for _turn in range(10):
                await asyncio.sleep(0)
            all_queries.connect(HERE, workers) if workers else all_queries.disconnect()
        async with asyncio.timeout(5):
            (result,) = await asyncio.gather(task, return_exceptions=True)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    monkeypatch.setattr(queries, "on_worker", put)
    return asked, asyncio.run(play())


def told(value: Any) -> Answer:
    return Answer(value, ())


async def silence() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("events", [[["two"]], [[], ["two"]]], ids=["another came", "all had gone"])
def test_a_query_that_no_worker_will_ever_answer_is_put_to_another(
    monkeypatch: pytest.MonkeyPatch, events: list[list[str]]
):
    async def on_worker(worker: str) -> Answer:
        if worker == "one":
            await silence()
        return told(worker)

    asked, result = answered(monkeypatch, on_worker, events)
    assert (asked, result) == (["one", "two"], told("two"))


def test_a_query_in_whose_middle_the_worker_dies_waits_until_that_is_seen(monkeypatch: pytest.MonkeyPatch):
    async def on_worker(worker: str) -> Answer:
        if worker == "one":
            raise WorkerLost(worker)
        return told(worker)

    asked, result = answered(monkeypatch, on_worker, [["one"], ["one", "two"], ["two"]])
    assert (asked, result) == (["one", "two"], told("two"))


def test_workers_that_are_gone_one_after_another_count_for_no_death(monkeypatch: pytest.MonkeyPatch):
    async def on_worker(worker: str) -> Answer:
        if worker != "four":
            await silence()
        return told(worker)

    asked, result = answered(monkeypatch, on_worker, [["two"], ["three"], ["four"]])
    assert (asked, result) == (["one", "two", "three", "four"], told("four"))


def test_a_query_that_is_turned_away_with_its_scheduler_is_put_to_the_next(monkeypatch: pytest.MonkeyPatch):
    async def on_worker(worker: str) -> Answer:
        if worker == "one":
            raise TurnedAway(worker)
        return told(worker)

    asked, result = answered(monkeypatch, on_worker, [[], ["two"]])
    assert (asked, result) == (["one", "two"], told("two"))


def test_a_worker_that_is_silent_ends_the_patience_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch):
    async def on_worker(worker: str) -> Answer:
        await silence()
        return told(worker)

    _asked, result = answered(monkeypatch, on_worker, [["one"]], seconds=0.05)
    assert isinstance(result, TimeoutError)


def test_a_query_that_workers_die_of_takes_two_and_no_more(monkeypatch: pytest.MonkeyPatch):
    async def on_worker(worker: str) -> Answer:
        raise WorkerLost(worker)

    asked, result = answered(monkeypatch, on_worker, [["two"], ["three"], ["four"]])
    assert asked == ["one", "two"]
    assert isinstance(result, WorkerLost)
