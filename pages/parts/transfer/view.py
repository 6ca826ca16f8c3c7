"""A race as it runs and as it ended: curves on one chart, four confusion matrices, accuracy over labels."""

from __future__ import annotations

from html import escape

import streamlit as st

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import in_full, listed, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.services import engine, store
from pages.parts.compare.comparison import STYLES as COMPARED
from pages.parts.compare.comparison import Line
from pages.parts.run.past_epochs import past_epochs
from pages.parts.sweep.progress import Progress, draw_progress
from pages.parts.transfer.form import BUDGETS, CASES, case_of
from pages.parts.widgets.chart import DASHES
from pages.parts.widgets.confusion_matrix import draw_confusion
from pages.parts.widgets.curves import Lines, Series, curves
from pages.parts.widgets.matrix_pair import draw_pair, minus, two_of
from pages.parts.widgets.scrubber import scrub
from pages.parts.widgets.seed_values import ValueSeries, seed_values

MOST_RACES = 40
SAME = 0.0005  # a difference that would be told as 0.0 percentage points
HEIGHT = 320
MATRIX_HEIGHT = 330

Cases = dict[tuple[bool, bool], Run]


def about(progress: Progress) -> str:
    """Its main settings in one line."""
    spec = progress.sweep.members[0].spec
    counts = sorted({member.spec.train_size for member in progress.sweep.members})
    labels = listed([_("{n:,}").format(n=count) for count in counts])
    return " · ".join(
        [
            _("hidden size {n}").format(n=spec.hidden_sizes[0]),
            _("{counts} labels").format(counts=labels),
            _("dropout {p}").format(p=in_full(spec.dropout)),
            f"Adam {in_full(spec.learning_rate)}",
            _("seed {n}").format(n=spec.seed),
        ]
    )


def draw(progress: Progress) -> None:
    st.html(COMPARED)
    with st.container(key="run_in_view", gap="xsmall"):
        draw_progress(progress)
        counts = sorted({member.spec.train_size for member in progress.sweep.members})
        begun = [run.spec.train_size for run in progress.runs.values()]
        count = scrub(
            f"race_count_{progress.sweep.id}",
            _("Labelled images"),
            counts,
            max(begun, default=counts[0]),
            lambda n: _("{n:,}").format(n=n),
            help=_("The race with this many labels is shown."),
        )
        cases = {case_of(run.spec): run for run in progress.runs.values() if run.spec.train_size == count}
        _race(progress, cases, count)
        st.markdown(result(progress, count))
        st.subheader(_("Accuracy against labels"), anchor=False)
        _over_labels(_all_cases(progress.sweep.learner, _encoder_of(progress)), progress.sweep.id)
        _matrices(cases)


def result(progress: Progress, count: int) -> str:
    """What the race with this many labels has shown, in a sentence or two."""
    accuracies = {
        case_of(run.spec): run.test_accuracy
        for member, run in progress.as_planned("finished")
        if member.spec.train_size == count
    }
    if len(accuracies) < len(CASES) or None in accuracies.values():
        coming = sum(member.spec.train_size == count for member in progress.to_come)
        if len(accuracies) + coming >= len(CASES):
            return _("When all four have ended, their accuracy on the test images is compared here.")
        return _("Not all four came to their end, so there is no comparison.")
    sentences = [
        _(
            "On the test images: with everything trained, the pre-trained start reaches **{one}** and the "
            "random one **{other}**; frozen, **{frozen}** against **{random}**."
        ).format(
            one=percent(accuracies[True, False]),
            other=percent(accuracies[False, False]),
            frozen=percent(accuracies[True, True]),
            random=percent(accuracies[False, True]),
        )
    ]
    gain = accuracies[True, False] - accuracies[False, False]
    if abs(gain) < SAME:
        sentences.append(_("With everything trained, both starts do equally well here."))
    elif gain > 0:
        sentences.append(_("Pre-training is worth {gain} here.").format(gain=points(gain)))
    else:
        sentences.append(
            _("Pre-training does not pay here: the random start ends {gain} ahead.").format(
                gain=points(-gain)
            )
        )
    sentences.append(_("This is one seed; race again with another to see how much of it is luck."))
    return " ".join(sentences)


