"""Each claim on made-up evidence: where it holds, where it fails, where seeds disagree, where runs lack."""

import math

import numpy as np
import pytest

from fmnist_core.replication.claims import CLAIMS, picture, r1, r2, r2_classifiers, r4, r5
from fmnist_core.replication.claims.claim import Confusion, Curves, Points
from fmnist_core.replication.claims.judge import arranged, judge
from fmnist_core.replication.claims.quantities import (
    FALL,
    LATE_SLOPE,
    ONSET,
    RISE,
    ROUGHNESS,
    SHIRTS,
    STEEP_END,
    TEST_LOSS,
)
from fmnist_core.replication.claims.wording import deciding, part_sentence, verdict_sentence, verdict_word
from fmnist_core.replication.recipes import EXPERIMENTS
from pages.parts.base.i18n import LANGUAGES, phrase
from tests.replication.synthetic_records import record

SEEDS = range(3)
T_SHIRT, PULLOVER, COAT, SHIRT = 0, 2, 4, 6
EPOCHS = np.arange(1, 31)


def each(experiments, name, *values):
    """A world in which the figure `name` of these experiments, in order, has these values."""
    return {id: {name: value} for id, value in zip(experiments, values, strict=True)}


def decay(rate: float, epochs: int = 30, end: float = 0.05) -> list[float]:
    return (end + 0.1 * np.exp(-np.arange(1, epochs + 1) / rate)).tolist()


def turning(lowest_at: int, rise: float, epochs: int = 30, lowest: float = 0.3) -> list[float]:
    """Falls until an epoch, then rises by that much of its lowest."""
    t = np.arange(1, epochs + 1)
    down = 0.5 * (1 - t / lowest_at).clip(min=0)
    up = rise * lowest * ((t - lowest_at) / max(1, epochs - lowest_at)).clip(min=0)
    return (lowest + down + up).tolist()


def merged(*worlds):
    ids = dict.fromkeys(id for world in worlds for id in world)
    return {id: {name: v for world in worlds for name, v in world.get(id, {}).items()} for id in ids}


def gaps(experiments, *values):
    """Validation loss above training loss, all the way."""
    return {
        id: {"unseen": [1 + gap] * 30, "seen": [1.0] * 30}
        for id, gap in zip(experiments, values, strict=True)
    }


def rates(losses, classifier_losses, accuracies):
    """An autoencoder's three learning rates, and a classifier's."""
    classifiers = (
        r2_classifiers.CLASSIFIER_RATES[0],
        r2_classifiers.FINAL,
        r2_classifiers.CLASSIFIER_RATES[1],
    )
    return merged(
        each(r2.RATES, "loss", *losses),
        each(classifiers, "loss", *classifier_losses),
        each(classifiers, "accuracy", *accuracies),
    )


def drops(accuracies, gap, lowest):
    """Classifiers with more and more dropout."""
    levels = {
        id: {"unseen": [level] * 30, "seen": [level - less] * 30}
        for id, level, less in zip(r2_classifiers.CLASSIFIER_DROPOUTS, lowest, gap, strict=True)
    }
    return merged(each(r2_classifiers.CLASSIFIER_DROPOUTS, "accuracy", *accuracies), levels)


def frozen(accuracies, losses, unseen):
    both = (r2_classifiers.FINAL, r2_classifiers.FROZEN)
    return merged(
        each(both, "accuracy", *accuracies),
        each(both, "loss", *losses),
        {r2_classifiers.FROZEN: {"unseen": unseen}},
    )


def third(accuracies, losses):
    both = (r5.THIRD, r5.NARROW)
    return merged(each(both, "accuracy", *accuracies), each(both, "loss", *losses))


def relative(experiments, *shares):
    """The unseen loss as a share of that of training."""
    return {
        id: {"unseen": [share * loss for loss in decay(5)], "seen": decay(5)}
        for id, share in zip(experiments, shares, strict=True)
    }


def random_frozen(accuracies, unseen):
    three = (r2_classifiers.FINAL, r2_classifiers.FROZEN, r2_classifiers.RANDOM_FROZEN)
    return merged(each(three, "accuracy", *accuracies), {r2_classifiers.RANDOM_FROZEN: {"unseen": unseen}})


def one_layer(accuracies, losses):
    both = (r5.NARROW, r5.WIDE)
    return merged(each(both, "accuracy", *accuracies), each(both, "loss", *losses))


def shirts(pullover: int, coat: int, accuracy: float = 0.91):
    confused = {(SHIRT, PULLOVER): pullover, (SHIRT, T_SHIRT): 120, (PULLOVER, COAT): coat}
    return {r2_classifiers.FINAL: {"accuracy": accuracy, "confused": confused}}


