"""Results › Claims: what the five reports claim, put to the test; a board of verdicts, each a link."""

from __future__ import annotations

import streamlit as st

from fmnist_core.replication.claims import CLAIMS
from pages.parts.base.i18n import _
from pages.parts.base.typed_text import as_typed
from pages.parts.compare import comparison
from pages.parts.results.claims.board import board, chosen_claims, summary_line
from pages.parts.results.claims.view import claim_view, neighbours
from pages.parts.results.network_drawing import STYLES
from pages.parts.results.report_table import forget_model
from pages.parts.results.shipped_evidence import Evidence, shipped_evidence

CLAIM = "claim"


def show(id: str | None) -> None:
    """The claim that the address names; without one, the board."""
    forget_model()
    if id is None:
        st.query_params.pop(CLAIM, None)
    else:
        st.query_params[CLAIM] = id


def whole_board(evidence: Evidence) -> None:
    st.markdown(_("What five course reports found on Fashion-MNIST, trained again with several seeds."))
    summary_line(evidence.verdicts)
    asked = board(chosen_claims(evidence.verdicts), evidence, key="claim_board")
    if asked:
        show(asked)
        st.rerun()


def one_claim(id: str, evidence: Evidence) -> None:
    before, after = neighbours(id)
    with st.container(horizontal=True, key="claim_ways"):
        ways = (
            ("claims_all", _("All claims"), ":material/grid_view:", None, True),
            ("claim_before", before or _("Before"), ":material/arrow_back:", before, before is not None),
            ("claim_after", after or _("After"), ":material/arrow_forward:", after, after is not None),
        )
        for key, label, icon, to, enabled in ways:
            st.button(label, key=key, icon=icon, on_click=show, args=(to,), disabled=not enabled)
    claim_view(CLAIMS[id], evidence, model_href=f"claims?{CLAIM}={id}&model={{name}}")


def main() -> None:
    st.html(comparison.STYLES)
    st.html(STYLES)
    st.title(_("Claims"), anchor=False)
    asked = st.query_params.get(CLAIM)
    id = (asked or "").upper()
    if asked is not None and id not in CLAIMS:
        message = _("There is no claim “{asked}”. There are {n}, from C1 to C{n}.")
        st.warning(message.format(asked=as_typed(asked[:20]), n=len(CLAIMS)), icon=":material/link_off:")
    evidence = shipped_evidence()
    if id in CLAIMS:
        one_claim(id, evidence)
    else:
        whole_board(evidence)


main()
