"""FMNIST Lab: the server, and the frame around every page. Start it with `streamlit run app.py`.

Streamlit loads this file once as the server, where it finds `app`, and then for every look at a page, as the
script that draws it.
"""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.base import lecture_mode, pins, services
from pages.parts.base.i18n import _
from pages.parts.base.learner import remember_learner
from pages.parts.base.routes import LAB_PAGES
from pages.parts.base.typed_text import as_typed
from pages.parts.frame import assignment, frame
from pages.parts.frame.data_banner import data_banner
from pages.server.lifespan import lifespan
from pages.server.middleware import BoundedSessions
from pages.server.routes import ROUTES

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(__file__, lifespan=lifespan, routes=ROUTES, middleware=[Middleware(BoundedSessions)])
else:
    with frame.guard():
        unknown_language = frame.settle_language()
        unknown_mode = lecture_mode.settle()
        frame.dress()
        pins.about_nothing()
        page = frame.navigation()
        beside = st.sidebar.container()
        frame.language_switch()
        frame.lecture_switch()
        with st.sidebar.container(key="learner_place"):
            remember_learner()
        if unknown_language:
            st.warning(
                _("The lab speaks English and Spanish; this link asks for “{language}”.").format(
                    language=as_typed(unknown_language[:20])
                )
            )
        if unknown_mode:
            st.warning(
                _("Lecture mode is switched on by projector=1; this link says “{value}”.").format(
                    value=as_typed(unknown_mode[:20])
                )
            )
        notices = st.container(key="notices")
        if lecture_mode.is_on() and page.url_path not in LAB_PAGES:
            frame.lecture_needs_a_run()
        page.run()
        # These look at the data and the store, and no page need wait for that.
        with beside, frame.guard():
            assignment.beside_the_work()
        with notices, frame.guard():
            data_banner()
            frame.engine_notice()
        services.settle()
