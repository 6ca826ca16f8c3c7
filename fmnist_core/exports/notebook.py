"""The run as a Jupyter notebook."""

from __future__ import annotations

import nbformat
from nbformat import v4

from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.figure_code import Say
from fmnist_core.exports.pytorch_code import cells
from fmnist_core.sentences import Sentence

COLAB = "https://colab.research.google.com"
BADGE = f"[![Google Colab]({COLAB}/assets/colab-badge.svg)]({COLAB}/#upload=true)"
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(run: ExportedRun, say: Say) -> str:
    """As nbformat writes it, version 4; the cells' ids are their numbers, so the same run gives the same."""
    made = v4.new_notebook(metadata=KERNEL)
    for number, cell in enumerate(cells(run, say)):
        text = cell.text
        if number == 0:
            told = Sentence("The badge opens Google Colab, where this notebook can be uploaded and run.")
            text += f"\n\n{BADGE}\n\n{say(told)}"
        name = f"cell-{number}"
        if cell.kind == "code":
            made.cells.append(v4.new_code_cell(text, id=name))
        else:
            made.cells.append(v4.new_markdown_cell(text, id=name))
    nbformat.validate(made)
    written: str = nbformat.writes(made)
    return written + "\n"
