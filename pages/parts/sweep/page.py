"""The page of sweeps: settings at the left, the sweep in view at the right, the bar above both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import LABELS, RunSpec
from pages.parts.base.formatting import listed, typed_in_full
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import engine
from pages.parts.base.spec_words import words
from pages.parts.forms import controls, form_state, lab_frame, url_state
from pages.parts.forms.address_choice import address_choice
from pages.parts.forms.encoders import Encoder, encoders
from pages.parts.forms.lab_frame import Start
from pages.parts.forms.number_controls import whole_number
from pages.parts.run.status import network
from pages.parts.sweep import claim_form, form, in_view, view
from pages.parts.sweep.forecast import sweep_forecast
from pages.parts.sweep.presets import preset_menu
from pages.parts.sweep.toolbar import sweep_bar

BUTTON = "bar_sweep"
FILLED = "sweep_filled"  # just now, from a preset: what the address says is older


def sweep() -> None:
    """The page of sweeps, below its title."""
    place = lab_frame.layout()
    with place.settings:
        st.markdown("## " + _("What varies"))
        tasks = {"autoencoder": _("Autoencoder"), "classifier": _("Classifier")}
        name = "sweep_" + address_choice(_("Task"), tasks, key="task", width="stretch")
        dataset = fashion_mnist.load()
        fresh = form.defaults(name, dataset)
        classifies = name == "sweep_classifier"
        trained = encoders(learner_id(), form_state.encoder_asked_for(name)) if classifies else {}
        addressed = lab_frame.AddressedForm(
            name,
            button=BUTTON,
            read=partial(form.read, name, fresh),
            fill=partial(form.fill, name),
            follow=partial(_follow, name, fresh, trained),
            show=partial(in_view.show, "sweep"),
        )
        if not st.session_state.pop(FILLED, False):
            addressed.follow_address()
        values = _settled(name, fresh)
        specs, refused = _planned(name, values, trained)
        _vary(name, values)
        claim_form.claim_form(specs, values["vary"], _values_in_words(specs, values["vary"]))
        controls.draw(name, values, trained, len(dataset.train_labels))
    with place.view:
        progress = in_view.in_view("sweep")
    start = partial(_start, name, fresh, trained)
    with place.notices:
        addressed.notices(refused)
        if specs:
            sweep_forecast(specs)
    with place.bar:
        start_help = _("Train every value with every seed; what does not fit at once waits its turn.")
        label = _("Start the sweep")
        starts = [Start(BUTTON, label, ":material/play_circle:", start, bool(specs), start_help)]
        sweep_bar(progress, starts)
    with place.side(filled=progress is not None):
        if progress is None:
            _nothing_yet(start, ready=bool(specs))
            in_view.earlier("sweep")
        else:
            in_view.heading(progress, view.about(progress))
            in_view.look(progress, view.draw)
    if lab_frame.arrived() and progress:
        lab_frame.scroll_to_view()
    usual = {**fresh, "values": form.usual(values["vary"])}
    url_state.write(name, values, usual, progress and progress.sweep.id)


def _nothing_yet(start: Callable[[], None], ready: bool) -> None:
    promise = _(
        "Every value is trained with several seeds. You will see the mean curve of each value and "
        "how far its seeds lie apart, and which differences are more than luck."
    )
    here = Start("sweep_start_here", _("Start the sweep"), ":material/play_circle:", start, ready)
    lab_frame.nothing_yet(_("Your sweep appears here"), promise, here)


def _vary(name: str, values: Mapping[str, Any]) -> None:
    """Which setting, over which values, with how many seeds."""
    preset_menu(_take_preset)
    vary = values["vary"]
    st.selectbox(
        _("Setting to vary"),
        form.can_vary(values),
        format_func=lambda setting: say(LABELS[setting]),
        key=form_state.key(name, "vary"),
        placeholder=_("Choose a setting"),
        **form_state.KEEP,
    )
    suggested = form.SUGGESTED[vary]
    st.multiselect(
        _("Values"),
        list(dict.fromkeys([*suggested, *form.split(values["values"])])),
        format_func=lambda text: _worded(vary, text),
        key=form_state.key(name, f"values_{vary}"),
        accept_new_options=vary not in form.FIXED,
        help=_("Choose some, or type your own. Every value is trained with every seed.")
        + (" " + _("128-64 stands for two hidden layers.") if _takes_layers(values) else ""),
        placeholder=_("Choose or type values"),
        **form_state.KEEP,
    )
    whole_number(
        name,
        "seeds",
        help=_(
            "How often each value is trained, every time from other random weights. From three on, it can "
            "be said which differences are more than luck."
        ),
    )


def _takes_layers(values: Mapping[str, Any]) -> bool:
    return values["vary"] == "hidden_sizes" and ARCHITECTURES[values["architecture"]].most_hidden_sizes > 1


def _worded(vary: str, text: str) -> str:
    """A value in the list, in words where it is a word, and with a comma where the language has one."""
    choices = {
        "on": _("on"),
        "off": _("off"),
        "adam": "Adam",
        "sgd": "SGD",
        "unit": "[0, 1]",
        "symmetric": "[−1, 1]",
        "standard": "μ 0, σ 1",
    }
    if vary in form.FIXED:
        return choices.get(text, text)
    return typed_in_full(text) if vary in ("dropout", "learning_rate") else text


def _values_in_words(specs: Sequence[RunSpec], vary: str) -> list[str]:
    """In the order of the charts."""
    in_order = sorted(specs, key=lambda spec: form.order(vary, spec))
    return list(dict.fromkeys(words(vary, getattr(spec, vary)) for spec in in_order))


def _take_preset(values: dict[str, Any]) -> None:
    st.session_state["task"] = "autoencoder"
    form.fill("sweep_autoencoder", values)
    st.session_state[FILLED] = True


def _follow(
    name: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder], given: dict[str, str]
) -> tuple[dict[str, Any], list[Sentence]]:
    specs = {id: encoder.spec for id, encoder in trained.items()}
    return form.read_address(name, given, fresh, specs)


def _settled(name: str, fresh: Mapping[str, Any]) -> dict[str, Any]:
    """With a setting that matters for the network chosen."""
    values = form.read(name, fresh)
    if values["vary"] not in form.can_vary(values):
        st.session_state[form_state.key(name, "vary")] = form.can_vary(values)[0]
        values = form.read(name, fresh)
    return values


def _planned(
    name: str, values: Mapping[str, Any], trained: Mapping[str, Encoder]
) -> tuple[list[RunSpec], tuple[Sentence, ...]]:
    """The runs that the form asks for, or why there are none."""
    try:
        return form.plan(name, values, {id: encoder.spec for id, encoder in trained.items()}), ()
    except LabError as error:
        return [], error.sentences


def _start(name: str, fresh: Mapping[str, Any], trained: Mapping[str, Encoder]) -> None:
    values = form.read(name, fresh)
    vary = values["vary"]

    def submit() -> str:
        specs, refused = _planned(name, values, trained)
        if not specs:
            raise LabError(*refused)
        setting, shown = say(LABELS[vary]), [words(vary, getattr(spec, vary)) for spec in specs]
        names = [
            _("{value}, seed {n}").format(
                value=network(spec) if vary == "hidden_sizes" else f"{setting} {value}", n=spec.seed
            )
            for value, spec in zip(shown, specs, strict=True)
        ]
        title = f"{setting}: {listed(list(dict.fromkeys(shown)))}"
        runs = list(zip(specs, names, strict=True))
        claim = claim_form.claim(specs, vary, _values_in_words(specs, vary))
        sweep_id = engine().sweep_queue.start(runs, learner_id(), title, "sweep", vary)
        if claim is not None:
            claim_form.state(claim, sweep_id)
        return sweep_id

    in_view.start("sweep", submit)
