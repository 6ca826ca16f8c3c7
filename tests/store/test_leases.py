"""Servers that share a store: every run has one holder, which another follows only when it is gone."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from fmnist_core.spec import read_spec
from fmnist_core.store import leases, schema
from fmnist_core.store.leases import Leases, holder_id, is_dead
from fmnist_core.store.runs import StaleLease, Store
from fmnist_core.store.sweeps import Sweeps

SPEC = read_spec({"architecture": "ff_classifier"})


@pytest.fixture
def one(store: Store) -> Leases:
    return Leases(store.database, "one")


@pytest.fixture
def other(store: Store) -> Leases:
    return Leases(store.database, "other")


def let_pass(store: Store, holder: str) -> None:
    """As if the server had said nothing for a long time."""
    table = schema.holders
    with store.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == holder).values(until=table.c.until - 1000))


def test_a_run_is_held_by_one_server(store: Store, one: Leases, other: Leases):
    run_id = store.create_run(SPEC, "ada")
    one.renew()
    other.renew()
    assert one.free_runs() == other.free_runs() == [run_id]
    assert one.take(run_id)
    assert not other.take(run_id)
    assert one.take(run_id)
    assert other.free_runs() == []
    assert store.run(run_id).holder == "one"


def test_a_lease_ends_by_the_clock_of_the_database_and_not_before_it_is_struck_off(
    store: Store, one: Leases, other: Leases
):
    run_id = store.create_run(SPEC, "ada")
    one.renew()
    other.renew()
    one.take(run_id)
    assert [server.is_late for server in other.others()] == [False]
    let_pass(store, "one")
    (late,) = other.others()
    assert late.is_late
    assert not other.take(run_id)  # it may only be slow
    other.strike_off(late)
    assert other.take(run_id)
    one.renew()
    assert not one.take(run_id)  # for it is the other's now


def test_a_server_that_is_heard_of_again_is_not_struck_off(store: Store, one: Leases, other: Leases):
    run_id = store.create_run(SPEC, "ada")
    one.renew()
    one.take(run_id)
    let_pass(store, "one")
    (late,) = other.others()
    one.renew()
    other.strike_off(late)
    assert not other.take(run_id)


def test_what_is_released_is_free_at_once(store: Store, one: Leases, other: Leases):
    run_id = store.create_run(SPEC, "ada")
    one.renew()
    one.take(run_id)
    one.release()
    assert other.free_runs() == [run_id]
    assert other.take(run_id)


def test_of_many_that_take_a_run_at_once_one_gets_it(url: str):
    stores = [Store(url) for _ in range(4)]
    run_id = stores[0].create_run(SPEC, "ada")
    servers = [Leases(store.database, f"server {k}") for k, store in enumerate(stores)]
    for server in servers:
        server.renew()
    together = threading.Barrier(len(servers))

    def take(server: Leases) -> bool:
        together.wait()
        return server.take(run_id)

    with ThreadPoolExecutor(len(servers)) as threads:
        took = list(threads.map(take, servers))
    taken = [server.holder for server, took_it in zip(servers, took, strict=True) if took_it]
    assert taken == [stores[0].run(run_id).holder]
    for store in stores:
        store.close()


def test_only_the_holder_has_a_run_trained(store: Store, one: Leases, other: Leases):
    run_id = store.create_run(SPEC, "ada")
    one.renew()
    one.take(run_id)
    assert store.claim(run_id, one.holder) == 1
    with pytest.raises(StaleLease):
        store.claim(run_id, other.holder)


def test_changes_reach_whoever_holds_the_run(store: Store, one: Leases, other: Leases):
    mine, theirs = (store.create_run(SPEC, "ada") for _ in range(2))
    one.renew()
    other.renew()
    one.take(mine)
    other.take(theirs)
    other.hand_on(mine, "rest")
    other.hand_on(mine, "learning_rate", "0.00123456789")
    assert other.handed_on() == []
    asked = one.handed_on()
    assert [(change.run_id, change.change, change.argument) for change in asked] == [
        (mine, "rest", None),
        (mine, "learning_rate", "0.00123456789"),
    ]
    one.settled(asked[:1])
    assert one.handed_on() == asked[1:]
    one.release()
    other.take(mine)
    assert other.handed_on() == asked[1:]  # it goes with the run
    store.delete(mine)
    assert other.handed_on() == []


def test_a_sweep_is_fed_by_one_server(store: Store, one: Leases, other: Leases):
    sweep_id = Sweeps(store).create("ada", "rates", "sweep", "learning_rate", [(SPEC, "a")])
    one.renew()
    assert one.take_sweep(sweep_id)
    assert not other.take_sweep(sweep_id)
    assert other.take_sweep(sweep_id, from_others=True)
    other.renew()
    assert not one.take_sweep(sweep_id)


def test_a_server_of_this_machine_is_known_to_be_dead():
    command = "from fmnist_core.store.leases import holder_id; print(holder_id())"
    ended = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert is_dead(ended.stdout.strip())
    assert not is_dead(f"{leases._machine()}:{os.getppid()}:x")
    assert not is_dead(f"another machine:{2**22 + 1}:x")
    assert is_dead(f"{leases._machine()}:{os.getpid()}:x")  # whose number was given anew
    assert not is_dead(holder_id())
    assert holder_id() != holder_id()


def test_the_clock_is_right(store: Store):
    with store.database.reading() as connection:
        assert leases._now(connection) == pytest.approx(time.time(), abs=2)
