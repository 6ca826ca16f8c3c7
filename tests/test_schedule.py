"""The laws of turns: nobody waits while another has two, no core is promised twice, loads become even."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.schedule import Entrant, Plan, Turn, loads, move, plan

MACHINE = "machine"


@st.composite
def labs(draw, most_workers=4):
    """Runs by learner, workers on one machine, its cores, and who holds which run."""
    workers = [f"w{k}" for k in range(draw(st.integers(1, most_workers)))]
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    places = st.sampled_from([None, *workers])
    entrants = [
        Entrant(f"{learner}.{run}", f"{learner}", draw(places))
        for learner, runs in enumerate(sizes)
        for run in range(runs)
    ]
    return entrants, dict.fromkeys(workers, MACHINE), {MACHINE: draw(st.integers(1, 6))}


class Lab:
    """A lab in which every turn takes one tick of a clock, or as many as `durations` say."""

    def __init__(self, entrants, workers, cores, durations=lambda number: 1):
        self.entrants = {entrant.run_id: entrant for entrant in entrants}
        self.workers, self.cores, self.durations = workers, cores, durations
        self.served, self.under_way, self.turns, self.clock = {}, {}, [], 0

    def tick(self):
        self.clock += 1
        self.under_way = {turn: end for turn, end in self.under_way.items() if end > self.clock}
        planned = plan(list(self.entrants.values()), self.workers, self.cores, [*self.under_way], self.served)
        for turn in planned.turns:
            self.turns.append(turn)
            number, entrant = len(self.turns), self.entrants[turn.run_id]
            self.served[entrant.learner] = number
            since = number if entrant.worker is None else entrant.since
            self.entrants[turn.run_id] = replace(entrant, served=number, worker=turn.worker, since=since)
            self.under_way[turn] = self.clock + self.durations(number)
        return planned

    def balance(self, rotate=False):
        moved = move(list(self.entrants.values()), self.workers, rotate)
        if moved is not None:
            run_id, worker = moved
            self.entrants[run_id] = replace(self.entrants[run_id], worker=worker, since=len(self.turns))
        return moved


@given(labs())
def test_no_core_and_no_worker_is_promised_twice(lab):
    entrants, workers, cores = lab
    simulated = Lab(entrants, workers, cores, durations=lambda number: 1 + number % 3)
    for _ in range(20):
        simulated.tick()
        turns = list(simulated.under_way)
        assert len({turn.worker for turn in turns}) == len(turns)
        assert len({turn.run_id for turn in turns}) == len(turns)
        assert sum(turn.threads for turn in turns) <= cores[MACHINE]
        assert all(turn.threads >= 1 for turn in turns)


@given(labs())
def test_turns_are_taken_where_the_state_is(lab):
    entrants, workers, cores = lab
    holders = {entrant.run_id: entrant.worker for entrant in entrants}
    for turn in plan(entrants, workers, cores, [], {}).turns:
        assert holders[turn.run_id] in (None, turn.worker)


@given(labs(), st.integers(1, 3))
def test_no_core_idles_while_somebody_waits_who_can_use_it(lab, ticks):
    entrants, workers, cores = lab
    simulated = Lab(entrants, workers, cores)
    for _ in range(ticks):
        simulated.tick()
    turns = list(simulated.under_way)
    idle = set(workers) - {turn.worker for turn in turns}
    running = {turn.run_id for turn in turns}
    waiting = {e.worker for e in simulated.entrants.values() if e.run_id not in running}
    if sum(turn.threads for turn in turns) < cores[MACHINE]:
        assert not waiting & idle
        assert None not in waiting or not idle


@given(labs(most_workers=1))
def test_on_one_worker_nobody_has_two_turns_while_another_waits(lab):
    entrants, workers, cores = lab
    simulated = Lab(entrants, workers, cores)
    for _ in range(3 * len(entrants)):
        simulated.tick()
    learners = [turn.run_id.split(".")[0] for turn in simulated.turns]
    everybody = set(learners)
    for start in range(0, len(learners) - len(everybody) + 1):
        assert set(learners[start : start + len(everybody)]) == everybody, "a round leaves nobody out"
    for learner in everybody:
        own = [turn.run_id for turn in simulated.turns if turn.run_id.startswith(f"{learner}.")]
        runs = len([e for e in entrants if e.learner == learner])
        for start in range(0, len(own) - runs + 1):
            assert len(set(own[start : start + runs])) == runs, "a learner's runs take turns, too"


@settings(max_examples=40)
@given(labs(), st.lists(st.integers(1, 4), min_size=1, max_size=7))
def test_on_several_workers_no_run_waits_for_long(lab, durations):
    entrants, workers, cores = lab
    simulated = Lab(entrants, workers, cores, lambda number: durations[number % len(durations)])
    for clock in range(15 * len(entrants)):
        simulated.tick()
        simulated.balance(rotate=clock % 5 == 4)
    latest = dict.fromkeys(simulated.entrants, 0)
    for number, turn in enumerate(simulated.turns, start=1):
        assert number - latest[turn.run_id] <= 9 * len(entrants)
        latest[turn.run_id] = number
    assert min(latest.values()) >= len(simulated.turns) - 9 * len(entrants)


@pytest.mark.parametrize(("learners", "workers"), [(3, 2), (4, 3), (5, 2), (30, 2), (7, 4)])
def test_in_the_long_run_everybody_has_as_much(learners, workers):
    names = {f"w{k}": MACHINE for k in range(workers)}
    lab = Lab([Entrant(f"{k}", f"{k}") for k in range(learners)], names, {MACHINE: workers})
    for clock in range(1200):
        lab.tick()
        lab.balance(rotate=clock % 20 == 19)
    turns = Counter(turn.run_id for turn in lab.turns)
    assert sum(turns.values()) == 1200 * workers
    assert max(turns.values()) - min(turns.values()) < 0.1 * max(turns.values())


def test_many_runs_of_one_learner_take_nothing_from_another():
    names = {"w0": MACHINE, "w1": MACHINE}
    lab = Lab([*(Entrant(f"a{k}", "a") for k in range(4)), Entrant("b", "b")], names, {MACHINE: 2})
    for clock in range(400):
        lab.tick()
        lab.balance(rotate=clock % 20 == 19)
    turns = Counter(turn.run_id for turn in lab.turns)
    assert turns["b"] > 380, "one of two workers is b's"
    assert min(turns.values()) > 80, "the other is shared by a's four"


@given(labs())
def test_a_move_makes_loads_more_even_and_moves_come_to_an_end(lab):
    entrants, workers, cores = lab
    bound = [replace(e, worker=e.worker or min(workers)) for e in entrants]
    simulated = Lab(bound, workers, cores)
    for _ in range(len(bound) + 1):
        before = sorted(loads(list(simulated.entrants.values()), workers).values())
        if simulated.balance() is None:
            break
        after = sorted(loads(list(simulated.entrants.values()), workers).values())
        assert sum(x * x for x in after) < sum(x * x for x in before)
    else:
        pytest.fail("still moving")


def test_alone_a_run_has_every_core_and_two_share_them():
    workers, cores = dict.fromkeys(("w0", "w1", "w2", "w3"), MACHINE), {MACHINE: 4}
    (turn,) = plan([Entrant("a", "ana")], workers, cores, [], {}).turns
    assert turn.threads == 4
    both = plan([Entrant("a", "ana"), Entrant("b", "ben")], workers, cores, [], {}).turns
    assert [turn.threads for turn in both] == [2, 2]


def test_who_holds_every_core_is_hurried_when_another_comes():
    workers, cores = {"w0": MACHINE, "w1": MACHINE}, {MACHINE: 2}
    held = Turn("a", "w0", threads=2)
    entrants = [Entrant("a", "ana", "w0", served=1), Entrant("b", "ben")]
    assert plan(entrants, workers, cores, [held], {"ana": 1}) == Plan((), ("a",))
    assert plan(entrants[:1], workers, cores, [held], {"ana": 1}) == Plan(())
    then = plan(entrants, workers, cores, [], {"ana": 1}).turns
    assert [(turn.run_id, turn.threads) for turn in then] == [("b", 1), ("a", 1)]


def test_an_errand_goes_first_and_waits_for_no_core():
    workers, cores = {"w0": MACHINE, "w1": MACHINE}, {MACHINE: 2}
    entrants = [Entrant("b", "ben", "w1"), Entrant("a", "ana", "w1", served=9, errand=True)]
    planned = plan(entrants, workers, cores, [Turn("c", "w0", threads=2)], {"ana": 9})
    assert planned.turns == (Turn("a", "w1", 1),)


def test_a_run_whose_worker_is_gone_waits_until_it_is_free_of_it():
    entrants = [Entrant("a", "ana", "gone")]
    assert plan(entrants, {"w0": MACHINE}, {MACHINE: 2}, [], {}).turns == ()


def test_machines_do_not_share_their_cores():
    workers, cores = {"w0": "here", "w1": "there"}, {"here": 2, "there": 8}
    turns = plan([Entrant("a", "ana"), Entrant("b", "ben")], workers, cores, [], {}).turns
    assert {turn.worker: turn.threads for turn in turns} == {"w0": 2, "w1": 8}