def points(difference: float) -> str:
    """A difference of two shares."""
    return _("{n:.1f} percentage points").format(n=100 * difference)


def _race(progress: Progress, cases: Cases, count: int) -> None:
    series = []
    for case, name in CASES.items():
        run = cases.get(case)
        epochs = past_epochs(run) if run else ()
        ys = [epoch.validation_accuracy for epoch in epochs]
        series.append(Series(say(name), [epoch.epoch for epoch in epochs], ys))
    curves(
        Lines.of(series),
        key=f"race_{progress.sweep.id}_{count}",
        x=_("Epoch"),
        y=_("Validation accuracy"),
        alt=_("Validation accuracy of the four cases, epoch by epoch"),
        y_format=".1~%",
        height=HEIGHT,
        moving=True,
    )


def _over_labels(every: list[Run], key: str) -> None:
    """Test accuracy against labels, from all races of the learner's on one encoder."""
    ended = [run for run in every if run.status == "finished" and run.test_accuracy is not None]
    if not ended:
        st.caption(_("A dot for every run that ends. With “All label counts” the whole curve appears."))
        return
    words = {count: _("{n:,}").format(n=count) for count in BUDGETS}
    series = [
        ValueSeries(
            say(name),
            [
                (words[run.spec.train_size], run.test_accuracy)
                for run in ended
                if case_of(run.spec) == case and run.spec.train_size in words
            ],
        )
        for case, name in CASES.items()
    ]
    seed_values(
        series,
        list(words.values()),
        key=f"over_labels_{key}",
        x=_("Labelled images"),
        y=_("Test accuracy"),
        alt=_("Test accuracy of the four cases against the number of labels, from all your races"),
        y_format=".0%",
        height=HEIGHT - 20,
    )
    st.caption(_("Every dot is a run of one of your races on this encoder; lines join their means."))


def _matrices(cases: Cases) -> None:
    """Of the test images once a run has ended, else of the validation images at its last epoch."""
    ended = [run.id for run in cases.values() if run.test_accuracy is not None]
    begun = [case for case in CASES if case in cases and cases[case].epoch]
    if not begun:
        return
    names, matrices = [say(name) for name in CLASS_NAMES], {}
    st.subheader(_("Confusion matrices"), anchor=False)
    st.caption(_("Each row is a true class; numbers are percent of its images."))
    with st.grid(2, min_column_width=300, gap="small"):
        for case in begun:
            run, place = cases[case], list(CASES).index(case)
            tested = run.id in ended
            counts = store().run(run.id).test_confusion if tested else store().confusion(run.id, run.epoch)
            colours = st.get_option("theme.chartCategoricalColors")
            line = Line(say(CASES[case]), colours[place], tuple(DASHES[place]))
            images = _("test") if tested else _("validation, epoch {n}").format(n=run.epoch)
            with st.container(gap="xsmall"):
                st.html(f'<p class="lab-title">{line.mark()}{escape(line.name)} · {escape(images)}</p>')
                if counts is not None:
                    matrices[line.name] = counts
                    draw_confusion(
                        counts,
                        names,
                        key=f"race_matrix_{place}",
                        alt=_("Confusion matrix of {run}").format(run=line.name),
                        height=MATRIX_HEIGHT,
                    )
    if len(matrices) > 1:
        first, second = two_of(matrices, key="race_difference")
        with st.grid(2, min_column_width=300, gap="small"):
            draw_pair(
                matrices[first],
                matrices[second],
                names,
                minus(first, second),
                key="race_difference",
                height=MATRIX_HEIGHT,
            )


def _all_cases(learner: str, encoder: str | None) -> list[Run]:
    """Every run of the learner's races on this encoder that kept its settings."""
    planned = {
        member.run_id: member.spec
        for sweep in engine().sweep_queue.sweeps.of_learner(learner, "race")[:MOST_RACES]
        if any(m.spec.encoder.id == encoder for m in sweep.members)
        for member in sweep.members
        if member.run_id
    }
    return [run for run in store().runs(ids=planned) if run.spec == planned[run.id]] if planned else []


def _encoder_of(progress: Progress) -> str | None:
    return next((m.spec.encoder.id for m in progress.sweep.members if m.spec.encoder.id), None)
