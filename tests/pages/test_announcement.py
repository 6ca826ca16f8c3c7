"""What is read out when a run begins, rests, fails: the words that its page hands to the live region."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.spec import read_spec
from pages.parts.base import services


def read_out(app: AppTest) -> list[str]:
    """What the page gives to the region, which reads it out if it is new."""
    given = [
        one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith("announcement")
    ]
    return [json.loads(proto.json)["text"] for proto in given]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("running", "mine: Training. Training has begun."),
        ("paused", "mine: Paused. Paused after batch 0 of"),
        ("stopped", "mine: Stopped. Stopped after batch 0"),
        ("failed", "mine: Failed. Failed, for a reason that was not recorded."),
    ],
)
def test_a_run_is_read_out_by_its_status(visit: Callable[..., AppTest], status: str, words: str):
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 1000, "epochs": 9})
    run_id = services.store().create_run(spec, "A" * 22, "mine", status=status)
    (text,) = read_out(visit("pages/lab/autoencoder.py", run=run_id))
    assert text.startswith(words)


def test_without_a_run_nothing_is_read_out(visit: Callable[..., AppTest]):
    assert read_out(visit("pages/lab/autoencoder.py")) == []
