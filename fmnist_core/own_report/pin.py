"""A pin: what a chart, a table or a row of pictures showed, kept with the runs behind it.

It holds its own data, so it stays whole when its runs are deleted.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, Self

from pydantic import BaseModel, model_validator

from fmnist_core.sentences import LabError, Sentence

Kind = Literal["chart", "table", "pictures"]
KINDS: tuple[Kind, ...] = ("chart", "table", "pictures")
MOST_BYTES = 1_000_000  # packed
MOST_UNPACKED = 40_000_000
LEGENDS, LEGEND = ("color", "strokeDash", "shape"), {"orient": "bottom", "title": None}
DAMAGED = Sentence("What this pin shows cannot be read any more. Delete it, and pin it again.")


class PinError(LabError):
    """Something that cannot be pinned, or shown."""


@dataclass(frozen=True)
class Content:
    """What is shown. Of a chart `data` has "spec", in Vega-Lite without data, and "rows"; of a table "heads"
    and "rows" of words; of pictures "png", files in base64, and "captions"."""

    kind: Kind
    data: Mapping[str, Any]

    def packed(self) -> bytes:
        """Raises `PinError` if it is too much."""
        packed = zlib.compress(json.dumps(finite(self.data), ensure_ascii=False).encode(), 6)
        if len(packed) > MOST_BYTES:
            raise PinError(
                Sentence(
                    "This is too much for one pin: {size} MB packed, where {most} fit.",
                    size=round(len(packed) / 1e6, 1),
                    most=MOST_BYTES // 1_000_000,
                )
            )
        return packed


class _Chart(BaseModel, strict=True):
    spec: dict[str, Any]
    rows: list[dict[str, Any]]


class _Table(BaseModel, strict=True):
    heads: list[str]
    rows: list[list[str]]


class _Pictures(BaseModel, strict=True):
    png: list[str]
    captions: list[str]

    @model_validator(mode="after")
    def _are_files_with_a_caption_each(self) -> Self:
        for file, _caption in zip(self.png, self.captions, strict=True):
            base64.b64decode(file, validate=True)
        return self


PARTS: dict[Kind, type[BaseModel]] = {"chart": _Chart, "table": _Table, "pictures": _Pictures}


def unpacked(kind: str, packed: bytes) -> Content:
    """What `Content.packed` made, with all its parts. Raises `PinError`."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, MOST_UNPACKED)
        data = json.loads(text)
        (known,) = (known for known in KINDS if known == kind)
        PARTS[known].model_validate(data)
    except (ValueError, zlib.error) as error:
        raise PinError(DAMAGED) from error
    return Content(known, data)


def chart(spec: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Content:
    """Pages draw legends of curves beside their charts, so here the chart gets its own."""
    return Content("chart", {"spec": with_legends(spec), "rows": list(rows)})


def with_legends(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same with a legend for whatever tells series apart and has none."""
    changed = dict(spec)
    encoding = {
        name: dict(channel) for name, channel in spec.get("encoding", {}).items() if isinstance(channel, dict)
    }
    for name in LEGENDS:
        channel = encoding.get(name, {})
        if channel.get("type") == "nominal" and channel.get("legend", LEGEND) is None:
            channel["legend"] = LEGEND
    if encoding:
        changed["encoding"] = {**spec["encoding"], **encoding}
    if "layer" in spec:
        changed["layer"] = [with_legends(layer) for layer in spec["layer"]]
    return changed


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Content:
    return Content("table", {"heads": list(heads), "rows": [list(row) for row in rows]})


def pictures(png: Sequence[bytes], captions: Sequence[str]) -> Content:
    files = [base64.b64encode(content).decode() for content in png]
    return Content("pictures", {"png": files, "captions": list(captions)})


def finite(value: Any) -> Any:
    """The same with `None` for numbers that JSON has no word for."""
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(name): finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value
