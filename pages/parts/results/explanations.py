"""What would make our figures agree with the published ones: all that was tried, the likeliest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from html import escape

import streamlit as st

from fmnist_core.replication.claims.published import FIGURES
from fmnist_core.replication.hypotheses import AS_REPORTED, STUDIES, Study, screening
from fmnist_core.replication.hypotheses.hypothesis import WRITTEN_ON
from fmnist_core.replication.hypotheses.screening import Predicted, Tried, best, figures_of
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.report import Published
from pages.parts.base import pins
from pages.parts.base.formatting import NONE, day, listed, number
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.results.lab_link import LabLink, lab_link
from pages.parts.results.report_table import published_words, setting_name
from pages.parts.results.shipped_evidence import Evidence
from pages.parts.widgets.link_table import cell, link, linked_table, study

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
            figures_table(each, tried, varied, evidence, key=f"{key}_{each.id}")
            _captions(each, tried)


def finding(tried: Sequence[Tried]) -> str:
    """What came of it, in a sentence or two. Some of it must have been tried."""
    done = [each for each in tried if not each.missing and each.hypothesis is not AS_REPORTED]
    if found := screening.explanations(tried):
        return _explained(found[0], len(found) - 1)
    first, n = tried[0], len(done)
    if first.hypothesis is AS_REPORTED:
        if first.explains:
            return _("As we read the report, all of these figures agree.")
        return ngettext(
            "{n} change was tried, and it makes these figures no likelier. Unexplained so far.",
            "{n} changes were tried, and none makes these figures likelier. Unexplained so far.",
            n,
        ).format(n=n)
    agreeing = sum(figure.agrees for figure in first.figures)
    return (
        ngettext(
            "{n} change was tried, and it does not make all figures agree: unexplained so far.",
            "{n} changes were tried, and none makes all figures agree: unexplained so far.",
            n,
        ).format(n=n)
        + " "
        + _("The likeliest is that {what}: {agreeing} of {all} agree.").format(
            what=say(first.hypothesis.sentence), agreeing=agreeing, all=len(first.figures)
        )
    )


def _explained(found: Tried, others: int) -> str:
    words = ngettext(
        "**This figure would agree if {what}.**",
        "**The {n} figures below would all agree if {what}.**",
        len(found.figures),
    ).format(n=len(found.figures), what=say(found.hypothesis.sentence))
    words += " " + ngettext(
        "That rests on {n} run of each setting.", "That rests on {n} runs of each setting.", found.runs
    ).format(n=found.runs)
    if found.rest:
        agreeing = sum(figure.agrees for figure in found.rest)
        words += " " + ngettext(
            "Of the study’s {all} other figure {n} agrees as well.",
            "Of the study’s {all} other figures {n} agree as well.",
            len(found.rest),
        ).format(all=len(found.rest), n=agreeing)
    if others:
        words += " " + ngettext(
            "{n} other change would do as well.", "{n} other changes would do as well.", others
        ).format(n=others)
    return words


def figures_table(
    of: Study, tried: Sequence[Tried], varied: Sequence[str], evidence: Evidence, *, key: str
) -> None:
    """The published figures, and ours under each hypothesis; a click opens its settings in the lab."""
    by_experiment: dict[str, list[Published]] = {}
    for experiment, published in figures_of(of, of.screened):
        by_experiment.setdefault(experiment.id, []).append(published)
    names = [setting_name(EXPERIMENTS[id], varied) for id in by_experiment]
    heads = (_("If …"), *names, _("Runs"), _("Try it"))
    links = {_key(each): _lab(of, each) for each in tried}
    first = _published_row(by_experiment, heads)
    rows = "".join(_row(each, by_experiment, heads, links[_key(each)]) for each in tried)
    what = _("What was tried")
    with pins.while_about(partial(evidence.behind_study, of)):
        clicked = linked_table(study(what, heads, first + rows), what, key=key)
    if clicked and isinstance(where := links.get(clicked), LabLink):
        where.follow()


def _captions(of: Study, tried: Sequence[Tried]) -> None:
    st.caption(
        _(
            "Best first: by how likely a change makes the published figures, from seed 0 and the spread over "
            "our seeds, each change at the price of a factor of ten. Changes were written down on {day}, "
            "before they were trained; the rule was last changed that day, when some runs were there, and "
            "what looked best went on to more seeds. What is only measured otherwise comes from the runs "
            "above. ✓ lies where one more run would, 95 times of 100."
        ).format(day=day(WRITTEN_ON))
    )
    left = sum(bool(each.missing) for each in tried)
    if left:
        words = ngettext("{n} is not tried yet.", "{n} are not tried yet.", left).format(n=left)
        st.caption(words + " " + _("Go on with `{command}`.").format(command=COMMAND))
    if of.left_aside:
        values = listed([number(value) for value in of.left_aside])
        st.caption(
            _("Left aside: {values}, for which the report has another figure itself.").format(values=values)
        )
    if mixed := dict.fromkeys(id for each in tried for id in each.mixed):
        st.caption(
            _("Not compared, since calculated in several precisions: {experiments}.").format(
                experiments=listed(list(mixed))
            )
        )


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
    opens = link(escape(_("Open in the lab")), where.href, _key(each)) if where else ""
    cells += cell(heads[-1], opens, "ways")
    return _body(say(each.hypothesis.sentence), cells, "decides" if each.explains else "plain", heads[0])


def _key(each: Tried) -> str:
    return f"{each.hypothesis.id} {each.hypothesis.measure.id}"


def _body(name: str, cells: str, kind: str, head: str = "") -> str:
    """A row; `head` stands before its name where the table has no heads."""
    headed = f' data-head="{escape(head)}"' if head else ""
    return f'<tbody><tr><th scope="rowgroup" class="{kind}"{headed}>{escape(name)}</th>{cells}</tr></tbody>'


def _words(found: Predicted) -> str:
    if found.diverged:
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
