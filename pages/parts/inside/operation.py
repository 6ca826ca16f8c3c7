"""Surgery: one unit or feature map is silenced, or scaled, and what becomes of the output is seen at once."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.data import fashion_mnist
from fmnist_core.spec import Surgery
from pages.parts.base.formatting import number, percent
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.routes import LAB_PAGES
from pages.parts.base.services import engine, store
from pages.parts.base.spec_words import STRENGTHS, strength_words
from pages.parts.base.typed_text import isolated
from pages.parts.forms.linked_choice import linked_choice
from pages.parts.inside.answers import answer
from pages.parts.inside.garment_choice import Garment
from pages.parts.inside.network_choice import Network
from pages.parts.inside.place import STRENGTH
from pages.parts.widgets import mosaics
from pages.parts.widgets.matrix_pair import draw_pair
from pages.parts.widgets.pinning.shown import shown


def surgery(network: Network, garment: Garment, layer: str, unit: int, name: str) -> None:
    """`layer` is where the unit's values come out; `name` is what it is called within a sentence."""
    st.subheader(_("Surgery"), anchor=False)
    if network.training:
        st.caption(_("A network can be operated on once it stands still: pause the run, or let it end."))
        return
    words = {str(factor).removesuffix(".0"): strength_words(factor) for factor in STRENGTHS}
    strength = linked_choice(
        _("Make {unit}").format(unit=name),
        words,
        key=STRENGTH,
        control="slider",
        default="1",
        help=_("The run itself is not changed."),
    )
    factor = float(strength)
    if factor == 1.0:
        st.caption(_("Silence or strengthen, and see what the network does without its usual help."))
        return
    after = answer("surgery", network, image=garment.asked, layer=layer, unit=unit, factor=factor)
    captions = [_("as it is"), _("after surgery")]
    if network.spec.task == "autoencoder":
        drawn = np.rint(255 * np.clip(after["output"], 0, 1)).astype(np.uint8)
        what = _("Reconstruction of the garment")
        shown(mosaics.captioned(drawn, captions, alt=what), f"{what}; {name}: {words[strength]}", "surgery")
    else:
        names = [say(label) for label in fashion_mnist.CLASS_NAMES]
        guesses = [f"{names[int(one.argmax())]} ({percent(float(one.max()))})" for one in after["output"]]
        lines = [f"{caption}: {guess}" for caption, guess in zip(captions, guesses, strict=True)]
        st.markdown("\n".join(f"- {line}" for line in lines))
    before, now = (float(loss) for loss in after["loss"])
    st.markdown(
        _("Over 1,000 test garments the loss goes from {before} to {after}.").format(
            before=number(before), after=number(now)
        )
    )
    if "confusion" in after:
        matrices = [matrix.astype(np.int64) for matrix in after["confusion"]]
        accuracies = [percent(float(matrix.trace() / matrix.sum())) for matrix in matrices]
        st.markdown(
            _("The accuracy goes from {before} to {after}.").format(before=accuracies[0], after=accuracies[1])
        )
        title = _("After surgery minus before, in percentage points")
        draw_pair(matrices[0], matrices[1], names, title, key=f"inside_surgery_{layer}_matrix")
    if "run_id" in network.asked and st.button(
        _("Train on from here"),
        icon=":material/call_split:",
        key="inside_train_on",
        help=_("A new run, which begins with these weights after surgery. This run stays as it is."),
    ):
        operation = Surgery(layer=layer, unit=unit, factor=factor)
        new = _branch_off(network, operation, f"{name}: {words[strength]}")
        st.switch_page(LAB_PAGES[network.spec.task], query_params={"run": new})


def _branch_off(network: Network, operation: Surgery, words: str) -> str:
    run, step = store().run(network.asked["run_id"]), network.asked["step"]
    if step == run.step and run.best_epoch is not None:  # whose weights early stopping kept
        step = run.best_epoch * run.spec.steps_per_epoch
    name = f"{isolated(run.name)}, {words}"
    return engine().branch(run.id, step, learner_id(), name, surgery=operation)
