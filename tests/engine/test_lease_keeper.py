"""What a learner asks at a server that does not hold the run reaches the one that does."""

import logging

from fmnist_core.engine.active_runs import ActiveRuns
from fmnist_core.engine.engine import Engine
from fmnist_core.engine.lease_keeper import LeaseKeeper
from fmnist_core.engine.sweep_queue import SweepQueue
from fmnist_core.sentences import Sentence
from fmnist_core.store.runs import StoreError
from tests.engine.live_runs import LONG, finished, status
from tests.waiting import wait_for


def test_changes_asked_at_another_server_are_made_by_the_holder(lab, store):
    run_id = lab.submit(LONG, "ana")
    wait_for(lambda: store.run(run_id).step > 0)
    other = Engine(store)  # another front, whose cluster never comes up
    holder = store.run(run_id).holder
    other.pause(run_id, "ana")
    wait_for(lambda: status(store, run_id) == {"paused"})
    other.change_learning_rate(run_id, "ana", 0.00123456789)
    wait_for(lambda: store.run(run_id).learning_rate == 0.00123456789)
    step = store.run(run_id).step
    other.step_batch(run_id, "ana")
    wait_for(lambda: status(store, run_id) == {"paused"} and store.run(run_id).step == step + 1)
    other.resume(run_id, "ana")
    wait_for(lambda: store.run(run_id).step > step + 1)
    other.stop(run_id, "ana")
    assert finished(store, run_id).status == "stopped"
    assert store.run(run_id).holder == holder
    other.close()


def test_a_change_that_the_store_refuses_waits_and_one_that_nobody_can_make_does_not(
    own_store, monkeypatch, caplog
):
    store = own_store  # of which no other server takes the runs
    active_runs = ActiveRuns(store, slice_seconds=0.2)
    sweep_queue = SweepQueue(store, active_runs, lambda: None, 10)
    keeper = LeaseKeeper(active_runs, sweep_queue, lambda: None)
    run_id, other = (store.create_run(LONG, "ana") for _ in range(2))
    keeper.look()
    active_runs.train(run_id)
    active_runs.train(other)
    active_runs.leases.hand_on(run_id, "no such change")
    active_runs.leases.hand_on(run_id, "stop")
    active_runs.leases.hand_on(run_id, "rest")
    active_runs.leases.hand_on(other, "rest")

    def refuse(run_id: str) -> None:
        raise StoreError(Sentence("The lab's database is busy. Try again in a moment."))

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(active_runs, "stop", refuse)
        keeper.look()
    assert "no such change" in caplog.text
    assert status(store, other) == {"paused"}
    assert [change.change for change in active_runs.leases.handed_on()] == ["stop", "rest"], "in their order"
    keeper.look()
    assert active_runs.leases.handed_on() == []
    keeper.close()