R3 = ("r3-1", "r3-2", "r3-3")
ONE_DOWN, ONE_UP = (0.054, 0.051, 0.049, 0.047), (0.047, 0.049, 0.051, 0.054)
UP_AND_DOWN = [0.05 + 0.01 * (-1) ** t for t in range(31)]
MORE_UP_AND_DOWN = [0.05 + 0.02 * (-1) ** t for t in range(31)]
FALLING_UP_AND_DOWN = [0.10 - 0.001 * t + 0.02 * (-1) ** t for t in range(31)]
SLIGHTLY_DOWN = [0.100 - 0.0002 * t for t in range(31)]
# For each claim a world in which it holds, and one or more in which it fails, each time another part of it.
WORLDS = {
    "C1": (each(r1.SIZES, "loss", *ONE_DOWN), each(r1.SIZES, "loss", *ONE_UP)),
    "C2": (
        each(r1.SIZES, "unseen", *(decay(rate) for rate in (12, 6, 3, 1))),
        each(r1.SIZES, "unseen", *(decay(rate) for rate in (1, 3, 6, 12))),
    ),
    "C3": (
        each(r1.SIZES, "unseen", *[decay(5)] * 4),
        each(r1.SIZES, "unseen", *[turning(10, 0.3)] * 3, decay(5)),
        merged(
            each(r1.SIZES, "unseen", *[decay(5)] * 4),
            each(r1.SIZES, "seen", *[[0.9 * loss for loss in decay(5)]] * 4),
        ),
    ),
    "C4": (
        merged(each(r1.SIZES, "loss", *ONE_DOWN), each(r1.LONG, "loss", *(x - 0.01 for x in ONE_DOWN))),
        merged(each(r1.SIZES, "loss", *ONE_DOWN), each(r1.LONG, "loss", 0.06, 0.04, 0.04, 0.04)),
    ),
    "C5": (each(r2.SIZES, "loss", *ONE_DOWN), each(r2.SIZES, "loss", *ONE_UP)),
    "C6": (
        merged(each(r2.DROPOUTS, "loss", *ONE_UP), each(r2.R4_DROPOUTS, "loss", 0.02, 0.03, 0.04)),
        merged(each(r2.DROPOUTS, "loss", *ONE_DOWN), each(r2.R4_DROPOUTS, "loss", 0.04, 0.03, 0.02)),
    ),
    "C7": (
        rates((0.04, 0.02, 0.03), (0.4, 0.3, 0.4), (0.88, 0.91, 0.89)),
        rates((0.01, 0.02, 0.03), (0.4, 0.3, 0.4), (0.88, 0.91, 0.89)),
        rates((0.04, 0.02, 0.03), (0.4, 0.3, 0.2), (0.88, 0.91, 0.89)),
        rates((0.04, 0.02, 0.03), (0.4, 0.3, 0.4), (0.88, 0.91, 0.93)),
    ),
    "C8": (each(r2.POOLINGS, "loss", 0.020, 0.010), each(r2.POOLINGS, "loss", 0.010, 0.020)),
    "C9": (
        each(r2_classifiers.CLASSIFIERS_POOLED_OR_NOT, "accuracy", 0.91, 0.912),
        each(r2_classifiers.CLASSIFIERS_POOLED_OR_NOT, "accuracy", 0.91, 0.88),
    ),
    "C10": (
        merged(
            each(r2_classifiers.CLASSIFIER_SIZES, "accuracy", 0.88, 0.90, 0.89, 0.91),
            each(
                r2_classifiers.CLASSIFIER_SIZES,
                "unseen",
                *(decay(5, end=end) for end in (0.4, 0.3, 0.35, 0.2)),
            ),
        ),
        merged(
            each(r2_classifiers.CLASSIFIER_SIZES, "accuracy", 0.91, 0.90, 0.89, 0.88),
            each(
                r2_classifiers.CLASSIFIER_SIZES,
                "unseen",
                *(decay(5, end=end) for end in (0.4, 0.3, 0.35, 0.2)),
            ),
        ),
        merged(
            each(r2_classifiers.CLASSIFIER_SIZES, "accuracy", 0.88, 0.89, 0.90, 0.91),
            each(
                r2_classifiers.CLASSIFIER_SIZES,
                "unseen",
                *(decay(5, end=end) for end in (0.2, 0.3, 0.35, 0.4)),
            ),
        ),
    ),
    "C11": (
        drops((0.91, 0.90, 0.89, 0.88), (0.4, 0.3, 0.35, 0.1), (1.0, 1.1, 1.2, 1.3)),
        drops((0.88, 0.89, 0.90, 0.91), (0.4, 0.3, 0.35, 0.1), (1.0, 1.1, 1.2, 1.3)),
        drops((0.91, 0.90, 0.89, 0.88), (0.1, 0.2, 0.3, 0.4), (1.0, 1.1, 1.2, 1.3)),
        drops((0.91, 0.90, 0.89, 0.88), (0.4, 0.3, 0.35, 0.1), (1.3, 1.2, 1.1, 1.0)),
    ),
    "C12": (
        frozen((0.91, 0.85), (0.3, 0.5), decay(5)),
        frozen((0.91, 0.85), (0.3, 0.5), turning(9, 0.2)),
        frozen((0.85, 0.91), (0.3, 0.5), decay(5)),
        frozen((0.91, 0.85), (0.5, 0.3), decay(5)),
    ),
    "C13": (
        each(
            (r2_classifiers.FINAL, r2_classifiers.UNTRAINED, "r4-case1", "r4-case3"),
            "accuracy",
            0.91,
            0.90,
            0.90,
            0.87,
        ),
        each(
            (r2_classifiers.FINAL, r2_classifiers.UNTRAINED, "r4-case1", "r4-case3"),
            "accuracy",
            0.91,
            0.90,
            0.87,
            0.90,
        ),
        each(
            (r2_classifiers.FINAL, r2_classifiers.UNTRAINED, "r4-case1", "r4-case3"),
            "accuracy",
            0.90,
            0.91,
            0.90,
            0.87,
        ),
    ),
    "C14": (
        {r2_classifiers.FINAL: {"unseen": decay(3), "accuracies": (0.9 - 0.5 / EPOCHS**2).tolist()}},
        {r2_classifiers.FINAL: {"unseen": decay(3), "accuracies": (0.5 + EPOCHS / 100).tolist()}},
        {r2_classifiers.FINAL: {"unseen": decay(20), "accuracies": (0.9 - 0.5 / EPOCHS**2).tolist()}},
    ),
    "C15": (shirts(90, 120), shirts(5, 700), shirts(90, 50, 0.89), shirts(90, 50, 0.93)),
    "C16": (each(R3[:2], "accuracy", 0.81, 0.89), each(R3[:2], "accuracy", 0.89, 0.81)),
    "C17": (each(R3[1:], "accuracy", 0.893, 0.891), each(R3[1:], "accuracy", 0.85, 0.88)),
    "C18": (each(r4.SIZES, "loss", 0.03, 0.025, 0.02), each(r4.SIZES, "loss", 0.02, 0.025, 0.03)),
    "C19": (
        each(("r4-base", "r4-sgd"), "unseen", decay(2), decay(30)),
        each(("r4-base", "r4-sgd"), "unseen", decay(30), decay(2)),
        each(("r4-base", "r4-sgd"), "unseen", decay(8), decay(9)),
    ),
    "C20": (
        each(r4.RATES, "unseen", UP_AND_DOWN, decay(5), decay(20)),
        each(r4.RATES, "unseen", SLIGHTLY_DOWN, UP_AND_DOWN, UP_AND_DOWN),
        each(r4.RATES, "unseen", FALLING_UP_AND_DOWN, decay(5), decay(20)),
        each(r4.RATES, "unseen", UP_AND_DOWN, decay(5), MORE_UP_AND_DOWN),
    ),
    "C21": (
        merged({"r4-batch50": {"unseen": turning(10, 0.2)}}, each(r4.BATCHES, "loss", 0.025, 0.023, 0.0235)),
        merged({"r4-batch50": {"unseen": decay(5)}}, each(r4.BATCHES, "loss", 0.025, 0.023, 0.0235)),
        merged({"r4-batch50": {"unseen": turning(10, 0.2)}}, each(r4.BATCHES, "loss", 0.025, 0.023, 0.026)),
        merged({"r4-batch50": {"unseen": turning(10, 0.2)}}, each(r4.BATCHES, "loss", 0.025, 0.023, 0.020)),
    ),
    "C22": (
        each(r4.CASES, "accuracy", 0.91, 0.88, 0.81, 0.70),
        each(r4.CASES, "accuracy", 0.88, 0.91, 0.81, 0.70),
    ),
    "C23": ({"r4-case4": {"accuracy": 0.7}}, {"r4-case4": {"accuracy": 0.3}}),
    "C24": (
        each(r5.CONVOLUTIONAL, "accuracy", 0.83, 0.87, 0.90),
        each(r5.CONVOLUTIONAL, "accuracy", 0.90, 0.87, 0.88),
    ),
    "C25": (
        each(r5.CONVOLUTIONAL[1:], "accuracy", 0.87, 0.90),
        each(r5.CONVOLUTIONAL[1:], "accuracy", 0.90, 0.87),
    ),
    "C26": (
        each((r5.WIDE, r5.NARROW), "unseen", turning(10, 0.4), decay(5)),
        each((r5.WIDE, r5.NARROW), "unseen", turning(20, 0.4), turning(10, 0.4)),
        each((r5.WIDE, r5.NARROW), "unseen", turning(10, 0.04), decay(5)),
    ),
    "C27": (
        third((0.91, 0.88), (0.25, 0.35)),
        third((0.88, 0.91), (0.25, 0.35)),
        third((0.91, 0.88), (0.35, 0.25)),
    ),
    "C28": (
        gaps(r2_classifiers.CLASSIFIER_SIZES, 0.1, 0.3, 0.2, 0.4),
        gaps(r2_classifiers.CLASSIFIER_SIZES, 0.4, 0.3, 0.2, 0.1),
    ),
    "C29": (
        each(r2.POOLINGS, "loss", 0.020, 0.004),
        each(r2.POOLINGS, "loss", 0.020, 0.010),
        each(r2.POOLINGS, "loss", 0.020, 0.002),
    ),
    "C30": (
        relative(r1.SIZES, 0.99, 0.985, 0.99, 0.98),
        relative(r1.SIZES, 0.99, 1.02, 0.99, 0.98),
        relative(r1.SIZES, 0.99, 0.985, 0.99, 0.80),
    ),
    "C31": (
        each(r2_classifiers.CLASSIFIER_DROPOUTS, "accuracy", 0.90, 0.91, 0.905, 0.90),
        each(r2_classifiers.CLASSIFIER_DROPOUTS, "accuracy", 0.90, 0.91, 0.905, 0.92),
    ),
    "C32": (
        random_frozen((0.91, 0.85, 0.75), decay(5)),
        random_frozen((0.91, 0.85, 0.75), turning(9, 0.2)),
        random_frozen((0.91, 0.75, 0.85), decay(5)),
        random_frozen((0.75, 0.91, 0.85), decay(5)),
    ),
    "C33": (each(R3[1:], "loss", 0.32, 0.37), each(R3[1:], "loss", 0.37, 0.32)),
    "C34": (
        each(r4.CASES, "accuracy", 0.91, 0.80, 0.85, 0.70),
        each(r4.CASES, "accuracy", 0.91, 0.88, 0.81, 0.70),
        each(r4.CASES, "accuracy", 0.79, 0.80, 0.85, 0.70),
        each(r4.CASES, "accuracy", 0.91, 0.80, 0.85, 0.87),
    ),
    "C35": tuple({"r4-base": {"unseen": decay(3, epochs)}} for epochs in (15, 5, 28)),
    "C36": (
        each(r4.DROPOUTS, "unseen", *(decay(5, end=end) for end in (0.05, 0.06, 0.07))),
        each(r4.DROPOUTS, "unseen", *(decay(5, end=end) for end in (0.05, 0.07, 0.06))),
        each(r4.DROPOUTS, "unseen", decay(2, end=0.05), decay(9, end=0.05), [0.2, 0.2, *decay(1)[:28]]),
    ),
    "C37": (
        each(r4.CASES, "unseen", decay(5), decay(5), decay(5), [0.5, *decay(5)[1:]]),
        each(r4.CASES, "unseen", decay(5), decay(5), [0.45, *decay(5)[1:]], [0.5, *decay(5)[1:]]),
    ),
    "C38": (
        each(r5.CONVOLUTIONAL, "unseen", decay(3), decay(5), decay(9)),
        each(r5.CONVOLUTIONAL, "unseen", turning(9, 0.3), decay(5), decay(9)),
        each(r5.CONVOLUTIONAL, "unseen", decay(3), decay(5), turning(9, 0.3)),
    ),
    "C39": (
        each((r5.WIDE, r5.NARROW), "unseen", turning(10, 0.4, 100), turning(30, 0.4, 40)),
        each((r5.WIDE, r5.NARROW), "unseen", turning(40, 0.4, 100), turning(30, 0.4, 40)),
        each((r5.WIDE, r5.NARROW), "unseen", turning(10, 0.4, 100), turning(10, 0.4, 40)),
    ),
    "C40": (
        one_layer((0.90, 0.88), (0.3, 0.4)),
        one_layer((0.88, 0.90), (0.3, 0.4)),
        one_layer((0.90, 0.88), (0.4, 0.3)),
    ),
    "C41": (
        each(r2.SIZES, "seconds", 160.0, 170.0, 180.0, 200.0),
        each(r2.SIZES, "seconds", 160.0, 170.0, 200.0, 180.0),
    ),
    "C42": (
        merged(each(r2.SIZES, "loss", *ONE_DOWN), each(r2.SIZES, "seconds", 160.0, 165.0, 300.0, 600.0)),
        merged(each(r2.SIZES, "loss", *ONE_DOWN), each(r2.SIZES, "seconds", 160.0, 165.0, 170.0, 180.0)),
    ),
}


