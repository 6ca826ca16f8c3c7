"""A claim of a learner's about the values of a sweep: stated before its runs, judged once all have ended.

It is put to the test by the rule of the reports' claims, on the test images. What the sweep's runs do on
those stays closed, wherever runs are shown, until the learner opens it, which cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Literal, cast, get_args

from sqlalchemy import ColumnElement, func, insert, select, update

from fmnist_core.replication.claims.claim import (
    SAME_ACCURACY,
    SAME_LOSS,
    Claim,
    Part,
    alike,
    falling,
    higher,
    lower,
    rising,
)
from fmnist_core.replication.claims.judge import Verdict, arranged, judge
from fmnist_core.replication.claims.quantities import TEST_ACCURACY, TEST_LOSS, Quantity
from fmnist_core.replication.evidence.records import Reason, Record
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec
from fmnist_core.statistics import FEWEST_SEEDS
from fmnist_core.store.rows import in_utc
from fmnist_core.store.runs import Run, Store
from fmnist_core.store.schema import members, own_claims, runs

Relation = Literal["falling", "rising", "lowest", "highest", "alike"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
QUANTITIES: dict[str, Quantity] = {"test_loss": TEST_LOSS, "test_accuracy": TEST_ACCURACY}
MARGINS = {
    "test_loss": SAME_LOSS,
    "test_accuracy": SAME_ACCURACY,
}  # of what is alike, if nothing else is said


class OwnClaimError(LabError):
    """A claim that cannot be stated, or not now."""


@dataclass(frozen=True)
class OwnClaim:
    """`place` is that of the value meant by "lowest" and "highest", among the sweep's values in order.

    `margin` is of "alike": a share of a loss, or of the images. Test figures are closed until `opened`.
    """

    relation: Relation
    quantity: str
    place: int = 0
    margin: float = 0.0
    stated: datetime | None = None
    opened: datetime | None = None

    def parts(self, experiments: Sequence[str]) -> tuple[Part, ...]:
        """What must hold of the values, in order."""
        quantity, one = QUANTITIES[self.quantity], experiments[min(self.place, len(experiments) - 1)]
        others = [other for other in experiments if other != one]
        match self.relation:
            case "falling":
                return falling(quantity, experiments)
            case "rising":
                return rising(quantity, experiments)
            case "lowest":
                return tuple(lower(quantity, one, other) for other in others)
            case "highest":
                return tuple(higher(quantity, one, other) for other in others)
        pairs = combinations(experiments, 2)
        return tuple(alike(quantity, first, second, self.margin) for first, second in pairs)


def check(claim: OwnClaim, specs: Sequence[RunSpec], varied: str) -> None:
    """Whether it can be decided by these runs, which differ in one setting and their seeds.

    Raises `OwnClaimError`.
    """
    if len({getattr(spec, varied) for spec in specs}) < 2:
        raise OwnClaimError(Sentence("A claim compares values: choose two, or more."))
    if len({spec.seed for spec in specs}) < FEWEST_SEEDS:
        raise OwnClaimError(
            Sentence("A claim is decided by {n} seeds or more: choose as many.", n=FEWEST_SEEDS)
        )
    if not all(spec.validation_size for spec in specs):
        raise OwnClaimError(
            Sentence(
                "The test figures stay closed until your claim is decided, so there must be validation "
                "images to watch meanwhile. Choose some."
            )
        )
    if claim.quantity == "test_accuracy" and not all(spec.task == "classifier" for spec in specs):
        raise OwnClaimError(Sentence("An autoencoder has no accuracy. Claim something of its error."))


def judged(claim: OwnClaim, names: Mapping[str, str], runs_of: Mapping[str, Sequence[Run]]) -> Verdict:
    """The verdict, from the runs of each value; `names` says what the values are called, in order.

    Runs must come with their confusion matrices. Those that diverged count, as having no figure at all.
    """
    experiments = tuple(names)
    whole = Claim(
        id="own",
        reports=(),
        sentence=Sentence("A claim of your own"),
        criterion=Sentence("A claim of your own"),
        varied=(),
        parts=claim.parts(experiments),
        pictures=(),
        sides=names,
    )
    return judge(whole, arranged(_record(name, run) for name in experiments for run in runs_of[name]))


def _record(experiment: str, run: Run) -> Record:
    """The run as evidence; what verdicts are not made of is left out."""
    has_diverged = run.end_reason == "diverged"
    confusion = None
    if run.test_confusion is not None and not has_diverged:
        confusion = tuple(tuple(map(int, row)) for row in run.test_confusion)
    return Record(
        experiment=experiment,
        seed=run.spec.seed,
        spec=run.spec,
        epochs=0,
        reason=cast(Reason, run.end_reason),
        best_epoch=run.best_epoch,
        history={},
        test_loss=None if has_diverged else run.test_loss,
        test_accuracy=None if has_diverged else run.test_accuracy,
        confusion=confusion,
        seconds=run.seconds,
        hardware="",
        versions={},
        weights="",
        encoder=None,
    )


@dataclass(frozen=True)
class OwnClaims:
    """The claims in a store, each of a sweep. Methods raise `StoreError`s, in sentences."""

    store: Store

    def check_unknown(self, learner: str, specs: Sequence[RunSpec]) -> None:
        """Raises `OwnClaimError` if one of these very runs has been tested before, for the learner to see."""
        tested = select(runs.c.spec).where(
            runs.c.learner == learner, runs.c.test_loss.is_not(None), runs.c.closed.is_(False)
        )
        with self.store.database.reading() as connection:
            known = set(connection.execute(tested).scalars())
        if any(spec.model_dump_json() in known for spec in specs):
            raise OwnClaimError(
                Sentence("Runs of these very settings and seeds were tested before. Claim it of other seeds.")
            )

    def state(self, sweep_id: str, claim: OwnClaim) -> None:
        """Stamped with this moment. Raises `OwnClaimError` once a run was tested, or a claim stated."""
        with self.store.database.writing() as connection:
            tested = connection.execute(
                select(func.count())
                .select_from(members.join(runs, members.c.run_id == runs.c.id))
                .where(members.c.sweep_id == sweep_id, runs.c.test_loss.is_not(None))
            ).scalar_one()
            known = connection.execute(
                select(func.count()).select_from(own_claims).where(own_claims.c.sweep_id == sweep_id)
            ).scalar_one()
            if tested or known:
                raise OwnClaimError(
                    Sentence("A claim is stated before its runs, and once. Start another sweep for it.")
                )
            values = {"relation": claim.relation, "quantity": claim.quantity, "place": claim.place}
            now = datetime.now(UTC)
            connection.execute(
                insert(own_claims).values(sweep_id=sweep_id, margin=claim.margin, stated=now, **values)
            )
            connection.execute(update(runs).where(_in_sweep(sweep_id)).values(closed=True))

    def of(self, sweep_id: str) -> OwnClaim | None:
        with self.store.database.reading() as connection:
            row = connection.execute(
                select(own_claims).where(own_claims.c.sweep_id == sweep_id)
            ).one_or_none()
        if row is None or row.relation not in RELATIONS or row.quantity not in QUANTITIES:
            return None
        opened = None if row.opened is None else in_utc(row.opened)
        return OwnClaim(row.relation, row.quantity, row.place, row.margin, in_utc(row.stated), opened)

    def open(self, sweep_id: str) -> None:
        """The test figures of its runs, wherever they are shown; the first time is kept."""
        with self.store.database.writing() as connection:
            connection.execute(update(runs).where(_in_sweep(sweep_id)).values(closed=False))
            connection.execute(
                update(own_claims)
                .where(own_claims.c.sweep_id == sweep_id, own_claims.c.opened.is_(None))
                .values(opened=datetime.now(UTC))
            )


def _in_sweep(sweep_id: str) -> ColumnElement[bool]:
    return runs.c.id.in_(select(members.c.run_id).where(members.c.sweep_id == sweep_id))
