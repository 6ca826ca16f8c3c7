"""The garments that most networks get wrong: those shipped with the lab, and the learner's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError
from fmnist_core.store.status import OPEN
from pages.parts.base.attempt import say_error
from pages.parts.base.formatting import count, listed
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store
from pages.parts.inside.garment_choice import garment_asked
from pages.parts.inside.network_choice import Network
from pages.parts.mistakes.answered import Answered
from pages.parts.mistakes.garment import garment_panel
from pages.parts.mistakes.predictions import NO_GUESS, Asked, guesses
from pages.parts.mistakes.wall import wall
from pages.parts.results.shipped_models import shipped_specs

MOST_RUNS, SHOWN = 15, 120


def hardest(network: Network, answered: Answered) -> None:
    answers = guesses(_networks())
    if answers is None:
        return
    votes = [a for a in answers if isinstance(a, np.ndarray) and (a != NO_GUESS).all()]
    if not votes:
        refused = [answer for answer in answers if isinstance(answer, LabError)]
        if refused:
            say_error(refused[0], "mistakes_hardest")
        else:
            st.info(_("No network could be asked."), icon=":material/info:")
        return
    wrong = wrong_counts(votes, answered.labels)
    n, everyone = len(votes), int((wrong == len(votes)).sum())
    st.markdown(
        _(
            "**{half}** of {all} garments are classified wrongly by more than half of {n} networks, "
            "**{everyone}** by every one of them."
        ).format(half=count(int((wrong > n / 2).sum())), all=count(len(wrong)), n=n, everyone=count(everyone))
    )
    st.caption(
        _(
            "The classifiers that the lab ships, and your own that have ended, up to {runs}. What all get "
            "wrong is seldom one network’s fault: the garment is odd, or its label is."
        ).format(runs=MOST_RUNS)
    )
    hard = np.argsort(-wrong, kind="stable")[:SHOWN]
    hard = hard[wrong[hard] > n / 2]
    if not len(hard):
        return
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    buttons = [
        _("{name} {index:,}, wrong in {wrong} of {n}").format(
            name=names[answered.labels[i]], index=i, wrong=int(wrong[i]), n=n
        )
        for i in hard.tolist()
    ]
    chosen = wall(
        hard, buttons, garment_asked(), _("The garments that most networks get wrong"), key="mistakes_hardest"
    )
    classes = np.bincount([one[chosen] for one in votes], minlength=len(names))
    st.markdown(
        _("The networks’ answers to garment {index:,}: {votes}.").format(
            index=chosen,
            votes=listed(
                [f"{names[k]} {classes[k]}" for k in np.argsort(-classes, kind="stable") if classes[k]]
            ),
        )
    )
    garment_panel(network, answered, chosen)


def wrong_counts(guesses: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """How many networks get each image wrong, (n,); `guesses` are one's classes, (n,) each."""
    counts: np.ndarray = (np.stack(guesses) != labels).sum(0)
    return counts


def _networks() -> list[Asked]:
    runs = [
        run
        for run in store().runs(learner_id())
        if run.spec.task == "classifier" and run.step > 0 and run.status not in OPEN and not run.closed
    ]
    shipped: list[Asked] = [{"model": name} for name in shipped_specs("classifier")]
    return shipped + [{"run_id": run.id, "step": run.step} for run in runs[:MOST_RUNS]]
