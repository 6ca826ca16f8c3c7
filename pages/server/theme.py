"""The theme as browsers get it with every look, put together once.

Streamlit would go through all its options six times for each run of a script, which is a tenth of what a look
at a run costs. The theme is that of `.streamlit/config.toml` as long as the server runs.
"""

from __future__ import annotations

from functools import cache

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

_put_together = app_session._populate_theme_msg


def use_one_theme() -> None:
    """From now on, for all sessions."""
    app_session._populate_theme_msg = _populate


def _populate(message: CustomThemeConfig, section: str = "theme") -> None:
    theme = _theme(section)
    if theme.ListFields():  # else even to merge it would say that there is a theme
        message.MergeFrom(theme)


@cache
def _theme(section: str) -> CustomThemeConfig:
    theme = CustomThemeConfig()
    _put_together(theme, section)
    return theme
