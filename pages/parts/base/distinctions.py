"""What tells runs or models of one name apart: "dropout 0.3"; if no setting does, when they began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel.dates import format_datetime

from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base.i18n import _, current_language
from pages.parts.base.spec_words import differing, setting
from pages.parts.base.typed_text import isolated


def distinctions(runs: Sequence[Run]) -> list[str]:
    """For each run, the settings in which it differs from those of its name, and when it began if others have
    the same; nothing where it has the name alone.
    """
    names = [run.name for run in runs]
    called = list(zip(names, differences(names, [run.spec for run in runs]), strict=True))
    return [
        " · ".join(filter(None, (own[1], "" if called.count(own) == 1 else _began(run.created))))
        for own, run in zip(called, runs, strict=True)
    ]


def names_apart(runs: Sequence[Run]) -> list[str]:
    """What each run is called among these: its name, with what tells it apart from others of that name."""
    pairs = zip([isolated(run.name) for run in runs], distinctions(runs), strict=True)
    return unique([f"{name} · {apart}" if apart else name for name, apart in pairs])


def differences(names: Sequence[str], specs: Sequence[RunSpec]) -> list[str]:
    """For each, the settings in which it differs from others of its name, but those that it has none of."""
    in_words = [""] * len(names)
    for name in set(names):
        places = [k for k, other in enumerate(names) if other == name]
        settings = differing([specs[k] for k in places])
        for nth, k in enumerate(places):
            in_words[k] = " · ".join(
                setting(field, values[nth])
                for field, values in settings.items()
                if values[nth] != () and (field, values[nth]) != ("branch", None)
            )
    return in_words


def unique(names: Sequence[str]) -> list[str]:
    """The names, of which one that came before gets a number that makes it unlike all others."""
    given: list[str] = []
    for name in names:
        numbered = (f"{name} ({n})" for n in count(2))
        free = (other for other in numbered if other not in names and other not in given)
        given.append(next(free) if name in given else name)
    return given


def _began(created: datetime) -> str:
    """On the learner's clock, as far as the browser tells it."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = UTC
    local = format_datetime(created.astimezone(zone), "d MMM, HH:mm:ss", locale=current_language())
    return _("begun {time}").format(time=local)
