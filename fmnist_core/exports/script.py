"""The run as a Python script."""

from __future__ import annotations

import textwrap

from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.figure_code import Say
from fmnist_core.exports.pytorch_code import cells

WIDTH = 98


def script(run: ExportedRun, say: Say) -> str:
    """What a notebook says in words stands in comments."""
    parts = []
    for cell in cells(run, say):
        parts.append(cell.text if cell.kind == "code" else _comment(cell.text))
    return "\n\n".join(parts) + "\n"


def _comment(words: str) -> str:
    lines = []
    for paragraph in words.split("\n\n"):
        text = paragraph.lstrip("#").strip()
        lines += textwrap.wrap(text, WIDTH, break_long_words=False) or [""]
    return "\n".join(f"# {line}".rstrip() for line in lines)
