"""What surrounds every page: the pages' list, the language switch, the data banner, and the last-resort guard."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.language import KEY, LANGUAGES, _, current_language, say

log = logging.getLogger("fmnist_lab")

ROOT = Path(__file__).parents[2]
STYLES = Path(__file__).with_name("frame.css")


def pages() -> dict[str, list[st.Page]]:
    """The navigation: paths in the URL are the same in every language, titles are not."""
    return {
        _("Learn"): [
            st.Page(
                "pages/learn/home.py",
                title=_("Home"),
                icon=":material/home:",
                default=True,
            ),
            st.Page("pages/learn/data.py", title=_("The data"), icon=":material/grid_view:", url_path="data"),
        ],
        _("Lab"): [
            st.Page(
                "pages/lab/autoencoder.py",
                title=_("Autoencoder"),
                icon=":material/compress:",
                url_path="autoencoder",
            ),
            st.Page(
                "pages/lab/classifier.py",
                title=_("Classifier"),
                icon=":material/category:",
                url_path="classifier",
            ),
        ],
        _("Results"): [
            st.Page(
                "pages/results/runs.py",
                title=_("Runs"),
                icon=":material/stacked_line_chart:",
                url_path="runs",
            ),
        ],
    }


def language_switch() -> None:
    """The learner's language: in the URL once chosen, and so kept across pages and in shared links."""
    st.sidebar.segmented_control(
        _("Language"),
        list(LANGUAGES),
        default=current_language(),
        format_func=LANGUAGES.get,
        key=KEY,
        bind="query-params",
        required=True,
    )


@contextmanager
def guard() -> Iterator[None]:
    """Nothing that goes wrong inside reaches a learner as a traceback: it is logged, and told in a sentence."""
    try:
        yield
    except LabError as error:
        st.error(say(error), icon=":material/info:")
    except Exception:
        log.exception("A page failed.")
        st.error(
            _(
                "Something went wrong on this page, and it has been noted in the server's log. "
                "Nothing that you trained is lost. Reload the page, or choose another one at the left."
            ),
            icon=":material/error:",
        )