def luck(figures: dict, seed: int) -> dict:
    """A little of it, the same for all settings of a seed and a little of each setting's own."""
    shift = 1 + 0.002 * seed
    scaled = {
        name: [v * shift for v in value] if isinstance(value, list) else value * shift
        for name, value in figures.items()
        if name in ("loss", "unseen", "seen")
    }
    return {**figures, **scaled}


def gathered(*worlds: dict):
    """The first world for seed 0, the next for seed 1, and so on."""
    return arranged(
        record(id, seed, **luck(figures, seed))
        for seed, world in enumerate(worlds)
        for id, figures in world.items()
    )


def test_every_claim_is_put_to_the_test():
    assert list(CLAIMS) == [f"C{k}" for k in range(1, 43)] == list(WORLDS)


@pytest.mark.parametrize("id", CLAIMS)
def test_a_claim_that_holds_is_confirmed(id: str):
    holds, *_ = WORLDS[id]
    verdict = judge(CLAIMS[id], gathered(holds, holds, holds))
    assert verdict.decision == "confirmed", verdict_sentence(verdict)
    assert verdict.runs == verdict.needed == 3 * len(CLAIMS[id].experiments)
    assert all(part.seeds == (0, 1, 2) for part in verdict.parts)


FAILURES = [(id, k) for id, worlds in WORLDS.items() for k in range(1, len(worlds))]


