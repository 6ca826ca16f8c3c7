"""How a sweep or a race stands: its members with their runs, what can be said of it, and its share done.

A reading takes three queries, however many runs there are, and serves all who look.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.own_claims.own_claim import OwnClaim, OwnClaims
from fmnist_core.store.runs import Run
from fmnist_core.store.status import OPEN
from fmnist_core.store.sweeps import WAITING, Member, Sweep
from pages.parts.base.formatting import listed
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.run.shared_reading import SharedReadings
from pages.parts.run.status import COLOURS, ICONS, status_name
from pages.parts.run.watched import SHARED

SECONDS_A_LOOK = 1.0
MOST_SWEEPS = 16  # of which readings are kept


@dataclass(frozen=True)
class Progress:
    """`runs` are those that have begun and were not deleted, in order, by their member's place.

    `claim` is what its learner stated before them.
    """

    sweep: Sweep
    runs: dict[int, Run]
    claim: OwnClaim | None = None

    @property
    def moving(self) -> bool:
        """Whether anything may change without the learner."""
        open_runs = any(run.status in OPEN for run in self.runs.values())
        return open_runs or (self.sweep.status == "going" and self.sweep.has_more)

    @property
    def to_come(self) -> list[Member]:
        """The members that have not come to their end, but still may, as they were planned."""
        waiting = [m for m in self.sweep.members if m.stage == WAITING and self.sweep.status != "stopped"]
        return [*waiting, *(member for member, _run in self.as_planned(*OPEN, "paused"))]

    @property
    def status(self) -> str:
        """In the words of a run."""
        if self.sweep.status in ("paused", "stopped"):
            return self.sweep.status
        if self.moving:
            return "running" if any(run.step for run in self.runs.values()) else "queued"
        return "paused" if self.members("paused") else "finished"

    @property
    def done(self) -> float:
        """The share of all batches that need not be trained any more, in [0, 1]."""
        total = sum(member.spec.total_steps for member in self.sweep.members)
        left = 0
        for member in self.sweep.members:
            run = self.runs.get(member.place)
            if member.stage == WAITING:
                left += member.spec.total_steps
            elif run is not None and run.status in (*OPEN, "paused"):
                # of a run that was given more epochs since, what is more than planned does not count
                left += min(member.spec.total_steps, max(0, run.spec.total_steps - run.step))
        return 1 - left / total

    def as_planned(self, *statuses: str) -> list[tuple[Member, Run]]:
        """Those of `members` whose settings are still the ones they were begun with."""
        return [(member, run) for member, run in self.members(*statuses) if run.spec == member.spec]

    def members(self, *statuses: str) -> list[tuple[Member, Run]]:
        """Those whose runs have one of these statuses."""
        begun = ((member, self.runs.get(member.place)) for member in self.sweep.members)
        return [(member, run) for member, run in begun if run is not None and run.status in statuses]


def progress_of(sweep_id: str) -> Progress:
    """As it is now; nobody who looks from now on sees what is older. Raises `StoreError`."""
    progress = _read(sweep_id)
    _sweeps.read_again_unless(sweep_id, lambda latest: latest == progress)
    return progress


def watched_progress(sweep_id: str) -> Progress:
    """As it was at most a look ago, read once for all who look. Raises `StoreError`."""
    return _sweeps.look(sweep_id)


def _read(sweep_id: str, before: Progress | None = None) -> Progress:
    sweep = engine().sweep_queue.sweeps.sweep(sweep_id)
    places = {member.run_id: member.place for member in sweep.members if member.run_id}
    runs = {run.id: run for run in store().runs(ids=places)}
    by_place = {place: runs[id] for id, place in places.items() if id in runs}
    progress = Progress(sweep, by_place, OwnClaims(store()).of(sweep_id))
    return before if before == progress else progress


_sweeps = SharedReadings(_read, lambda _latest: SHARED * SECONDS_A_LOOK, MOST_SWEEPS)


def draw_progress(progress: Progress) -> None:
    """A badge, a sentence, a bar, and what went wrong."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_now"):
        st.badge(status_name(progress.status), icon=ICONS[progress.status], color=COLOURS[progress.status])
        st.markdown(in_words(progress))
    st.progress(progress.done)
    notice = st.empty()  # there or not, it must not move the charts, which would be embedded anew
    if sentences := troubles(progress):
        notice.warning("\n\n".join(sentences), icon=":material/warning:")


def in_words(progress: Progress) -> str:
    """How many runs have ended, how many train, how many wait."""
    if progress.status == "queued" and engine().state == "starting":
        return _("The workers are starting; then the first run begins.")
    all_of_them = len(progress.sweep.members)
    ended = len(progress.members("finished", "stopped", "failed"))
    of_all = ngettext("**{n}** of {all} run has ended", "**{n}** of {all} runs have ended", all_of_them)
    parts = [of_all.format(n=ended, all=all_of_them)]
    training = len(progress.members(*OPEN))
    paused = len(progress.members("paused"))
    waiting = sum(member.stage == WAITING for member in progress.sweep.members)
    if training:
        parts.append(ngettext("{n} trains", "{n} train", training).format(n=training))
    if paused:
        parts.append(ngettext("{n} is paused", "{n} are paused", paused).format(n=paused))
    if waiting and progress.sweep.status == "stopped":
        parts.append(ngettext("{n} was never begun", "{n} were never begun", waiting).format(n=waiting))
    elif waiting:
        parts.append(ngettext("{n} waits", "{n} wait", waiting).format(n=waiting))
    return ", ".join(parts) + "."


def troubles(progress: Progress) -> list[str]:
    """A sentence for each reason for which runs failed or rest, for those changed, for those deleted."""
    reasons: dict[str, list[str]] = {}
    for member, run in progress.members("failed"):
        reason = as_typed(say(run.reason)) if run.reason else _("Failed, for a reason that was not recorded.")
        reasons.setdefault(reason, []).append(as_typed(member.name))
    sentences = [
        _("**{runs}** failed and is left out. {reason}").format(runs=listed(names), reason=reason)
        if len(names) == 1
        else _("**{runs}** failed and are left out. {reason}").format(runs=listed(names), reason=reason)
        for reason, names in reasons.items()
    ]
    resting = [(member, run) for member, run in progress.members("paused") if run.reason]
    sentences += [f"**{as_typed(member.name)}**: {as_typed(say(run.reason))}" for member, run in resting]
    changed = [
        as_typed(member.name) for member, run in progress.members("finished") if run.spec != member.spec
    ]
    if changed:
        sentences.append(
            ngettext(
                "**{runs}** was given other settings after its start, so it is not compared.",
                "**{runs}** were given other settings after their start, so they are not compared.",
                len(changed),
            ).format(runs=listed(changed))
        )
    deleted = sum(member.is_deleted for member in progress.sweep.members)
    if deleted:
        sentences.append(
            ngettext(
                "{n} run was deleted, so its figures are missing here.",
                "{n} runs were deleted, so their figures are missing here.",
                deleted,
            ).format(n=deleted)
        )
    return sentences
