"""What surrounds every page: the list of pages, the language, the lab's name, and the last-resort guard."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import streamlit as st

from fmnist_core.sentences import LabError
from pages.parts.base import lecture_mode, routes, services
from pages.parts.base.attempt import held
from pages.parts.base.i18n import KEY, LANGUAGES, _, current_language, say
from pages.parts.base.typed_text import as_typed

log = logging.getLogger("fmnist_lab")

NAME = "FMNIST Lab"
STYLES = Path(__file__).with_name("frame.css")
ICON = Path(__file__).with_name("icon.svg")
LOGO = str(Path(__file__).with_name("logo.svg"))
SWITCH = "language_switch"
LECTURE_SWITCH = "lecture_switch"
UNKNOWN = "unknown_language"
# Streamlit keeps the name of the first page's file for it, lets no other page have it, and does not open it
# there: who types it is led to the bare address.
FIRST = Path(routes.HOME).stem
TO_FIRST = "<script>location.replace(new URL('./' + location.search, location.href))</script>"
RELOAD = "<script>location.reload()</script>"
# Streamlit's page says that it is English, and so would a screen reader read it.
SAY_LANGUAGE = "<script>document.documentElement.lang = '{language}'</script>"
# Streamlit makes a step of the browser's history of every setting that a page writes to its address, so that
# Back would first undo them one by one. Here a step leads to another page, to something else opened, or to
# another step of a lesson. Where a link or a button leads to a page, Streamlit may write that page's settings
# behind the address of this one first: that is no place to come back to, and what stood there stands again.
KEEP_HISTORY_SHORT = """<script>
if (!window.fmnistHistory) {
    window.fmnistHistory = history.pushState.bind(history)
    const asked = address => new URLSearchParams(address.search)
    const opened = address => OPENED.map(name => asked(address).get(name)).join("&")
    const step = address => asked(address).get("lesson") && asked(address).get("step")
    let onTheWay = null
    let before = null  // the address at the last click or key, if it was written to since
    const forget = () => { before = null }
    for (const event of ["click", "keydown", "popstate"]) addEventListener(event, forget, true)
    history.pushState = (state, title, url) => {
        const to = new URL(url, location.href), here = to.pathname === location.pathname
        const goesOn = step(location) && step(to) !== step(location)
        const same = here && opened(to) === opened(location) && !goesOn
        const arrives = !here && onTheWay && opened(to) === opened(location)
        if (same) before = before || location.href
        else {
            if (before && !arrives) history.replaceState(history.state, "", before)
            before = null
        }
        if (same || arrives) history.replaceState(state, title, url)
        else window.fmnistHistory(state, title, url)
        if (same) return
        clearTimeout(onTheWay)
        onTheWay = here ? setTimeout(() => { onTheWay = null }, 1000) : null
    }
}
</script>""".replace("OPENED", str(list(routes.OPENED)))


def dress() -> None:
    """Page settings, styles, the lab's name. The menu at the top right holds the choice of light or dark."""
    st.set_page_config(
        page_title=NAME,
        page_icon=str(ICON),
        layout="wide",
        menu_items={"About": _("**FMNIST Lab**: learn what neural networks do, by training them live.")},
    )
    st.html(STYLES)
    st.html(KEEP_HISTORY_SHORT, unsafe_allow_javascript=True)
    st.logo(LOGO, size="large")


def pages() -> dict[str, list[st.Page]]:
    """The pages by section: paths in the URL are the same in every language, titles are not."""
    sections = {
        _("Learn"): (
            (routes.HOME, _("Home"), "home", None),
            (routes.LESSONS, _("Lessons"), "school", "lessons"),
            (routes.ASSIGNMENTS, _("Assignments"), "assignment", "assignments"),
            (routes.DATA, _("The data"), "grid_view", "data"),
            (routes.CONVOLUTION, _("Convolution and pooling"), "filter_center_focus", "convolution"),
            (routes.TRAINING_STEP, _("One training step"), "footprint", "training_step"),
            (routes.AGAINST, _("You against the network"), "sports_score", "against"),
            (routes.LUCK, _("Luck"), "casino", "luck"),
            (routes.MISSING_SETTING, _("The missing setting"), "troubleshoot", "missing_setting"),
        ),
        _("Lab"): (
            (routes.AUTOENCODER, _("Autoencoder"), "compress", "autoencoder"),
            (routes.CLASSIFIER, _("Classifier"), "category", "classifier"),
            (routes.SWEEP, _("Sweep"), "tune", "sweep"),
            (routes.TRANSFER, _("Transfer"), "move_up", "transfer"),
        ),
        _("Inside"): (
            (routes.LAYERS, _("Layers"), "layers", "layers"),
            (routes.LATENT_SPACE, _("Latent space"), "scatter_plot", "latent_space"),
            (routes.MISTAKES, _("Mistakes"), "rule", "mistakes"),
            (routes.TRY_IT, _("Try it"), "draw", "try_it"),
        ),
        _("Results"): (
            (routes.RUNS, _("Runs"), "stacked_line_chart", "runs"),
            (routes.REPORTS, _("Reports"), "menu_book", "reports"),
            (routes.CLAIMS, _("Claims"), "fact_check", "claims"),
            (routes.MY_REPORT, _("My report"), "article", "my_report"),
        ),
    }
    return {
        section: [
            st.Page(script, title=title, icon=f":material/{icon}:", url_path=path, default=not path)
            for script, title, icon, path in listed
        ]
        for section, listed in sections.items()
    }