@pytest.mark.parametrize(("id", "k"), FAILURES)
def test_a_claim_that_fails_is_refuted(id: str, k: int):
    fails = WORLDS[id][k]
    verdict = judge(CLAIMS[id], gathered(fails, fails, fails))
    assert verdict.decision == "refuted", verdict_sentence(verdict)
    assert deciding(verdict).decision == "refuted"


@pytest.mark.parametrize(("id", "k"), FAILURES)
def test_seeds_that_disagree_decide_nothing(id: str, k: int):
    holds, fails = WORLDS[id][0], WORLDS[id][k]
    assert judge(CLAIMS[id], gathered(holds, fails, holds)).decision == "noise"


@pytest.mark.parametrize("id", CLAIMS)
def test_a_run_too_few_leaves_a_claim_open(id: str):
    holds, *_ = WORLDS[id]
    last = CLAIMS[id].experiments[-1]
    verdict = judge(CLAIMS[id], gathered(holds, holds, {k: v for k, v in holds.items() if k != last}))
    assert (verdict.decision, verdict.runs) == ("missing", verdict.needed - 1)
    assert str(verdict.needed) in str(verdict_sentence(verdict))


def test_without_evidence_every_claim_is_open():
    verdicts = [judge(claim, {}) for claim in CLAIMS.values()]
    assert {verdict.decision for verdict in verdicts} == {"missing"}
    assert [verdict.runs for verdict in verdicts] == [0] * len(CLAIMS)


