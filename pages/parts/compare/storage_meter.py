"""How much of the lab's disk the learner's runs take, and a sentence before a bound is reached."""

from __future__ import annotations

import streamlit as st

from fmnist_core.store.usage import usage
from pages.parts.base.i18n import _, say
from pages.parts.base.learner import learner_id
from pages.parts.base.services import store


def storage_meter() -> None:
    """A bar where there is a quota, else a line."""
    now = usage(store().database, learner_id())
    if now.quota:
        sentence = _("Your runs and pins take {used:,.1f} of {quota:,} MB on the lab's disk.")
        st.progress(min(1.0, now.used / now.quota), text=sentence.format(used=now.used, quota=now.quota))
    else:
        st.caption(_("Your runs and pins take {used:,.1f} MB on the lab's disk.").format(used=now.used))
    if now.refusal is not None:
        st.error(say(now.refusal), icon=":material/hard_drive:")
    elif now.warning is not None:
        st.warning(say(now.warning), icon=":material/hard_drive:")
