"""Where in the lab a spec can be trained: the page, and the address that fills in every setting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from pages.parts.base.routes import LAB_PAGES
from pages.parts.forms import form_values, url_state
from pages.parts.results.shipped_models import shipped_specs


@dataclass(frozen=True)
class LabLink:
    page: str
    parameters: dict[str, str]
    href: str

    def follow(self) -> None:
        """Leaves the page that runs, for the lab."""
        st.switch_page(self.page, query_params=self.parameters)


def lab_link(spec: RunSpec) -> LabLink | Sentence:
    """The link, or why the lab's form cannot hold this spec."""
    encoders = {f"model:{name}": shipped for name, shipped in shipped_specs("autoencoder").items()}
    fresh = form_values.defaults(spec.task, fashion_mnist.load())
    if spec.encoder is not None and spec.encoder.origin == "model" and encoder_name(spec) not in encoders:
        return Sentence(
            "It starts from the trained encoder “{name}”, which this copy of the lab does not ship.",
            name=spec.encoder.id,
        )
    address = url_state.address_of(spec, fresh)
    choices = form_values.choices(spec.task, encoders)
    make = partial(form_values.spec_of, spec.task, encoders=encoders)
    read, ignored = url_state.read(address, fresh, choices, make)
    if ignored or make(read) != spec:
        return Sentence("The form of the lab has no place for one of its settings.")
    parameters = url_state.parameters(spec, fresh)
    return LabLink(LAB_PAGES[spec.task], parameters, f"{spec.task}?{urlencode(parameters)}")


def encoder_name(spec: RunSpec) -> str:
    """What the form calls the trained encoder that a spec starts from."""
    return f"{spec.encoder.origin}:{spec.encoder.id}"
