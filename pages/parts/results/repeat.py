"""A whole comparison trained anew with one click: experiments that differ in one setting as a sweep over it,
the four starts of a classifier as a race. The forms come filled in, at the report's own length.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.sentences import LabError
from fmnist_core.spec import RunSpec
from fmnist_core.statistics import FEWEST_SEEDS
from pages.parts.base.i18n import _
from pages.parts.base.numerals import exact
from pages.parts.base.routes import SWEEP, TRANSFER
from pages.parts.base.spec_words import differing
from pages.parts.forms import form_values, url_state
from pages.parts.forms.form_state import PREFIXES
from pages.parts.results.lab_link import LabLink, encoder_name
from pages.parts.results.shipped_models import shipped_specs
from pages.parts.sweep import form as sweep_form
from pages.parts.transfer import form as race_form

TASK = "task"  # the sweep page's own choice, which the session keeps


def repeat_button(experiments: Sequence[str], *, key: str) -> None:
    """The button, if there is a page that can train just these."""
    published = [id for id in experiments if not EXPERIMENTS[id].ours]
    sweep, race = sweep_link(published), race_link(published)
    if sweep is not None:
        label = _("Repeat it as a sweep, with {n} seeds").format(n=FEWEST_SEEDS)
        if st.button(label, key=f"{key}_sweep", icon=":material/tune:"):
            st.session_state[TASK] = sweep.parameters[TASK]
            sweep.follow()
    if race is not None and st.button(
        _("Race the four starts"), key=f"{key}_race", icon=":material/move_up:"
    ):
        race.follow()


def sweep_link(experiments: Sequence[str]) -> LabLink | None:
    """Where the sweep page trains exactly these experiments, with three seeds each; `None` if it cannot."""
    specs = [EXPERIMENTS[id].spec for id in experiments]
    fields = list(differing(specs)) if len(specs) > 1 else []
    if len(fields) != 1 or fields[0] not in sweep_form.SUGGESTED:
        return None
    vary, first = fields[0], specs[0]
    name = f"sweep_{first.task}"
    fresh = sweep_form.defaults(name, fashion_mnist.load())
    values = {**fresh, **form_values.values_of(first)}
    listed = sorted(specs, key=lambda spec: sweep_form.order(vary, spec))
    values |= {
        "values": ", ".join(sweep_form.text_of(vary, spec) for spec in listed),
        "seeds": str(FEWEST_SEEDS),
    }
    usual = form_values.with_network(fresh, first.architecture)
    address = {field: url_state.to_text(value) for field, value in values.items() if value != usual[field]}
    address |= {"architecture": first.architecture, "vary": vary}
    address["values"] = url_state.to_text(values["values"])
    if not _makes(name, specs, {**values, "vary": vary}):
        return None
    return _link(SWEEP, "sweep", name, address, {TASK: first.task})


def race_link(experiments: Sequence[str]) -> LabLink | None:
    """Where the four starts race on the encoder of these experiments, if that is shipped."""
    specs = [EXPERIMENTS[id].spec for id in experiments]
    if not all(spec.encoder for spec in specs):
        return None
    starts = {(spec.encoder.origin != form_values.RANDOM, spec.encoder.frozen): spec for spec in specs}
    first = starts.get((True, False))
    if starts.keys() != set(race_form.CASES) or first.encoder.id not in shipped_specs("autoencoder"):
        return None
    address = {"encoder": encoder_name(first), "train_size": str(first.train_size)}
    address |= {
        "epochs": str(first.epochs),
        "dropout": exact(first.dropout),
        "learning_rate": exact(first.learning_rate),
    }
    return _link(TRANSFER, "transfer", race_form.FORM, address, {})


def _makes(name: str, specs: Sequence[RunSpec], values: dict) -> bool:
    encoders = {f"model:{model}": spec for model, spec in shipped_specs("autoencoder").items()}
    try:
        planned = sweep_form.plan(name, values, encoders)
    except LabError:
        return False
    return set(planned) == {spec.changed(seed=seed) for spec in specs for seed in range(FEWEST_SEEDS)}


def _link(page: str, path: str, form: str, address: dict[str, str], besides: dict[str, str]) -> LabLink:
    parameters = {f"{PREFIXES[form]}_{name}": text for name, text in address.items()} | besides
    return LabLink(page, parameters, f"{path}?{urlencode(parameters)}")
