"""What the pages of the lab share: their layout, and how form and address keep each other up to date.

The bar stands above two columns: the form, under what there is to say of it, and what is in view, which on a
narrow screen comes first. The address is read when it says something new and written when the page has been
drawn; a part of it that cannot be followed is named until the learner changes the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.sentences import Sentence
from pages.parts.base import routes
from pages.parts.base.i18n import say
from pages.parts.base.typed_text import as_typed
from pages.parts.forms import url_state

STYLES = Path(__file__).with_suffix(".css")
# On a narrow screen the run stands above the settings, among which a learner has just pressed Train.
SCROLL = """<script>
if (innerWidth <= 640) document.querySelector(".st-key-run_side")?.scrollIntoView();
</script>"""
ARRIVED = "arrived_in_view"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """Where the parts of a lab page stand: `notices` above `settings`, `view` beside both, `bar` over all."""

    bar: DeltaGenerator
    notices: DeltaGenerator
    settings: DeltaGenerator
    view: DeltaGenerator

    def side(self, filled: bool) -> DeltaGenerator:
        """The place of what is in view, or of the words that stand for it."""
        return self.view.container(key="run_side" if filled else "no_run_side", gap="xsmall")


@dataclass(frozen=True)
class Start:
    """A button that starts something. `click` is called in a callback, with the values of that moment."""

    key: str
    label: str
    icon: str
    click: Callable[[], Any]
    enabled: bool
    help: str | None = None

    def draw(self, type: Literal["primary", "secondary"]) -> None:
        st.button(
            self.label,
            key=self.key,
            type=type,
            icon=self.icon,
            help=self.help,
            disabled=not self.enabled,
            on_click=self.click,
        )


@dataclass(frozen=True)
class AddressedForm:
    """A form whose values stand in the address.

    `name` is one of `form_state.PREFIXES`, `button` the key of a widget that is always on its page. `read`
    gives the values that the form holds, `fill` puts others there, `follow` makes them from what an address
    says, with a sentence for each part that had to be ignored. `show` brings a run (or a sweep, or a race)
    into view by its id.
    """

    name: str
    button: str
    read: Callable[[], dict[str, Any]]
    fill: Callable[[Values], None]
    follow: Callable[[dict[str, str]], tuple[dict[str, Any], list[Sentence]]]
    show: Callable[[str | None], None]

    def follow_address(self) -> None:
        """Fill the form from the address, if that says something new. Before the form is drawn."""
        given = url_state.news(self.name, was_in_view=self.button in st.session_state)
        if given is None:
            return
        self.show(given.pop(routes.in_view(self.name), None))
        values, ignored = self.follow(given)
        self.fill(values)
        st.session_state[self._ignored] = ([sentence.to_json() for sentence in ignored], self.read())

    def notices(self, refused: Iterable[Sentence]) -> None:
        """What of the address was ignored, and why the form's values cannot be trained."""
        ignored, values = st.session_state.get(self._ignored, ((), None))
        if ignored and values == self.read():
            sentences = [as_typed(say(Sentence.from_json(text))) for text in ignored]
            st.warning("\n\n".join(sentences), icon=":material/link_off:")
        for sentence in refused:
            st.warning(as_typed(say(sentence)), icon=":material/edit_note:")

    @property
    def _ignored(self) -> str:
        return f"ignored_{self.name}"


def layout() -> Layout:
    """The empty page, below its title."""
    st.html(STYLES)
    bar = st.container(key="bar_place")
    left, right = st.columns([0.31, 0.69], gap="medium")
    settings = left.container(key="settings_side")
    settings.html('<span id="lab-settings"></span>')
    return Layout(bar, settings.container(gap="small"), settings, right)


def nothing_yet(
    heading: str, promise: str, start: Start, *, picture: str | None = None, go_on: Start | None = None
) -> None:
    """What will stand here, and the click that brings it; `go_on` brings back what stood here before.

    `picture` is HTML.
    """
    with st.container(border=True, key="nothing_yet"):
        if go_on is not None:
            go_on.draw("secondary")
        st.header(heading, anchor=False)
        st.markdown(promise)
        if picture is not None:
            st.html(picture)
        start.draw("primary")


def arrive() -> None:
    """Something new is in view; the page goes there when it is drawn next."""
    st.session_state[ARRIVED] = True


def arrived() -> bool:
    """Whether something new has come into view since this was last asked."""
    return bool(st.session_state.pop(ARRIVED, False))


def scroll_to_view() -> None:
    """On a narrow screen, where form and view stand one under the other."""
    st.html(SCROLL, unsafe_allow_javascript=True)