def test_more_seeds_than_needed_all_count():
    holds, fails = WORLDS["C16"]
    verdict = judge(CLAIMS["C16"], gathered(holds, holds, holds, fails, fails))
    assert (verdict.decision, verdict.runs, verdict.needed) == ("noise", 6, 6)
    assert verdict.parts[0].seeds == (0, 1, 2, 3, 4)


def test_figures_are_those_of_the_paired_differences():
    accuracies = {"r3-1": (0.80, 0.81, 0.82), "r3-2": (0.88, 0.90, 0.91)}
    known = arranged(record(id, s, accuracy=accuracies[id][s]) for id in accuracies for s in SEEDS)
    (part,) = judge(CLAIMS["C16"], known).parts
    assert part.values == pytest.approx({0: 0.08, 1: 0.09, 2: 0.09})
    assert part.estimate.mean == pytest.approx(0.26 / 3)
    assert part.estimate.standard_deviation == pytest.approx(math.sqrt(1 / 3) * 0.01)
    pooled = math.sqrt((0.01**2 + (0.01 * math.sqrt(7 / 3)) ** 2) / 2)
    assert part.effect == pytest.approx(0.8 * 0.26 / 3 / pooled)


# Provenance


def test_seeds_of_two_precisions_are_not_compared():
    """Nor is anything lost: the other claims keep their verdicts."""
    holds, _ = WORLDS["C16"]
    whole = gathered(holds, holds, holds)
    first = {0: whole["r3-1"][0].model_copy(update={"hardware": "some processor, 1 thread, float32"})}
    others = {s: whole["r3-1"][s].model_copy(update={"hardware": "a card, bfloat16"}) for s in (1, 2)}
    verdict = judge(CLAIMS["C16"], {**whole, "r3-1": first | others})
    assert (verdict.decision, verdict.mixed) == ("missing", ("r3-1",))
    assert "the seeds of r3-1 were calculated in more than one precision" in str(verdict_sentence(verdict))
    unsaid = whole["r3-1"][0].model_copy(update={"hardware": "some processor, 1 thread"})
    assert unsaid.precision is None
    assert judge(CLAIMS["C16"], {**whole, "r3-1": {0: unsaid} | others}).decision == "confirmed"


