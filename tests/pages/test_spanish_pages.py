"""Pages as a Spanish reader sees them: every figure with its comma, in texts, tables, options and metrics."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from tests.pages.inside_page import answer_here

PAGES = {
    "home": ("pages/learn/home.py", {}),
    "classes": ("pages/learn/data.py", {"view": "classes"}),
    "pixels": ("pages/learn/data.py", {"view": "pixels"}),
    "split": ("pages/learn/data.py", {"view": "split"}),
    "filters": ("pages/learn/convolution.py", {"part": "garment"}),
    "pooling": ("pages/learn/convolution.py", {"part": "pooling"}),
    "moved": ("pages/learn/convolution.py", {"part": "shift"}),
    "forward": ("pages/learn/training_step.py", {"part": "forward"}),
    "gradient": ("pages/learn/training_step.py", {"part": "gradient"}),
    "update": ("pages/learn/training_step.py", {"part": "update"}),
    "batches": ("pages/learn/training_step.py", {"part": "batches"}),
    "dropout": ("pages/learn/training_step.py", {"part": "dropout"}),
    "against": ("pages/learn/against.py", {}),
    "luck": ("pages/learn/luck.py", {}),
    "missing_setting": ("pages/learn/missing_setting.py", {}),
    "missing_setting_answered": (
        "pages/learn/missing_setting.py",
        {"tried": "momentum,batch-64", "said": "standard"},
    ),
    "autoencoder": ("pages/lab/autoencoder.py", {}),
    "classifier": ("pages/lab/classifier.py", {}),
    "sweep": ("pages/lab/sweep.py", {"as_vary": "dropout"}),
    "transfer": ("pages/lab/transfer.py", {}),
    "layers": ("pages/inside/layers.py", {}),
    "latent space": ("pages/inside/latent_space.py", {}),
    "mistakes": ("pages/inside/mistakes.py", {}),
    "R1": ("pages/results/reports.py", {"report": "R1"}),
    "R3": ("pages/results/reports.py", {"report": "R3"}),
    "R4": ("pages/results/reports.py", {"report": "R4"}),
    "C16": ("pages/results/claims.py", {"claim": "C16"}),
    "claims": ("pages/results/claims.py", {}),
    "C21": ("pages/results/claims.py", {"claim": "C21"}),
}
# What a browser does not show: names of elements, scripts, styles, addresses, numbers for a machine.
UNSHOWN = {
    "id",
    "form_id",
    "url",
    "url_path_name",
    "page_script_hash",
    "spec",
    "css_content",
    "js_content",
    "arrow_data",
    "format",
    "code_text",  # the lab's source, as it stands
}
TAG = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
POINT = re.compile(
    r"(?<![\w/.:-])\d+\.\d+(?![\w/]|\.\d)|\d,\d{3} (imágenes|parámetros|lotes|etiquetas|prendas)"
)


@pytest.mark.parametrize("name", PAGES)
def test_no_figure_has_a_point(visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, name: str):
    answer_here(monkeypatch)
    page, address = PAGES[name]
    shown = list(texts(visit(page, lang="es", **address)))
    assert len(shown) > 10
    assert [
        text[max(0, match.start() - 60) : match.end() + 60]
        for text in shown
        for match in POINT.finditer(text)
    ] == []


def test_the_check_sees_points(visit: Callable[..., AppTest]):
    page, address = PAGES["C21"]
    assert any(POINT.search(text) for text in texts(visit(page, lang="en", **address)))


def texts(app: AppTest) -> Iterator[str]:
    """Everything that the elements of a page hold to be read; HTML without its tags."""
    for element in app._tree:
        if isinstance(proto := getattr(element, "proto", None), Message):
            yield from (TAG.sub(" ", text) for text in _texts(proto))


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in UNSHOWN:
            continue
        values: list[Any] = list(value) if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in values:
                if isinstance(inner, Message):
                    yield from _texts(inner)
        elif field.type == FieldDescriptor.TYPE_STRING:
            yield from values
