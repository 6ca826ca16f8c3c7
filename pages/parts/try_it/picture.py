"""A learner's own picture as HTML, sharp and of any size; nothing of it is left in the server's memory."""

from __future__ import annotations

from html import escape

import numpy as np

from pages.parts.widgets.mosaics import private_uri


def picture(pixels: np.ndarray, alt: str, width: int, height: int | None = None) -> str:
    """uint8 (rows, columns) or (rows, columns, 3); within `height`, if given, in its own proportions."""
    size = f"max-width:{width}px;max-height:{height}px" if height else f"width:{width}px"
    return f'<img src="{private_uri(np.ascontiguousarray(pixels))}" alt="{escape(alt)}" style="{size}">'
