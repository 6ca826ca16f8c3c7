"""What a learner asks at a server that does not hold the run reaches the one that does."""

from fmnist_core.engine.engine import Engine
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