# Runs that diverged


def test_who_diverges_loses():
    """Every run at 0.01 diverged: then 0.001 beats it; were it one of three, nothing would be known."""
    diverged, worse = {"r2-lr0.01": {"diverged": True}}, {"r2-lr0.01": {"loss": 0.04}}
    world = {**WORLDS["C7"][0], **diverged}
    assert judge(CLAIMS["C7"], gathered(world, world, world)).decision == "confirmed"
    once = {**world, **worse}
    assert judge(CLAIMS["C7"], gathered(once, once, world)).decision == "noise"


def test_a_run_that_diverged_did_not_fall():
    world = {**WORLDS["C20"][0], "r4-lr0.01": {"diverged": True}}
    verdict = judge(CLAIMS["C20"], gathered(world, world, world))
    assert verdict.decision == "confirmed"
    assert verdict_sentence(verdict)


def test_curves_that_diverged_leave_overfitting_open():
    world = {r5.WIDE: {"diverged": True}, r5.NARROW: {"unseen": decay(5)}}
    assert judge(CLAIMS["C26"], gathered(world, world, world)).decision == "missing"


# Quantities, where there is a formula or the eye sees it


def test_the_steep_part_of_an_exponential_ends_where_it_falls_as_its_chord_does():
    rate, epochs = 20, np.arange(1, 201)
    curve = 0.05 + 0.1 * np.exp(-epochs / rate)
    slope = (curve[0] - curve[-1]) / 199
    expected = rate * math.log(0.1 / rate / slope)
    assert STEEP_END(record("r1-n64", unseen=curve.tolist())) == pytest.approx(expected, abs=1)


def test_the_steep_part_of_two_straight_lines_ends_where_they_meet():
    curve = [*np.linspace(0.17, 0.10, 25), *np.linspace(0.10, 0.06, 176)[1:]]
    assert STEEP_END(record("r1-n64", unseen=curve)) == 25


def test_rise_and_onset():
    overfits = record(r5.WIDE, unseen=turning(12, 0.5, epochs=100))
    assert ONSET(overfits) == pytest.approx(12, abs=1)
    assert RISE(overfits) == pytest.approx(0.5, rel=0.03)
    fine = record(r5.WIDE, unseen=decay(10, epochs=100))
    assert (ONSET(fine), RISE(fine)) == (100, 0)


def test_roughness_fall_and_late_slope():
    straight = np.exp(-0.1 * np.arange(10)).tolist()
    assert ROUGHNESS(record("r4-base", unseen=straight)) == pytest.approx(0, abs=1e-12)
    assert ROUGHNESS(record("r4-base", unseen=[1.0, math.e, 1.0, math.e])) == pytest.approx(2.0)
    assert ROUGHNESS(record("r4-base", unseen=[1.0, 2.0])) == 0
    assert LATE_SLOPE(record("r4-base", unseen=[9.0, 5.0, *straight])) == pytest.approx(-0.1)
    assert LATE_SLOPE(record("r4-base", unseen=[1.0])) == 0
    assert FALL(record("r4-base", unseen=[5.0, 4.0, 3.0, 2.0, 2.0, 2.0])) == pytest.approx(0.5)
    assert FALL(record("r4-base", unseen=[4.0])) == 0


def test_confusions_count_both_ways():
    """Of the two named pairs the rarer counts, against the mean of the 43 others."""
    both_ways = {(SHIRT, PULLOVER): 30, (PULLOVER, SHIRT): 70, (SHIRT, T_SHIRT): 120, (PULLOVER, COAT): 80}
    counted = record(r2_classifiers.FINAL, accuracy=0.97, confused=both_ways)
    assert SHIRTS(counted) == pytest.approx(100 / 2000 - 80 / 2000 / 43)


