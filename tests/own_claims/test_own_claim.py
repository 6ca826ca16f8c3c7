"""A learner's claim: what can be claimed, when, and the verdict on runs whose truth is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from safetensors.numpy import save
from sqlalchemy import update

from fmnist_core.events import Finished
from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.manifest import provenance
from fmnist_core.exports.opening import opening_of, openings
from fmnist_core.own_claims.own_claim import OwnClaim, OwnClaimError, OwnClaims, check, judged
from fmnist_core.replication.claims.wording import verdict_sentence
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Run, Store
from fmnist_core.store.sweeps import Sweeps

SPEC = read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [8], "epochs": 1})
CLASSIFIER = read_spec({"architecture": "ff_classifier", "hidden_sizes": [8], "epochs": 1})
NAMES = {"value-0": "8", "value-1": "16", "value-2": "32"}


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def sweep(store: Store, learner: str = "ana", seeds: int = 3) -> str:
    runs = [(SPEC.changed(hidden_sizes=[n], seed=seed), f"{n}") for seed in range(seeds) for n in (8, 16)]
    return Sweeps(store).create(learner, "sizes", "sweep", "hidden_sizes", runs)


def run(spec: RunSpec, loss: float, accuracy: float | None = None, reason: str = "epochs") -> Run:
    confusion = None
    if accuracy is not None:
        right = round(10_000 * accuracy)
        confusion = np.zeros((10, 10), np.int64)
        confusion[0] = [right, 10_000 - right, *[0] * 8]
    status = "failed" if reason == "diverged" else "finished"
    begun = ("r" * 12, "ana", "a run", spec, status, None, None, datetime.now(UTC), None, None, 1, 10, 1.0)
    return Run(*begun, loss, accuracy, confusion, reason, None, 0, None, True, 0.001)


def runs_at(*means: float, spread: float = 0.0005, seeds: int = 5) -> dict[str, list[Run]]:
    """Test losses about these means, the same luck for each value's seed and some of its own."""
    draw = np.random.default_rng(0)
    luck = draw.normal(0, spread, (len(means), seeds))
    return {
        name: [run(SPEC.changed(seed=k), mean * (1 + luck[v][k] / mean)) for k in range(seeds)]
        for v, (name, mean) in enumerate(zip(NAMES, means, strict=False))
    }


@pytest.mark.parametrize(
    ("claim", "means", "decision"),
    [
        (OwnClaim("falling", "test_loss"), (0.05, 0.04, 0.03), "confirmed"),
        (OwnClaim("rising", "test_loss"), (0.05, 0.04, 0.03), "refuted"),
        (OwnClaim("falling", "test_loss"), (0.05, 0.03, 0.04), "refuted"),
        (OwnClaim("lowest", "test_loss", place=1), (0.05, 0.03, 0.04), "confirmed"),
        (OwnClaim("highest", "test_loss", place=1), (0.05, 0.03, 0.04), "refuted"),
        (OwnClaim("alike", "test_loss", margin=0.2), (0.05, 0.05, 0.05), "confirmed"),
        (OwnClaim("alike", "test_loss", margin=0.05), (0.05, 0.04, 0.03), "refuted"),
        (OwnClaim("lowest", "test_loss", place=99), (0.05, 0.04, 0.03), "confirmed"),
    ],
)
def test_the_verdict_is_what_the_figures_were_made_to_be(claim: OwnClaim, means, decision: str):
    verdict = judged(claim, NAMES, runs_at(*means))
    assert verdict.decision == decision
    sentence = str(verdict_sentence(verdict))
    assert any(name in sentence for name in NAMES.values())
    assert "value-" not in sentence


def test_values_that_are_all_alike_are_seldom_called_different():
    """At most one in twenty, by the rule; sixty trials, of which more than eight would be a fault of it."""
    draw, wrong = np.random.default_rng(1), 0
    for _trial in range(60):
        runs = {
            name: [run(SPEC.changed(seed=k), float(x)) for k, x in enumerate(draw.normal(0.05, 0.001, 5))]
            for name in NAMES
        }
        wrong += judged(OwnClaim("lowest", "test_loss", place=1), NAMES, runs).decision == "confirmed"
    assert wrong <= 8


def test_a_run_that_diverged_is_worse_than_any():
    runs = runs_at(0.05, 0.04)
    runs["value-0"][0] = run(SPEC, float("nan"), reason="diverged")
    verdict = judged(OwnClaim("lowest", "test_loss", place=1), dict(list(NAMES.items())[:2]), runs)
    assert verdict.runs == verdict.needed
    assert verdict.decision in ("confirmed", "noise")


def test_accuracies_carry_the_luck_of_the_test_images():
    runs = {
        name: [run(CLASSIFIER.changed(seed=k), 0.3, mean + 0.0001 * k) for k in range(5)]
        for name, mean in (("value-0", 0.88), ("value-1", 0.91))
    }
    two = dict(list(NAMES.items())[:2])
    assert judged(OwnClaim("highest", "test_accuracy", place=1), two, runs).decision == "confirmed"
    assert judged(OwnClaim("alike", "test_accuracy", margin=0.01), two, runs).decision == "refuted"


