"""The page of races: settings at the left, the race in view at the right, the bar above both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec, SpecError
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine
from pages.parts.base.typed_text import isolated
from pages.parts.forms import form_state, lab_frame, url_state
from pages.parts.forms.encoders import Encoder, encoders
from pages.parts.forms.lab_frame import Start
from pages.parts.sweep import in_view
from pages.parts.sweep.forecast import sweep_forecast
from pages.parts.sweep.toolbar import sweep_bar
from pages.parts.transfer import controls, form, view
from pages.parts.transfer.form import CASES, FORM


def race() -> None:
    """The page of races, below its title."""
    dataset = fashion_mnist.load()
    trained = encoders(learner_id(), form_state.encoder_asked_for(FORM))
    counts = form.label_counts(dataset)
    fresh = form.defaults(trained)
    addressed = lab_frame.AddressedForm(
        FORM,
        button="bar_all",
        read=partial(_read, fresh),
        fill=partial(form_state.fill, FORM),
        follow=lambda given: form.read(given, fresh, trained, counts),
        show=partial(in_view.show, "race"),
    )
    addressed.follow_address()
    values = _settled(_read(fresh), trained, counts)
    planned, refused = _planned(values, trained, [values["train_size"]])
    start = partial(_start, trained, fresh, counts)
    place = lab_frame.layout()
    with place.view:
        progress = in_view.in_view("race")
    with place.notices:
        addressed.notices(refused)
        if planned:
            sweep_forecast([form.as_fast(spec) for spec in planned])
    with place.settings:
        controls.draw(values, trained, counts)
    with place.bar:
        sweep_bar(progress, _starts(start, enabled=bool(planned)))
    with place.side(filled=progress is not None):
        if progress is None:
            _nothing_yet(partial(start, False), ready=bool(planned))
            in_view.earlier("race")
        else:
            in_view.heading(progress, view.about(progress))
            in_view.look(progress, view.draw)
    if lab_frame.arrived() and progress:
        lab_frame.scroll_to_view()
    url_state.write(FORM, values, fresh, progress and progress.sweep.id)


def _starts(start: Callable[[bool], None], enabled: bool) -> list[Start]:
    return [
        Start(
            "bar_train",
            _("Start the race"),
            ":material/sports_score:",
            partial(start, False),
            enabled,
            _("Train the four cases side by side, with the number of labels that the slider says."),
        ),
        Start(
            "bar_all",
            _("All label counts"),
            ":material/stacked_line_chart:",
            partial(start, True),
            enabled,
            _("One race after another, from 100 labels up, for the whole curve of accuracy against labels."),
        ),
    ]


def _nothing_yet(start: Callable[[], None], ready: bool) -> None:
    promise = _(
        "Four classifiers learn from the same few labels. Two start from an encoder that an "
        "autoencoder has trained, two from random weights; of each pair one may change its encoder "
        "and one keeps it frozen. Their curves run on one chart."
    )
    here = Start("train_here", _("Start the race"), ":material/sports_score:", start, ready)
    lab_frame.nothing_yet(_("Your race appears here"), promise, here)


def _read(fresh: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds; its hidden size is the encoder's affair."""
    return {name: value for name, value in form_state.read(FORM, fresh).items() if name in fresh}


def _settled(values: dict[str, Any], trained: Mapping[str, Encoder], counts: Sequence[int]) -> dict[str, Any]:
    """With an encoder that is there and a number of labels that the data has."""
    fitting = form.fitting(trained, values["pooling"])
    if values["encoder"] not in fitting:
        if values["encoder"] and values["encoder"] not in trained:
            st.warning(
                _("The trained encoder that you had chosen is no longer there. Another one is chosen now."),
                icon=":material/link_off:",
            )
        values["encoder"] = next(iter(fitting), "")
    if values["train_size"] not in counts:
        values["train_size"] = counts[-1]
    for name in ("encoder", "train_size"):
        st.session_state[form_state.key(FORM, name)] = values[name]
    return values


def _planned(
    values: Mapping[str, Any], trained: Mapping[str, Encoder], counts: Sequence[int]
) -> tuple[list[RunSpec], tuple[Sentence, ...]]:
    """The runs that the form asks for, or why there are none."""
    if not values["encoder"]:
        return [], ()
    try:
        dataset = fashion_mnist.load()
        specs = form.specs(values, trained, counts)
        for spec in specs:
            fashion_mnist.check(spec, dataset)
        return specs, ()
    except SpecError as error:
        return [], error.sentences


def _start(
    trained: Mapping[str, Encoder], fresh: Mapping[str, Any], counts: Sequence[int], every_count: bool
) -> None:
    values = _read(fresh)
    chosen = list(counts) if every_count else [values["train_size"]]

    def submit() -> str:
        specs, refused = _planned(values, trained, chosen)
        if not specs:
            raise LabError(*refused)
        names = [
            _("{case}, {n:,} labels").format(case=say(CASES[form.case_of(spec)]), n=spec.train_size)
            for spec in specs
        ]
        labels = _("all label counts") if every_count else _("{n:,} labels").format(n=chosen[0])
        name = _("{encoder}, {labels}").format(
            encoder=isolated(trained[values["encoder"]].name), labels=labels
        )
        runs = list(zip(specs, names, strict=True))
        return engine().sweep_queue.start(runs, learner_id(), name, "race", "encoder")

    in_view.start("race", submit)
