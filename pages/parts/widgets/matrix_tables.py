"""Confusion matrices as tables: precision, recall and F1 of each class, and the matrix itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from pages.parts.base.confusion import class_scores
from pages.parts.base.formatting import NONE, listed
from pages.parts.base.i18n import _
from pages.parts.widgets import chart
from pages.parts.widgets.figures_table import html_table


def scores_table(matrix: np.ndarray, names: Sequence[str]) -> str:
    """HTML: precision, recall and F1 of each class, and their means; a sentence on every dash."""
    scores = class_scores(matrix)
    columns = {_("Precision"): scores.precision, _("Recall"): scores.recall, "F1": scores.f1}
    body = [
        [name, *(_figure(column[k], ".1%") for column in columns.values())] for k, name in enumerate(names)
    ]
    defined = [column[~np.isnan(column)] for column in columns.values()]
    body.append(
        [_("Mean"), *(_figure(column.mean() if len(column) else np.nan, ".1%") for column in defined)]
    )
    never = [name for name, precision in zip(names, scores.precision, strict=True) if np.isnan(precision)]
    absent = [name for name, recall in zip(names, scores.recall, strict=True) if np.isnan(recall)]
    sentences = [
        _(
            "Precision: of the images taken for a class, the share that is of it. Recall: of the images of a "
            "class, the share that is taken for it. F1 is high only where both are."
        )
    ]
    if never:
        sentences.append(
            _("Never predicted, and so without a precision and left out of its mean: {names}.").format(
                names=listed(never)
            )
        )
    if absent:
        sentences.append(
            _("Without images, and so without a recall and left out of its mean: {names}.").format(
                names=listed(absent)
            )
        )
    heads = [_("Class"), *columns]
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return html_table(_("Precision, recall and F1 of each class"), heads, body) + paragraphs


def matrix_table(matrix: np.ndarray, names: Sequence[str], caption: str, number_format: str) -> str:
    """HTML: a row a true class, a column a predicted one, its numbers in one of d3's formats."""
    heads = [_("True class") + " \\ " + _("Predicted class"), *names]
    rows = zip(names, matrix.tolist(), strict=True)
    return html_table(
        caption, heads, [[name, *(chart.written(n, number_format) for n in row)] for name, row in rows]
    )


def _figure(value: float, number_format: str) -> str:
    return NONE if np.isnan(value) else chart.written(float(value), number_format)
