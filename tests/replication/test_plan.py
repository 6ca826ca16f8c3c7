"""In which order the trials come, what they cost, and that none comes before what it needs."""

import statistics
from collections import defaultdict
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.plan import Trial, cost, cost_of, plan, with_needs
from fmnist_core.replication.recipes import EXPERIMENTS

SEEDS = 3
ALL = {Trial(id, seed) for id in EXPERIMENTS for seed in range(SEEDS)}


def planned(wanted=tuple(EXPERIMENTS), seeds=SEEDS, done=(), ready=lambda trial: False):
    return plan(
        EXPERIMENTS, {claim.id: claim.experiments for claim in CLAIMS.values()}, wanted, seeds, done, ready
    )


def trials(steps) -> list[Trial]:
    return [step.trial for step in steps]


def in_order(ordered: list[Trial], ready=lambda trial: False) -> bool:
    """Whether each stands behind all it needs."""
    return all(
        ready(Trial(need, trial.seed)) or ordered.index(Trial(need, trial.seed)) < place
        for place, trial in enumerate(ordered)
        for need in EXPERIMENTS[trial.experiment].needs
    )


def test_everything_is_planned_once_and_after_what_it_needs():
    ordered = trials(planned())
    assert sorted(ordered) == sorted(ALL)
    assert in_order(ordered)


def test_the_claim_that_is_decided_soonest_comes_first():
    steps = planned()
    order = [claim for claim, _ in groupby(step.claim for step in steps)]
    assert len(set(order)) == len(order), "a claim's runs come together"
    costs = {id: sum(cost_of(t, EXPERIMENTS) for t in needed(id)) for id in CLAIMS}
    assert order[0] == min(costs, key=costs.get)
    assert order[-1] is None, "experiments of ours decide no claim, and come last"
    ours = {id for id, experiment in EXPERIMENTS.items() if experiment.ours}
    assert ours <= {step.trial.experiment for step in steps if step.claim is None}


def test_a_claim_is_named_only_for_its_experiments_and_what_they_need():
    for step in planned():
        if step.claim is not None:
            assert step.trial in {Trial(t.experiment, step.trial.seed) for t in needed(step.claim)}


def needed(claim: str) -> set[Trial]:
    return {trial for id in CLAIMS[claim].experiments for trial in chain(id)}


def chain(id: str) -> list[Trial]:
    return with_needs(Trial(id, 0), EXPERIMENTS, lambda trial: False)


def test_a_chain_is_planned_from_its_beginning():
    assert [t.experiment for t in chain("r3-3")] == ["r3-2", "r3-3"]
    assert [t.experiment for t in chain("r2-classifier-unpooled")] == [
        "r2-unpooled",
        "r2-classifier-unpooled",
    ]
    assert trials(planned(["r4-case2"], seeds=1)) == [Trial("r4-p0.1", 0), Trial("r4-case2", 0)]


def test_what_has_evidence_and_weights_is_left_alone():
    assert planned(done=ALL) == []
    assert trials(planned(["r3-1"], done={Trial("r3-1", 1)})) == [Trial("r3-1", 0), Trial("r3-1", 2)]


def test_what_has_evidence_runs_again_where_its_weights_are_gone():
    """The encoder was trained and recorded elsewhere; its classifier cannot begin without its weights."""
    done = ALL - {Trial("r4-case1", 0)}
    assert trials(planned(done=done)) == [Trial("r4-p0.1", 0), Trial("r4-case1", 0)]
    assert trials(planned(done=done, ready=lambda trial: True)) == [Trial("r4-case1", 0)]


@pytest.mark.slow
@settings(max_examples=30)
@given(st.sets(st.sampled_from(sorted(ALL))), st.sets(st.sampled_from(sorted(ALL))), st.integers(1, SEEDS))
def test_whatever_is_there_all_the_rest_is_planned_in_order(done, with_weights, seeds):
    ordered = trials(planned(seeds=seeds, done=done, ready=with_weights.__contains__))
    assert len(set(ordered)) == len(ordered)
    assert {trial for trial in ALL - done if trial.seed < seeds} <= set(ordered)
    assert in_order(ordered, with_weights.__contains__)
    for trial in set(ordered) & done:
        assert trial not in with_weights, f"{trial} has evidence and weights, and nothing to do"


# What it costs


def test_costs_grow_with_what_there_is_to_do():
    spec = EXPERIMENTS["r3-2"].spec
    assert cost(spec.changed(epochs=60)) == pytest.approx(2 * cost(spec))
    assert cost(spec.changed(hidden_sizes=[2048])) > cost(spec)
    assert cost(spec.changed(train_size=25_000)) < cost(spec)
    assert cost(EXPERIMENTS["r2-unpooled"].spec) > 3 * cost(EXPERIMENTS["r2-p0.1"].spec)


def test_what_learns_nothing_costs_less():
    spec = EXPERIMENTS["r4-case2"].spec
    assert cost(spec) < cost(spec.changed(encoder=spec.encoder.model_copy(update={"frozen": False})))


def test_small_batches_cost_more():
    spec = EXPERIMENTS["r3-2"].spec
    assert cost(spec.changed(batch_size=10)) > 2 * cost(spec)


def test_half_of_the_shipped_runs_took_what_is_forecast_within_a_fifth():
    """Of each experiment, its quickest run on one thread in a known precision: others shared the machine."""
    seconds = defaultdict(list)
    for record in records.read(records.SHIPPED, EXPERIMENTS):
        if "1 thread, " in record.hardware:
            seconds[record.spec.changed(seed=0)].append(record.seconds / record.epochs)
    ratios = [cost(spec) / spec.epochs / min(took) for spec, took in seconds.items()]
    low, middle, high = statistics.quantiles(ratios, n=4)
    assert 0.8 < low < middle < high < 1.25
    assert min(ratios) > 0.2
    assert max(ratios) < 2.5


def test_what_goes_on_costs_only_what_is_added():
    assert cost_of(Trial("r3-3", 0), EXPERIMENTS) == pytest.approx(cost_of(Trial("r3-2", 0), EXPERIMENTS))
    assert cost_of(Trial("r5-3", 0), EXPERIMENTS) == pytest.approx(cost(EXPERIMENTS["r5-2"].spec) * 7 / 3)


def test_a_trial_is_written_as_on_the_command_line():
    assert str(Trial("r1-n64", 2)) == "r1-n64/2"
