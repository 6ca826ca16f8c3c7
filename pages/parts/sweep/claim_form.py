"""A claim about a sweep, stated before it starts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.own_claims.own_claim import (
    MARGINS,
    RELATIONS,
    OwnClaim,
    OwnClaimError,
    OwnClaims,
    check,
)
from fmnist_core.sentences import LabError, Sentence
from fmnist_core.spec import RunSpec
from pages.parts.base.formatting import in_full
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP

NONE = "none"
KEY = "own_claim"
MARGIN_CHOICES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # of a loss, or of the images


def claim_form(specs: Sequence[RunSpec], vary: str, worded: Sequence[str]) -> None:
    """`worded` says what each value is called, in order."""
    with st.expander(_("State a claim first"), icon=":material/gavel:"):
        st.caption(
            _(
                "What do you expect? It is kept with its time, and judged when all runs have ended. Until "
                "you open them, the test figures of this sweep stay closed."
            )
        )
        relation = st.selectbox(
            _("Claim"),
            (NONE, *RELATIONS),
            key=f"{KEY}_relation",
            format_func=_relations().get,
            label_visibility="collapsed",
            placeholder=_("Choose a claim"),
            **KEEP,
        )
        if relation == NONE or not specs:
            return
        if specs[0].task == "classifier":
            st.segmented_control(
                _("Of what"),
                list(MARGINS),
                default="test_accuracy",
                key=f"{KEY}_quantity",
                format_func=quantities().get,
                required=True,
                **KEEP,
                wrap=True,
            )
        if relation in ("lowest", "highest"):
            st.selectbox(_("Value"), worded, key=f"{KEY}_value", placeholder=_("Choose a value"), **KEEP)
        if relation == "alike":
            quantity = _quantity(specs)
            choices = {margin: _("{n} %").format(n=in_full(100 * margin)) for margin in MARGIN_CHOICES}
            st.selectbox(
                _("Less apart than"),
                list(choices),
                index=MARGIN_CHOICES.index(MARGINS[quantity]),
                key=f"{KEY}_margin_{quantity}",
                format_func=choices.get,
                placeholder=_("Choose a margin"),
                **KEEP,
            )
        try:
            claim(specs, vary, worded)
        except LabError as error:
            st.warning(as_typed(say(error)))


def claim(specs: Sequence[RunSpec], vary: str, worded: Sequence[str]) -> OwnClaim | None:
    """What the form says, if it says anything. Raises `OwnClaimError` for what could not be decided."""
    relation = st.session_state.get(f"{KEY}_relation", NONE)
    if relation not in RELATIONS:
        return None
    quantity = _quantity(specs)
    margin = st.session_state.get(f"{KEY}_margin_{quantity}", MARGINS[quantity])
    value = st.session_state.get(f"{KEY}_value", worded[0])
    if relation in ("lowest", "highest") and value not in worded:
        raise OwnClaimError(
            Sentence("The claim names a value that the sweep has not. Choose one of its values.")
        )
    stated = OwnClaim(relation, quantity, worded.index(value) if value in worded else 0, margin)
    check(stated, specs, vary)
    OwnClaims(store()).check_unknown(learner_id(), specs)
    return stated


def state(stated: OwnClaim, sweep_id: str) -> None:
    """For the callback that has started the sweep."""
    OwnClaims(store()).state(sweep_id, stated)
    st.session_state[f"{KEY}_relation"] = NONE


def _quantity(specs: Sequence[RunSpec]) -> str:
    if specs[0].task == "autoencoder":
        return "test_loss"
    return st.session_state.get(f"{KEY}_quantity") or "test_accuracy"


def quantities() -> dict[str, str]:
    return {"test_accuracy": _("Test accuracy"), "test_loss": _("Test error")}


def _relations() -> dict[str, str]:
    return {
        NONE: _("No claim"),
        "falling": _("Falls, value by value"),
        "rising": _("Rises, value by value"),
        "lowest": _("Lowest with one value"),
        "highest": _("Highest with one value"),
        "alike": _("Alike with all values"),
    }
