"""The laws of time slices: nobody waits while another has two, no core is promised twice, loads even out."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.engine.scheduling import Candidate, Plan, TimeSlice, loads, move, plan

MACHINE = "machine"


@st.composite
def labs(draw, most_workers=4):
    """Runs by learner, workers on one machine, its cores, and who holds which run."""
    workers = [f"w{k}" for k in range(draw(st.integers(1, most_workers)))]
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    places = st.sampled_from([None, *workers])
    candidates = [
        Candidate(f"{learner}.{run}", f"{learner}", draw(places))
        for learner, runs in enumerate(sizes)
        for run in range(runs)
    ]
    return candidates, dict.fromkeys(workers, MACHINE), {MACHINE: draw(st.integers(1, 6))}


class Lab:
    """A lab in which every time slice takes one tick of a clock, or as many as `durations` say."""

    def __init__(self, candidates, workers, cores, durations=lambda number: 1):
        self.candidates = {candidate.run_id: candidate for candidate in candidates}
        self.workers, self.cores, self.durations = workers, cores, durations
        self.served, self.under_way, self.time_slices, self.clock = {}, {}, [], 0

    def tick(self):
        self.clock += 1
        self.under_way = {time_slice: end for time_slice, end in self.under_way.items() if end > self.clock}
        planned = plan(
            list(self.candidates.values()), self.workers, self.cores, [*self.under_way], self.served
        )
        for time_slice in planned.time_slices:
            self.time_slices.append(time_slice)
            number, candidate = len(self.time_slices), self.candidates[time_slice.run_id]
            self.served[candidate.learner] = number
            since = number if candidate.worker is None else candidate.since
            self.candidates[time_slice.run_id] = replace(
                candidate, served=number, worker=time_slice.worker, since=since
            )
            self.under_way[time_slice] = self.clock + self.durations(number)
        return planned

    def balance(self, rotate=False):
        moved = move(list(self.candidates.values()), self.workers, rotate)
        if moved is not None:
            run_id, worker = moved
            self.candidates[run_id] = replace(
                self.candidates[run_id], worker=worker, since=len(self.time_slices)
            )
        return moved


@given(labs())
def test_no_core_and_no_worker_is_promised_twice(lab):
    candidates, workers, cores = lab
    simulated = Lab(candidates, workers, cores, durations=lambda number: 1 + number % 3)
    for _ in range(20):
        simulated.tick()
        time_slices = list(simulated.under_way)
        assert len({time_slice.worker for time_slice in time_slices}) == len(time_slices)
        assert len({time_slice.run_id for time_slice in time_slices}) == len(time_slices)
        assert sum(time_slice.threads for time_slice in time_slices) <= cores[MACHINE]
        assert all(time_slice.threads >= 1 for time_slice in time_slices)


@given(labs())
def test_turns_are_taken_where_the_state_is(lab):
    candidates, workers, cores = lab
    holders = {candidate.run_id: candidate.worker for candidate in candidates}
    for time_slice in plan(candidates, workers, cores, [], {}).time_slices:
        assert holders[time_slice.run_id] in (None, time_slice.worker)


@given(labs(), st.integers(1, 3))
def test_no_core_idles_while_somebody_waits_who_can_use_it(lab, ticks):
    candidates, workers, cores = lab
    simulated = Lab(candidates, workers, cores)
    for _ in range(ticks):
        simulated.tick()
    time_slices = list(simulated.under_way)
    idle = set(workers) - {time_slice.worker for time_slice in time_slices}
    running = {time_slice.run_id for time_slice in time_slices}
    waiting = {e.worker for e in simulated.candidates.values() if e.run_id not in running}
    if sum(time_slice.threads for time_slice in time_slices) < cores[MACHINE]:
        assert not waiting & idle
        assert None not in waiting or not idle


@given(labs(most_workers=1))
def test_on_one_worker_nobody_has_two_slices_while_another_waits(lab):
    candidates, workers, cores = lab
    simulated = Lab(candidates, workers, cores)
    for _ in range(3 * len(candidates)):
        simulated.tick()
    learners = [time_slice.run_id.split(".")[0] for time_slice in simulated.time_slices]
    everybody = set(learners)
    for start in range(0, len(learners) - len(everybody) + 1):
        assert set(learners[start : start + len(everybody)]) == everybody, "a round leaves nobody out"
    for learner in everybody:
        own = [
            time_slice.run_id
            for time_slice in simulated.time_slices
            if time_slice.run_id.startswith(f"{learner}.")
        ]
        runs = len([e for e in candidates if e.learner == learner])
        for start in range(0, len(own) - runs + 1):
            assert len(set(own[start : start + runs])) == runs, "a learner's runs alternate, too"


@pytest.mark.slow
@settings(max_examples=40)
@given(labs(), st.lists(st.integers(1, 4), min_size=1, max_size=7))
def test_on_several_workers_no_run_waits_for_long(lab, durations):
    candidates, workers, cores = lab
    simulated = Lab(candidates, workers, cores, lambda number: durations[number % len(durations)])
    for clock in range(15 * len(candidates)):
        simulated.tick()
        simulated.balance(rotate=clock % 5 == 4)
    latest = dict.fromkeys(simulated.candidates, 0)
    for number, time_slice in enumerate(simulated.time_slices, start=1):
        assert number - latest[time_slice.run_id] <= 9 * len(candidates)
        latest[time_slice.run_id] = number
    assert min(latest.values()) >= len(simulated.time_slices) - 9 * len(candidates)


@pytest.mark.parametrize(("learners", "workers"), [(3, 2), (4, 3), (5, 2), (30, 2), (7, 4)])
def test_in_the_long_run_everybody_has_as_much(learners, workers):
    names = {f"w{k}": MACHINE for k in range(workers)}
    lab = Lab([Candidate(f"{k}", f"{k}") for k in range(learners)], names, {MACHINE: workers})
    for clock in range(1200):
        lab.tick()
        lab.balance(rotate=clock % 20 == 19)
    time_slices = Counter(time_slice.run_id for time_slice in lab.time_slices)
    assert sum(time_slices.values()) == 1200 * workers
    assert max(time_slices.values()) - min(time_slices.values()) < 0.1 * max(time_slices.values())


def test_many_runs_of_one_learner_take_nothing_from_another():
    names = {"w0": MACHINE, "w1": MACHINE}
    lab = Lab([*(Candidate(f"a{k}", "a") for k in range(4)), Candidate("b", "b")], names, {MACHINE: 2})
    for clock in range(400):
        lab.tick()
        lab.balance(rotate=clock % 20 == 19)
    time_slices = Counter(time_slice.run_id for time_slice in lab.time_slices)
    assert time_slices["b"] > 380, "one of two workers is b's"
    assert min(time_slices.values()) > 80, "the other is shared by a's four"


@given(labs())
def test_a_move_makes_loads_more_even_and_moves_come_to_an_end(lab):
    candidates, workers, cores = lab
    bound = [replace(e, worker=e.worker or min(workers)) for e in candidates]
    simulated = Lab(bound, workers, cores)
    for _ in range(len(bound) + 1):
        before = sorted(loads(list(simulated.candidates.values()), workers).values())
        if simulated.balance() is None:
            break
        after = sorted(loads(list(simulated.candidates.values()), workers).values())
        assert sum(x * x for x in after) < sum(x * x for x in before)
    else:
        pytest.fail("still moving")


def test_alone_a_run_has_every_core_and_two_share_them():
    workers, cores = dict.fromkeys(("w0", "w1", "w2", "w3"), MACHINE), {MACHINE: 4}
    (time_slice,) = plan([Candidate("a", "ana")], workers, cores, [], {}).time_slices
    assert time_slice.threads == 4
    both = plan([Candidate("a", "ana"), Candidate("b", "ben")], workers, cores, [], {}).time_slices
    assert [time_slice.threads for time_slice in both] == [2, 2]


def test_who_holds_every_core_is_hurried_when_another_comes():
    workers, cores = {"w0": MACHINE, "w1": MACHINE}, {MACHINE: 2}
    held = TimeSlice("a", "w0", threads=2)
    candidates = [Candidate("a", "ana", "w0", served=1), Candidate("b", "ben")]
    assert plan(candidates, workers, cores, [held], {"ana": 1}) == Plan((), ("a",))
    assert plan(candidates[:1], workers, cores, [held], {"ana": 1}) == Plan(())
    then = plan(candidates, workers, cores, [], {"ana": 1}).time_slices
    assert [(time_slice.run_id, time_slice.threads) for time_slice in then] == [("b", 1), ("a", 1)]


def test_an_errand_goes_first_and_waits_for_no_core():
    workers, cores = {"w0": MACHINE, "w1": MACHINE}, {MACHINE: 2}
    candidates = [Candidate("b", "ben", "w1"), Candidate("a", "ana", "w1", served=9, control_request=True)]
    planned = plan(candidates, workers, cores, [TimeSlice("c", "w0", threads=2)], {"ana": 9})
    assert planned.time_slices == (TimeSlice("a", "w1", 1),)


def test_a_run_whose_worker_is_gone_waits_until_it_is_free_of_it():
    candidates = [Candidate("a", "ana", "gone")]
    assert plan(candidates, {"w0": MACHINE}, {MACHINE: 2}, [], {}).time_slices == ()


def test_machines_do_not_share_their_cores():
    workers, cores = {"w0": "here", "w1": "there"}, {"here": 2, "there": 8}
    time_slices = plan([Candidate("a", "ana"), Candidate("b", "ben")], workers, cores, [], {}).time_slices
    assert {time_slice.worker: time_slice.threads for time_slice in time_slices} == {"w0": 2, "w1": 8}