@pytest.mark.parametrize(
    ("quantity", "settings", "sizes", "seeds", "said"),
    [
        ("test_loss", {}, [8], 3, "choose two, or more"),
        ("test_loss", {}, [8, 16], 2, "decided by 3 seeds or more"),
        ("test_loss", {"validation_size": 0}, [8, 16], 3, "validation images"),
        ("test_accuracy", {}, [8, 16], 3, "has no accuracy"),
    ],
)
def test_what_could_not_be_decided_is_refused_in_a_sentence(quantity, settings, sizes, seeds: int, said: str):
    specs = [SPEC.changed(**settings, hidden_sizes=[n], seed=seed) for n in sizes for seed in range(seeds)]
    with pytest.raises(OwnClaimError, match=said):
        check(OwnClaim("falling", quantity), specs, "hidden_sizes")
    whole = [CLASSIFIER.changed(hidden_sizes=[n], seed=seed) for n in (8, 16) for seed in range(3)]
    check(OwnClaim("falling", quantity), whole, "hidden_sizes")


def test_it_is_kept_with_its_time_and_stated_once(store: Store):
    claims, sweep_id = OwnClaims(store), sweep(store)
    assert claims.of(sweep_id) is None
    before = datetime.now(UTC)
    claims.state(sweep_id, OwnClaim("alike", "test_loss", margin=0.1))
    kept = claims.of(sweep_id)
    assert (kept.relation, kept.quantity, kept.margin, kept.opened) == ("alike", "test_loss", 0.1, None)
    assert before - timedelta(seconds=1) <= kept.stated <= datetime.now(UTC)
    with pytest.raises(OwnClaimError, match="before its runs, and once"):
        claims.state(sweep_id, OwnClaim("rising", "test_loss"))
    assert claims.of(sweep_id) == kept


def test_test_figures_are_closed_wherever_runs_are_read_until_they_are_opened(store: Store):
    """Of runs that began before the claim was stated, by a moment, and of those that begin after it."""
    claims, sweep_id = OwnClaims(store), sweep(store)
    first = Sweeps(store).begin_next(sweep_id)
    claims.state(sweep_id, OwnClaim("rising", "test_loss"))
    second = Sweeps(store).begin_next(sweep_id)
    other = store.create_run(SPEC, "ana")
    for run_id in (first, second, other):
        ended = Finished(6, 1, "epochs", 0.05, 0.9, np.eye(10, dtype=int), None)
        store.write_slice(run_id, store.claim(run_id), [ended], step=6, epoch=1, seconds=1.0)
    for run_id in (first, second):
        kept = store.run(run_id)
        assert (kept.status, kept.closed) == ("finished", True)
        assert (kept.test_loss, kept.test_accuracy, kept.test_confusion) == (None, None, None)
    listed = {run.id: run.test_loss for run in store.runs("ana")}
    assert listed == {first: None, second: None, other: 0.05}
    claims.open(sweep_id)
    assert {run.test_loss for run in store.runs("ana")} == {0.05}
    assert store.run(Sweeps(store).begin_next(sweep_id)).closed is False


def test_after_a_run_was_tested_it_is_too_late(store: Store):
    sweep_id = sweep(store)
    run_id = Sweeps(store).begin_next(sweep_id)
    with store.database.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(test_loss=0.1))
    with pytest.raises(OwnClaimError, match="before its runs"):
        OwnClaims(store).state(sweep_id, OwnClaim("rising", "test_loss"))


def test_openings_are_counted_by_learner_and_the_first_stays(store: Store):
    claims = OwnClaims(store)
    ids = [sweep(store), sweep(store), sweep(store, "ben")]
    for sweep_id in ids:
        claims.state(sweep_id, OwnClaim("rising", "test_loss"))
    for sweep_id in ids:
        claims.open(sweep_id)
    first, second, other = (claims.of(sweep_id).opened for sweep_id in ids)
    claims.open(ids[0])
    assert claims.of(ids[0]).opened == first
    assert [openings(store, "ana", moment) for moment in (first, second)] == [1, 2]
    assert openings(store, "ben", other) == 1


def test_what_is_exported_of_a_claims_run_says_when_its_figures_were_opened(store: Store):
    """And which of its learner's openings that was."""
    claims, ids = OwnClaims(store), [sweep(store), sweep(store)]
    begun = [Sweeps(store).begin_next(sweep_id) for sweep_id in ids]
    assert opening_of(store, begun[0]) is None
    for sweep_id in ids:
        claims.state(sweep_id, OwnClaim("rising", "test_loss"))
    closed = opening_of(store, begun[1])
    assert (closed.stated, closed.opened, closed.number) == (claims.of(ids[1]).stated, None, 0)
    for sweep_id in ids:
        claims.open(sweep_id)
    assert [opening_of(store, run_id).number for run_id in begun] == [1, 2]
    assert opening_of(store, store.create_run(SPEC, "ana")) is None
    exported = ExportedRun(
        begun[1], "n 8", SPEC, (), "epochs", None, {}, save({"w": np.zeros(1)}), opening=closed
    )
    assert provenance(exported)["claim"] == {
        "stated": closed.stated.isoformat(),
        "opened": None,
        "opening": 0,
    }
    said = provenance(replace(exported, opening=opening_of(store, begun[1])))["claim"]
    assert said["opened"] == claims.of(ids[1]).opened.isoformat()
    assert said["opening"] == 2
    assert "claim" not in provenance(replace(exported, opening=None))


def test_runs_that_were_tested_before_are_no_claim_to_be_made(store: Store):
    claims = OwnClaims(store)
    run_id = store.create_run(SPEC, "ana")
    claims.check_unknown("ana", [SPEC])
    with store.database.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.id == run_id).values(test_loss=0.1))
    with pytest.raises(OwnClaimError, match="Claim it of other seeds"):
        claims.check_unknown("ana", [SPEC.changed(seed=7), SPEC])
    claims.check_unknown("ana", [SPEC.changed(seed=7)])
    claims.check_unknown("ben", [SPEC])
