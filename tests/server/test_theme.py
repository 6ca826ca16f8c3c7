"""The theme that is put together once is the one that Streamlit puts together for every script."""

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session

from pages.server import theme

PARTS = {
    "theme": (),
    "theme.light": ("light",),
    "theme.dark": ("dark",),
    "theme.sidebar": ("sidebar",),
    "theme.light.sidebar": ("light", "sidebar"),
    "theme.dark.sidebar": ("dark", "sidebar"),
}


def message(populate) -> ForwardMsg:
    """The message that begins a script, filled in Streamlit's order."""
    whole = ForwardMsg()
    for section, path in PARTS.items():
        part = whole.new_session.custom_theme
        for name in path:
            part = getattr(part, name)
        populate(part, section)
    return whole


@pytest.fixture
def one_theme(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app_session, "_populate_theme_msg", theme._put_together)
    theme.use_one_theme()
    return app_session._populate_theme_msg


def test_browsers_get_the_theme_of_the_configuration_at_every_look(one_theme):
    for _ in range(2):
        assert message(one_theme) == message(theme._put_together)
    assert message(one_theme).new_session.custom_theme.light.primary_color
    assert not message(one_theme).new_session.custom_theme.HasField("sidebar")


def test_streamlit_puts_it_together_once(one_theme, monkeypatch: pytest.MonkeyPatch):
    sections: list[str] = []
    monkeypatch.setattr(theme, "_put_together", lambda _message, section: sections.append(section))
    theme._theme.cache_clear()
    for _ in range(3):
        message(one_theme)
    theme._theme.cache_clear()
    assert sections == list(PARTS)
