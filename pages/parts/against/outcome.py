"""How a game ended: the learner beside a network and beside a crowd, and what either of the two got wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from pages.parts.against.beginning import another, same_again
from pages.parts.against.game import Game
from pages.parts.against.opponent import guesses
from pages.parts.against.score import Score
from pages.parts.base.formatting import count, duration, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.inside.layer_page import STYLES
from pages.parts.widgets import pictures
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.pinning.shown import shown

# Of people without fashion expertise: 1,000 test images, the majority of three answers to each, as the table
# of the data set's repository lists it (Xiao, Rasul and Vollgraf, Fashion-MNIST).
CROWD, CROWD_IMAGES = 0.835, 1000
SOURCE = "https://github.com/zalandoresearch/fashion-mnist#benchmark"


def outcome(played: Game) -> None:
    """Of a game that is over."""
    st.html(STYLES)
    _in_words(played)
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Play again"),
            type="primary",
            icon=":material/casino:",
            key="against_again",
            on_click=another,
            help=_("With other garments."),
        )
        st.button(_("The same garments"), icon=":material/replay:", key="against_same", on_click=same_again)
    garments, answers = played.answered()
    if not len(garments):
        st.info(_("You answered none, so there is nothing to compare."), icon=":material/info:")
        return
    labels = fashion_mnist.load().test_labels
    yours = Score(answers, labels[garments])
    network = guesses()
    theirs = None if network is None else Score(network[garments], labels[garments])
    _figures(yours, theirs)
    _how_sure(yours, None in played.answers)
    if network is None or theirs is None:
        return
    st.caption(
        _("Of all {all} test images this network gets {share} right.").format(
            all=count(len(labels)), share=percent(float((network == labels).mean()))
        )
    )
    _matrices(yours, theirs)
    _mistakes(garments, yours, theirs)


def _in_words(played: Game) -> None:
    n, answered = len(played.garments), len(played.answered()[0])
    words = _("You answered **{answered}** of {all} garments in {time}.").format(
        answered=answered, all=n, time=duration(played.seconds)
    )
    if played.ended is None:
        words = _("The time is up.") + " " + words
    if 0 < answered < n:
        words += " " + _("Only those count, for you and for the network.")
    st.markdown(words)


def _figures(yours: Score, theirs: Score | None) -> None:
    of = _("{right} of {n}")
    with st.container(horizontal=True, gap="medium"):
        for title, score in ((_("You"), yours), (_("The network"), theirs)):
            if score is not None:
                below = of.format(right=score.count, n=len(score.labels))
                st.metric(
                    title,
                    percent(score.accuracy),
                    below,
                    delta_color="off",
                    delta_arrow="off",
                    width="content",
                )
        st.metric(
            _("A crowd"),
            percent(CROWD),
            _("on {images:,} images").format(images=CROWD_IMAGES),
            delta_color="off",
            delta_arrow="off",
            width="content",
        )
    st.caption(
        _(
            "The crowd: people without fashion expertise, who saw {all} test images; of three answers to "
            "each, the majority counted. The figure was sent in to the [table of the data set’s "
            "repository]({source}) (Xiao, Rasul and Vollgraf), who say that they have not tested it."
        ).format(all=count(CROWD_IMAGES), source=SOURCE)
    )


def _how_sure(yours: Score, skipped: bool) -> None:
    if skipped:  # what is left is no random sample
        st.markdown(_("You skipped some: your share is one of the garments that you answer, not of all."))
        return
    n, (low, high) = len(yours.labels), yours.interval
    words = ngettext(
        "{n} garment says little: your share of all garments most likely lies between **{low}** and "
        "**{high}** (Wilson’s interval, 95 %).",
        "{n} garments say little: your share of all garments most likely lies between **{low}** and "
        "**{high}** (Wilson’s interval, 95 %).",
        n,
    ).format(n=n, low=percent(low), high=percent(high))
    if low <= CROWD <= high:
        words += " " + _("The crowd’s lies in there too, so this game does not tell you apart from it.")
    st.markdown(words, width=720)


def _matrices(yours: Score, theirs: Score) -> None:
    names = [say(name) for name in fashion_mnist.CLASS_NAMES]
    titled = (
        ("you", _("You"), _("Your confusion matrix: true classes in rows, your answers in columns")),
        (
            "network",
            _("The network"),
            _("The network’s confusion matrix: true classes in rows, its answers in columns"),
        ),
    )
    columns = st.columns(2, gap="large")
    for column, score, (who, title, alt) in zip(columns, (yours, theirs), titled, strict=True):
        with column:
            st.subheader(title, anchor=False)
            draw_confusion(
                score.confusion,
                names,
                key=f"against_matrix_{who}",
                alt=alt,
                normalised=False,
                height=380,
            )


def _mistakes(garments: np.ndarray, yours: Score, theirs: Score) -> None:
    groups = (
        (
            _("Both wrong"),
            ~yours.right & ~theirs.right,
            _("Label: {name}. You: {yours}. The network: {theirs}."),
        ),
        (_("Only you wrong"), ~yours.right & theirs.right, _("Label: {name}. You: {yours}.")),
        (
            _("Only the network wrong"),
            yours.right & ~theirs.right,
            _("Label: {name}. The network: {theirs}."),
        ),
    )
    if (yours.right & theirs.right).all():
        st.markdown(_("Neither of you got any garment wrong."))
        return
    # A caption may break at spaces only: "T-" and "shirt" look torn.
    names = [say(name).replace("-", "\N{NON-BREAKING HYPHEN}") for name in fashion_mnist.CLASS_NAMES]
    images = fashion_mnist.load().test_images
    for place, (title, chosen, caption) in enumerate(groups):
        places = np.flatnonzero(chosen).tolist()
        if not places:
            continue
        st.subheader(f"{title}: {len(places)}", anchor=False)
        captions = [
            caption.format(
                name=names[yours.labels[k]], yours=names[yours.answers[k]], theirs=names[theirs.answers[k]]
            )
            for k in places
        ]
        html = pictures.garments(
            [np.asarray(images[garments[k]]) for k in places], captions, alt=title, tile=132
        )
        shown(html, title, f"against_{place}")