def test_the_luck_of_the_test_images_is_in_an_accuracy_and_not_in_a_difference():
    """A share of 10,000 images is known to a binomial error, which the two sides of a difference share."""
    known = gathered({"r4-case4": {"accuracy": 0.7}}, *[{"r4-case4": {"accuracy": 0.7}}] * 2)
    (alone,) = judge(CLAIMS["C23"], known).parts
    assert alone.estimate.error == pytest.approx(math.sqrt(0.7 * 0.3 / 10_000), rel=1e-3)
    holds, _ = WORLDS["C16"]
    (compared,) = judge(CLAIMS["C16"], gathered(holds, holds, holds)).parts
    assert compared.estimate.error == pytest.approx(0)


def test_a_chain_pools_its_luck_and_tells_more_by_it():
    """Three sizes fall by little; the luck of all of them together has more degrees of freedom."""
    draw = np.random.default_rng(0)
    losses = {id: 0.03 * 0.95**k * np.exp(draw.normal(0, 0.01, 3)) for k, id in enumerate(r1.SIZES)}
    known = arranged(record(id, s, loss=float(losses[id][s])) for id in losses for s in SEEDS)
    parts = judge(CLAIMS["C1"], known).parts
    assert [part.estimate.degrees for part in parts] == [6, 6, 6]
    expected = np.log(losses["r1-n128"] / losses["r1-n64"]).mean()
    assert parts[0].estimate.mean == pytest.approx(expected)
    assert list(parts[0].values.values()) == pytest.approx(np.log(losses["r1-n128"] / losses["r1-n64"]))


def test_a_trend_is_the_slope_of_the_straight_line():
    accuracies = dict(zip(r2_classifiers.CLASSIFIER_SIZES, (0.88, 0.91, 0.90, 0.95), strict=True))
    known = arranged(record(id, s, accuracy=accuracies[id]) for id in accuracies for s in SEEDS)
    rises, _error = judge(CLAIMS["C10"], known).parts
    assert rises.estimate.mean == pytest.approx(np.polyfit(range(4), list(accuracies.values()), 1)[0])


def test_a_whole_number_is_never_known_exactly():
    epochs = arranged(
        record(id, s, unseen=turning(10, 0.4) if id == r5.WIDE else decay(5))
        for id in (r5.WIDE, r5.NARROW)
        for s in SEEDS
    )
    _overfits, onset = judge(CLAIMS["C26"], epochs).parts
    assert onset.estimate.low < onset.estimate.mean < onset.estimate.high


def test_no_interval_holds_what_cannot_be():
    """Of three runs one rises by far and the others do not; none can rise by less than nothing."""
    known = arranged(
        record("r1-n64", s, unseen=turning(10, 0.5) if s == 0 else decay(5, epochs=30)) for s in SEEDS
    )
    rise = next(p for p in judge(CLAIMS["C3"], known).parts if p.part.quantity is RISE)
    assert rise.estimate.low == 0


def test_better_by_less_than_a_point_is_no_confirmation():
    accuracies = {"r3-2": (0.886, 0.887, 0.888), "r3-3": (0.8895, 0.8910, 0.8920)}
    known = arranged(record(id, s, accuracy=accuracies[id][s]) for id in accuracies for s in SEEDS)
    verdict = judge(CLAIMS["C17"], known)
    assert verdict.decision == "margin"
    assert str(verdict_word(verdict)) == "better, by less than 1 point"


# Pictures and words


@pytest.mark.parametrize("id", CLAIMS)
def test_pictures_show_every_seed_of_every_experiment(id: str):
    claim, world = CLAIMS[id], WORLDS[id][0]
    for shown in claim.pictures:
        known = gathered(*[merged(world, {e: {} for e in shown.experiments})] * 3)
        expected = {(experiment, seed) for experiment in shown.experiments for seed in SEEDS}
        match shown:
            case Points():
                drawn = picture.points(claim, shown, known)
                assert all(math.isfinite(point.y) for point in drawn)
                assert all((point.x is None) == (picture.axis(claim, shown) is None) for point in drawn)
                assert len(drawn) == len(expected)
            case Curves():
                drawn = picture.lines(claim, shown, known)
                assert {line.column for line in drawn} == set(shown.columns)
                assert all(len(line.values) == known[line.experiment][line.seed].epochs for line in drawn)
                assert len(drawn) == len(expected) * len(shown.columns)
            case Confusion():
                drawn = picture.matrices(claim, shown, known)
                assert all(matrix.counts.sum() == 10_000 for matrix in drawn)
        assert {(record.experiment, record.seed) for record in drawn} == expected
        names = {experiment: str(picture.label(claim, shown, experiment)) for experiment in shown.experiments}
        assert len(set(names.values())) == len(names), "two experiments of one name"