def navigation() -> st.Page:
    """The page that the URL asks for, and links to all pages in the sidebar.

    Streamlit's own menu puts its section headings where a list allows only entries, which screen readers
    stumble over; its answer to an unknown page speaks English only.
    """
    listed = pages()
    every = [page for section in listed.values() for page in section]
    unknown = unknown_page(st.context.url, {page.url_path for page in every})
    if unknown is not None and unknown != FIRST:
        every.append(st.Page(_no_such_page, title=NAME, url_path=unknown, visibility="hidden"))
    current = st.navigation(every, position="hidden")
    if unknown == FIRST:
        st.html(TO_FIRST, unsafe_allow_javascript=True)
        st.stop()
    first = _first_of_all(visit := object()) is visit
    if first and current.url_path:
        # Before `st.navigation` has once been called, Streamlit takes the folder for its older kind of pages,
        # and has told the browser that there is none of this name.
        st.html(RELOAD, unsafe_allow_javascript=True)
        st.stop()
    with st.sidebar:
        for title, section in listed.items():
            with st.container(gap="xsmall"):
                st.caption(title)
                for page in section:
                    st.page_link(page, width="stretch")
    return current


@st.cache_resource(show_spinner=False)
def _first_of_all(_visit: object) -> object:
    """The first script run of this process that asked."""
    return _visit


def unknown_page(url: str | None, known: Collection[str]) -> str | None:
    """The page that a URL names if it is none of `known`; only a plain word can be a page's name."""
    asked = unquote(urlsplit(url or "").path).rsplit("/", 1)[-1]
    return asked if asked not in known and re.fullmatch(r"[\w.-]{1,60}", asked) else None


def _no_such_page() -> None:
    st.title(_("There is no such page"))
    st.markdown(
        _("The address may be misspelt, or the page has moved. Everything in the lab is one click away:")
    )
    st.page_link(routes.HOME, label=_("Go to the first page"), icon=":material/home:")


def settle_language() -> str | None:
    """The language of this session: chosen before, or asked for in the URL, or the browser's.

    Returns what the URL asked for if the lab does not speak it, until the learner chooses a language: a page
    writes its own into the URL, and may run again before anybody has read a word.
    """
    asked = st.query_params.get(KEY)
    if KEY not in st.session_state:
        st.session_state[KEY] = asked if asked in LANGUAGES else current_language()
    if asked is not None and asked not in LANGUAGES:
        st.session_state[UNKNOWN] = asked
    return st.session_state.get(UNKNOWN)


def language_switch() -> None:
    """In the sidebar. The choice stands in every page's URL, so that a link shows what its sender saw."""
    st.sidebar.segmented_control(
        _("Language"),
        list(LANGUAGES),
        default=current_language(),  # said in every run of the script: a browser may see none but the second
        format_func=LANGUAGES.get,
        key=SWITCH,
        required=True,
        label_visibility="collapsed",
        on_change=_switch_language,
        wrap=True,
    )
    st.sidebar.caption(_("Light or dark: in the menu ⋮ at the top right."))
    st.query_params[KEY] = current_language()
    st.sidebar.html(SAY_LANGUAGE.format(language=current_language()), unsafe_allow_javascript=True)


def _switch_language() -> None:
    st.session_state.pop(UNKNOWN, None)
    st.session_state[KEY] = held(SWITCH)


def lecture_switch() -> None:
    """In the sidebar, which lecture mode hides as soon as there is a run to show."""
    st.session_state[LECTURE_SWITCH] = lecture_mode.is_on()
    st.sidebar.toggle(
        _("Lecture mode"),
        key=LECTURE_SWITCH,
        help=_("One run, large, without form and sidebar, steered by keys: for the wall of a lecture hall."),
        on_change=_switch_lecture,
    )


def lecture_needs_a_run() -> None:
    """On a page that has no run to show."""
    with st.container(horizontal=True, vertical_alignment="center", key="lecture_without_run"):
        st.info(
            _("Lecture mode shows one run, large; there is none here. Train one in the lab, or open one."),
            icon=":material/cast_for_education:",
        )
        st.button(_("Leave lecture mode"), key="lecture_leave", on_click=lecture_mode.switch, args=(False,))


def _switch_lecture() -> None:
    lecture_mode.switch(held(LECTURE_SWITCH))


def engine_notice() -> None:
    """A sentence if training does not go on; everything else does. It comes and goes by itself."""
    engine = services.engine()
    starting = engine.state == "starting"
    passing = starting or engine.problem is not None
    st.fragment(_engine_notice, run_every=1.0 if passing else None)(starting)


def _engine_notice(starting: bool) -> None:
    if starting and services.engine().state != "starting":
        st.rerun()
    problem = services.engine().problem
    if problem is not None:
        st.error(as_typed(say(problem)), icon=":material/error:")


@contextmanager
def guard() -> Iterator[None]:
    """Nothing that goes wrong inside reaches a learner as a traceback: it is logged, and told in a sentence.

    Streamlit's own signals (stop, rerun, another page) are no `Exception` and pass. Also for fragments,
    which run without the frame.
    """
    try:
        yield
    except LabError as error:
        st.error(as_typed(say(error)), icon=":material/error:")
    except Exception:
        log.exception("A page failed.")
        st.error(
            _(
                "Something went wrong on this page, and the server's log says what. "
                "Nothing that you trained is lost. Reload the page, or choose another one at the left."
            ),
            icon=":material/error:",
        )
