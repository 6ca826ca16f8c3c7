"""Kernel size, stride, padding and dilation as typed, and the size that comes out, with its formula.

They stand in the address, each by its name, for the part of the page that is in view.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core.architecture.by_hand import Window, output_size, transposed_size, unseen
from fmnist_core.sentences import LabError, Sentence
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.number_text import typed
from pages.parts.base.typed_text import as_typed
from pages.parts.forms.form_state import KEEP
from pages.parts.forms.linked_choice import set_out, underway
from pages.parts.forms.number_field import no_whole_number, number_field
from pages.parts.forms.url_state import by_history

LABELS = {
    "kernel": Sentence("Kernel size"),
    "stride": Sentence("Stride"),
    "padding": Sentence("Padding"),
    "dilation": Sentence("Dilation"),
}
# More than any network needs, and few enough to compute at once.
MOST_CHARACTERS = 30  # of what a link may put into a field
LIMITS = {"kernel": (1, 30), "stride": (1, 10), "padding": (0, 10), "dilation": (1, 10)}


def choose_window(
    key: str, usual: Window, shape: Sequence[int], *, kernel: int | None = None, back: bool = False
) -> Window | None:
    """A window that fits an image of this `shape`, or `None` once the page has said why it does not.

    `kernel` is given where the filter decides it. `back` is for a transposed convolution.
    """
    helps = {
        "kernel": _("Rows and columns of the window; the filter is as large."),
        "stride": _("How many pixels the window moves at a time."),
        "padding": _("How many rows and columns of zeros are put around the image."),
        "dilation": _("How far apart the cells of the window lie: 1 means that they are neighbours."),
    }
    if back:
        helps["stride"] = _("How many cells apart the copies of the filter are laid down.")
        helps["padding"] = _("How many rows and columns are cut off at every edge of the result.")
    texts = {}
    with st.container(horizontal=True, gap="small", key=f"{key}_window"):
        for name in LABELS:
            if name == "kernel" and kernel is not None:
                st.query_params.pop(name, None)
            else:
                texts[name] = _linked_field(f"{key}_{name}", name, str(vars(usual)[name]), helps[name])
    try:
        window = Window(**({"kernel": kernel} if kernel else {}), **_whole_numbers(texts))
        for side in shape:
            transposed_size(side, window) if back else output_size(side, window)
    except LabError as refused:
        st.warning(as_typed(say(refused)), icon=":material/block:")
        return None
    _formula(window, shape, back)
    return window


def _linked_field(key: str, name: str, usual: str, help: str) -> str:
    """What is typed, which stands in the address by its `name` where it is not as `usual`; a link rules."""
    said_nothing = usual if by_history() else None  # as it is where nothing but the usual was typed
    asked = None if underway(name) else st.query_params.get(name, said_nothing)
    if asked is not None:
        st.session_state[key] = asked[:MOST_CHARACTERS]
    st.session_state.setdefault(key, usual)
    text = number_field(say(LABELS[name]), key, help=help, width=120, on_change=set_out, args=(name,), **KEEP)
    if text != usual:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)
    return text


def _whole_numbers(texts: dict[str, str]) -> dict[str, int]:
    """Raises `LabError`."""
    values = {}
    for name, text in texts.items():
        value, (low, high) = typed(int, text), LIMITS[name]
        if not isinstance(value, int) or value > high:
            raise LabError(no_whole_number(LABELS[name], text, low, high))
        values[name] = value
    return values


def _formula(window: Window, shape: Sequence[int], back: bool) -> None:
    """The size along each side, once for a square, with the numbers in it."""
    lines = []
    for side in dict.fromkeys(shape):
        k, s, p, d = window.kernel, window.stride, window.padding, window.dilation
        if back:
            lines.append(
                f"({side} − 1) · {s} − 2 · {p} + {d} · ({k} − 1) + 1 = **{transposed_size(side, window)}**"
            )
        else:
            lines.append(
                f"⌊({side} + 2 · {p} − {d} · ({k} − 1) − 1) / {s}⌋ + 1 = **{output_size(side, window)}**"
            )
    st.markdown(_("Size of the result: {formula}").format(formula="; ".join(lines)))
    if back:
        st.caption(
            _(
                "(size − 1) · stride − 2 · padding + dilation · (kernel size − 1) + 1, for rows and columns "
                "alike."
            )
        )
        return
    st.caption(
        _(
            "(size + 2 · padding − dilation · (kernel size − 1) − 1), divided by the stride, rounded down "
            "(which is what ⌊ ⌋ means), plus 1: for rows and columns alike."
        )
    )
    if lines := _left_over(window, shape):
        st.caption(" ".join(lines))


def _left_over(window: Window, shape: Sequence[int]) -> list[str]:
    """What the last steps do not reach; the first number of the shape is that of the rows."""
    below, right = (unseen(side, window) for side in (shape[0], shape[-1]))
    lines = []
    if below:
        lines.append(
            ngettext(
                "The last row is not seen, since another step down would leave the image.",
                "The last {n} rows are not seen, since another step down would leave the image.",
                below,
            ).format(n=below)
        )
    if right:
        lines.append(
            ngettext(
                "The last column is not seen, since another step to the right would leave the image.",
                "The last {n} columns are not seen, since another step to the right would leave the image.",
                right,
            ).format(n=right)
        )
    return lines