def test_a_picture_of_nothing_is_empty():
    for claim in CLAIMS.values():
        for shown in claim.pictures:
            draw = {Points: picture.points, Curves: picture.lines, Confusion: picture.matrices}[type(shown)]
            assert draw(claim, shown, {}) == []


def test_numbers_stand_on_a_numeric_axis():
    claim = CLAIMS["C1"]
    drawn = picture.points(claim, claim.pictures[0], gathered(WORLDS["C1"][0]))
    assert (drawn[0].x, str(drawn[0].name), drawn[0].y) == (64.0, "n 64", 0.054)
    assert picture.axis(claim, claim.pictures[0]) == "hidden_sizes"
    assert picture.axis(CLAIMS["C22"], CLAIMS["C22"].pictures[0]) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", CLAIMS)
def test_verdicts_and_criteria_in_words(id: str, language: str):
    claim, (holds, fails, *_) = CLAIMS[id], WORLDS[id]

    def translated(sentence):
        return sentence.translated(lambda text: phrase(text, language))

    for worlds in ((holds,) * 3, (fails,) * 3, (holds, fails, holds), ()):
        words = translated(verdict_sentence(judge(claim, gathered(*worlds))))
        assert not any(sign in words for sign in ("{", "nan", "inf,"))
    assert translated(claim.criterion)
    parts = [translated(part_sentence(claim, part)) for part in claim.parts]
    assert len(set(parts)) == len(parts)


def test_part_sentences_say_what_must_hold():
    def parts(id: str) -> list[str]:
        return [str(part_sentence(CLAIMS[id], part)) for part in CLAIMS[id].parts]

    assert parts("C1")[0] == "Test error: n 128 < n 64"
    assert parts("C3")[0] == "Test error above training error, at the end: −5 % < n 64 < 5 %"
    assert parts("C29") == ["Test error: with pooling is 4 to 6 times without pooling"]
    first = "Validation loss at epoch 1: random, frozen more than 50 % above pre-trained"
    assert parts("C37")[0] == first
    assert parts("C9") == ["Test accuracy: with pooling and without pooling less than 1 point apart"]
    assert parts("C17") == ["Test accuracy: 60 epochs less than 1 point above 30 epochs"]
    assert parts("C19") == ["Validation loss after 6 epochs: Adam < Lowest validation loss: SGD"]
    assert parts("C23") == ["Test accuracy: random, frozen > 50 %"]
    assert parts("C28") == [
        "Validation loss minus training loss, at the end: rises on the whole from n 64 to n 512"
    ]
    assert parts("C21")[1] == "Test error: batches of 150 and batches of 100 less than 5 % apart"


def test_a_verdict_hangs_on_its_clearest_failure_or_its_weakest_part():
    def part(*losses: tuple[float, ...]) -> str:
        values = dict(zip(r4.SIZES, losses, strict=True))
        known = arranged(record(id, s, loss=values[id][s]) for id in values for s in SEEDS)
        verdict = judge(CLAIMS["C18"], known)
        return f"{verdict.decision} {part_sentence(verdict.claim, deciding(verdict).part)}"

    low, mid, high = (0.020, 0.0201, 0.0202), (0.030, 0.0301, 0.0302), (0.040, 0.041, 0.042)
    assert part(high, mid, low) == "confirmed Test error: n 64 < n 32"
    assert part(low, mid, high) == "refuted Test error: n 64 < n 32"
    assert part(mid, low, (0.02, 0.01, 0.03)) == "noise Test error: n 128 < n 64"


def test_verdicts_say_how_sure_they_are():
    holds, _ = WORLDS["C16"]
    assert str(verdict_sentence(judge(CLAIMS["C16"], gathered(holds, holds, holds)))) == (
        "Confirmed beyond seed noise. Test accuracy: “Adam” was expected above “SGD”; the difference is "
        "8.00 points (95 % interval: 8.00 points to 8.00 points, 3 seeds)."
    )


def test_all_that_claims_name_is_there():
    for claim in CLAIMS.values():
        shown = {id for picture in claim.pictures for id in picture.experiments}
        assert {*claim.experiments, *shown} <= set(EXPERIMENTS)
        assert all(isinstance(part.quantity.label.text, str) for part in claim.parts)
        assert {EXPERIMENTS[id].id.split("-")[0].upper() for id in claim.experiments} == set(claim.reports)


def test_test_error_is_the_records():
    assert TEST_LOSS(record("r1-n64", loss=0.25)) == 0.25
    assert TEST_LOSS(record("r1-n64", diverged=True)) == math.inf
