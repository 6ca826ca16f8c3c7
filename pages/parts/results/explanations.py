"""What would make our figures agree with the published ones: all that was tried, the likeliest first."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from html import escape

import streamlit as st

from fmnist_core.replication.claims.published import FIGURES
from fmnist_core.replication.hypotheses import AS_REPORTED, STUDIES, Study
from fmnist_core.replication.hypotheses.hypothesis import WRITTEN_ON
from fmnist_core.replication.hypotheses.screening import Predicted, Tried, best, figures_of
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.report import Published
from pages.parts.base.formatting import NONE, day
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.results.lab_link import LabLink, lab_link
from pages.parts.results.report_table import published_words, setting_name
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.widgets.link_table import cell, link, linked, study

COMMAND = "python -m fmnist_core verify --hypotheses"


def explanations(
    experiments: Collection[str], varied: Sequence[str], evidence: Evidence, *, key: str
) -> None:
    """For each set of figures of these experiments that was looked into; nothing, if there is none."""
    looked_into = [each for each in STUDIES if set(each.screened) <= set(experiments)]
    shown = [each for each in looked_into if best(evidence.tried[each.id]) is not None]
    if not shown:
        return
    st.subheader(_("What would explain it"), anchor=False)
    for each in shown:
        if len(shown) > 1:
            st.markdown(f"**{say(each.title)}**")
        tried = evidence.tried[each.id]
        st.markdown(finding(tried), width=820)
        with st.expander(_("What was tried"), icon=":material/science:"):
            figures_table(each, tried, varied, key=f"{key}_{each.id}")
            _captions(tried)


def finding(tried: Sequence[Tried]) -> str:
    """What came of it, in a sentence or two. Some of it must have been tried."""
    done = [each for each in tried if not each.missing and each.hypothesis is not AS_REPORTED]
    first, explaining = tried[0], [each for each in done if each.explains]
    changes = ngettext("{n} change", "{n} changes", len(done)).format(n=len(done))
    if explaining:
        words = _("**All figures would agree if {what}.**").format(
            what=say(explaining[0].hypothesis.sentence)
        )
        if more := len(explaining) - 1:
            words += " " + ngettext(
                "{n} other change would do as well.", "{n} other changes would do as well.", more
            ).format(n=more)
        return words + _beyond(explaining[0])
    if first.hypothesis is AS_REPORTED:
        return _("{changes} tried, and none brings our figures nearer. Unexplained so far.").format(
            changes=changes
        )
    agreeing = sum(figure.agrees for figure in first.figures)
    return _(
        "{changes} tried, and none makes all figures agree: unexplained so far. The nearest is that {what} "
        "({n} of {all} figures agree)."
    ).format(changes=changes, what=say(first.hypothesis.sentence), n=agreeing, all=len(first.figures))


def _beyond(each: Tried) -> str:
    """How it does on the settings that it was not screened on."""
    if not each.rest:
        return ""
    agreeing = sum(figure.agrees for figure in each.rest)
    return " " + ngettext(
        "Of the study’s {all} other figure {n} agrees as well.",
        "Of the study’s {all} other figures {n} agree as well.",
        len(each.rest),
    ).format(all=len(each.rest), n=agreeing)


def figures_table(of: Study, tried: Sequence[Tried], varied: Sequence[str], *, key: str) -> None:
    """The published figures, and ours under each hypothesis; a click opens its settings in the lab."""
    by_experiment: dict[str, list[Published]] = {}
    for experiment, published in figures_of(of, of.screened):
        by_experiment.setdefault(experiment.id, []).append(published)
    names = [setting_name(EXPERIMENTS[id], varied) for id in by_experiment]
    heads = (_("If …"), *names, _("Runs"), _("Try it"))
    links = {each.hypothesis.id: _lab(of, each) for each in tried}
    first = _published_row(by_experiment, heads)
    rows = "".join(_row(each, by_experiment, heads, links[each.hypothesis.id]) for each in tried)
    clicked = linked(study(_("What was tried"), heads, first + rows), key=key)
    if clicked and isinstance(where := links.get(clicked), LabLink):
        where.follow()


def _captions(tried: Sequence[Tried]) -> None:
    st.caption(
        _(
            "Best first: by how likely a change makes the published figures, given how far seeds lie apart; "
            "each change must make them ten times as likely. Changes and rule were written down on {day}, "
            "before their runs. ✓ lies where one more run would, 95 times of 100."
        ).format(day=day(WRITTEN_ON))
    )
    left = sum(bool(each.missing) for each in tried)
    if left:
        words = ngettext("{n} is not tried yet.", "{n} are not tried yet.", left).format(n=left)
        st.caption(words + " " + _("Go on with `{command}`.").format(command=COMMAND))


def _published_row(by_experiment: Mapping[str, Sequence[Published]], heads: Sequence[str]) -> str:
    cells = "".join(
        cell(
            head,
            "".join(
                f"{published_words(each)}<small>{escape(say(FIGURES[each.figure].label))}</small>"
                for each in published
            ),
            "n",
        )
        for head, published in zip(heads[1:], by_experiment.values(), strict=False)
    )
    return _body(_("Published"), cells + "<td></td><td></td>", "decides")


def _row(
    each: Tried,
    by_experiment: Mapping[str, Sequence[Published]],
    heads: Sequence[str],
    where: LabLink | None,
) -> str:
    found = {(figure.experiment.id, figure.published): figure for figure in each.figures}
    runs = max((len(figure.values) for figure in each.figures), default=0)
    cells = "".join(
        cell(
            head,
            "<br>".join(_words(found[id, figure]) if (id, figure) in found else NONE for figure in published),
            "n",
        )
        for head, (id, published) in zip(heads[1:], by_experiment.items(), strict=False)
    )
    cells += cell(heads[-2], str(runs) if runs else _("not yet"), "n")
    opens = link(escape(_("Open in the lab")), where.href, each.hypothesis.id) if where else NONE
    cells += cell(heads[-1], opens, "ways")
    return _body(say(each.hypothesis.sentence), cells, "decides" if each.explains else "plain")


def _body(name: str, cells: str, kind: str) -> str:
    return f'<tbody><tr><th scope="rowgroup" class="{kind}">{escape(name)}</th>{cells}</tr></tbody>'


def _words(found: Predicted) -> str:
    if math.isinf(found.distance):
        return escape(_("diverged"))
    sign = "✓" if found.agrees else "≠"
    return escape(f"{say(FIGURES[found.published.figure].text(found.middle))} {sign}")


def _lab(of: Study, each: Tried) -> LabLink | None:
    """The first of the study's experiments that the hypothesis changes, if the lab's form can hold it."""
    for id in of.screened:
        told = EXPERIMENTS[id].spec
        spec = each.hypothesis.spec(told)
        if spec is not None and spec != told:
            found = lab_link(spec)
            return found if isinstance(found, LabLink) else None
    return None
