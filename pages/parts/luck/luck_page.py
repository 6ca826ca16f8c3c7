"""The page of luck: two settings, how often few runs name the wrong winner, and single runs to guess from."""

from __future__ import annotations

import streamlit as st

from pages.parts.base.formatting import listed, percent
from pages.parts.base.i18n import _, ngettext
from pages.parts.forms.linked_choice import linked_choice, underway
from pages.parts.luck.guess import guess
from pages.parts.luck.odds import wrong_winner
from pages.parts.luck.settings import Setting, comparables, in_order
from pages.parts.results.shipped_evidence import shipped_evidence

SEEDS = (1, 3, 5, 10)


def luck_page() -> None:
    st.title(_("Luck"), anchor=False)
    st.markdown(
        _(
            "A seed decides the first weights and the order of the images. Two runs of one setting with two "
            "seeds end differently, so one run of each of two settings may name the wrong winner."
        ),
        width=720,
    )
    studies = comparables(shipped_evidence().records)
    if not studies:
        st.info(_("No setting is recorded with more seeds than one, so there is nothing to compare."))
        return
    word = linked_choice(
        _("Study"),
        {word: study.title for word, study in studies.items()},
        key="study",
        control="list",
        within=("one", "other"),
    )
    settings = studies[word].settings
    names = {id: setting.name for id, setting in settings.items()}
    left, right = st.columns(2)
    with left:
        one = linked_choice(_("One setting"), names, key="one", control="list", within=("other",))
    with right:
        others = {id: name for id, name in names.items() if id != one}
        if st.query_params.get("other") == one and not underway("other"):
            st.warning(_("This link names one setting twice. Compare it with another one:"))
            del st.query_params["other"]
        other = linked_choice(_("Another setting"), others, key="other", control="list")
    _odds(settings[one], settings[other])
    st.subheader(_("Guess from single runs"), anchor=False)
    guess({word: study for word, study in studies.items() if study.luck > 0})


def _odds(one: Setting, other: Setting) -> None:
    kind = _("Test accuracy") if one.is_classifier else _("Test loss")
    for setting in (one, other):
        st.markdown(
            _("{kind} of **{name}**: {figures}, on average **{mean}**.").format(
                kind=kind,
                name=setting.name,
                figures=listed([setting.written(figure) for figure in setting.figures]),
                mean=setting.written(setting.mean),
            )
        )
    st.caption(one.which_is_better)
    if one.mean == other.mean:
        st.info(_("Their averages are the same, so neither is the winner."), icon=":material/info:")
        return
    scores = in_order(one, other)
    st.markdown(
        _("Over all its runs **{name}** is ahead. So often would the other have won by its average:").format(
            name=(one if one.scores == scores[0] else other).name
        )
    )
    with st.container(horizontal=True, gap="medium"):
        for seeds in SEEDS:
            label = ngettext("{n} run of each", "{n} runs of each", seeds).format(n=seeds)
            chance = wrong_winner(*scores, seeds)
            st.metric(label, percent(chance), width="content")
    st.caption(
        _(
            "Counted over all ways to draw from the runs above, where a run may come twice: as if there were "
            "no other. So few runs show only a part of the luck, so take these for rough figures; also which "
            "setting is ahead may be luck."
        )
    )
