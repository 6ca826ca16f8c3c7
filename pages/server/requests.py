"""What a browser asks of Streamlit over its websocket, and which request makes an earlier one needless.

A request to rerun the script carries the values of all widgets. So of several that wait, the newest says
everything, except for clicks: a click is carried once, by the request that it caused.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState

# What the lab's pages need. Left out: to clear everybody's caches, to have git run, to rerun when a file
# changes, and what Streamlit's own tests send.
ALLOWED = ("rerun_script", "stop_script", "app_heartbeat", "backend_operation_request", "file_urls_request")
CLICKS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")


@dataclass(frozen=True)
class Request:
    """One websocket frame. `rerun` is what it says if it asks for a run of the script."""

    frame: bytes
    rerun: ClientState | None = None

    @property
    def is_look(self) -> bool:
        """Whether a timer asks, so that a part of the page shows what has changed since."""
        return self.rerun is not None and self.rerun.is_auto_rerun and bool(self.rerun.fragment_id)

    @property
    def fragment_id(self) -> str:
        """Which part of the page is to run; empty for all of it."""
        return self.rerun.fragment_id if self.rerun is not None else ""

    def replaces(self, earlier: Request) -> bool:
        """Whether nothing is lost if only this one is worked on, where `earlier` waits as well."""
        if self.rerun is None or earlier.rerun is None:
            return False
        new, old = self.rerun, earlier.rerun
        same_page = (new.page_script_hash, new.page_name) == (old.page_script_hash, old.page_name)
        covers = not new.fragment_id or new.fragment_id == old.fragment_id
        by_timer_only = new.is_auto_rerun and not old.is_auto_rerun
        has_click = any(map(_is_click, old.widget_states.widgets))
        return same_page and covers and not (by_timer_only or has_click or old.is_history_navigation)


def read(frame: bytes) -> Request | None:
    """The request in a frame, or `None` if it is one that the lab does not answer.

    What is no message at all is passed on: Streamlit ends the connection.
    """
    message = BackMsg()
    try:
        message.ParseFromString(frame)
    except DecodeError:
        return Request(frame)
    kind = message.WhichOneof("type")
    if kind not in ALLOWED:
        return None
    return Request(frame, message.rerun_script if kind == "rerun_script" else None)


def _is_click(state: WidgetState) -> bool:
    kind = state.WhichOneof("value")
    if kind not in CLICKS:
        return False
    value = getattr(state, kind)
    return bool(value.ListFields()) if isinstance(value, Message) else bool(value)
