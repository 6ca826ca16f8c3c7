"""The report of one run, to begin with: its losses, its settings, what came out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fmnist_core.exports.exported_run import RESULTS, ExportedRun
from fmnist_core.exports.figure_code import Say, loss_label
from fmnist_core.exports.formats import FORMATS, Format
from fmnist_core.exports.manifest import provenance
from fmnist_core.own_report import pin
from fmnist_core.own_report.document import latex_files
from fmnist_core.own_report.pin import Content
from fmnist_core.own_report.reports import Pin, Report
from fmnist_core.own_report.sections import USUAL, home_of_pins
from fmnist_core.sentences import Sentence
from fmnist_core.spec import LABELS

CURVES = {
    "train_loss_eval": Sentence("Training"),
    "validation_loss": Sentence("Validation"),
}
LEFT_OUT = ("task", "learning_rate_changes", "branch", "encoder")  # which are no short words


def run_latex(run: ExportedRun, say: Say, language: str) -> dict[str, bytes]:
    """The files of a report in LaTeX. Raises `PinError` if nothing can be drawn here."""
    return latex_files(run_report(run, say), say, language, decimal_comma=language == "es")


def run_report(run: ExportedRun, say: Say) -> Report:
    """It is nobody's, so it has neither code nor link."""
    seed = run.spec.seed
    contents = [
        (_losses(run, say), Sentence("Loss over the epochs. {name}, seed {seed}.", name=run.name, seed=seed)),
        (_results(run, say), Sentence("On the test images. {name}, seed {seed}.", name=run.name, seed=seed)),
        (_settings(run, say), Sentence("Settings of {name}.", name=run.name)),
    ]
    source, now = provenance(run), datetime.now(UTC)
    pins = [
        Pin(str(number), home_of_pins(USUAL), say(caption), content, (source,), now)
        for number, (content, caption) in enumerate(contents)
    ]
    return Report("", "", run.name, "", USUAL, {}, tuple(pins))


def _losses(run: ExportedRun, say: Say) -> Content:
    rows = [
        {"x": epoch.epoch, "y": value, "series": say(name)}
        for field, name in CURVES.items()
        for epoch in run.epochs
        if (value := getattr(epoch, field)) is not None
    ]
    channels: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative", "title": say(Sentence("Epoch")), "axis": {"grid": False}},
        "y": {
            "field": "y",
            "type": "quantitative",
            "title": say(loss_label(run.spec)),
            "scale": {"zero": False},
        },
    }
    for name in ("color", "strokeDash"):
        channels[name] = {"field": "series", "type": "nominal", "legend": None}
    return pin.chart({"mark": "line", "encoding": channels}, rows)


def _results(run: ExportedRun, say: Say) -> Content:
    rows = [[say(RESULTS[name]), f"{value:.4f}"] for name, value in run.results.items()]
    return pin.table([say(Sentence("Figure")), say(Sentence("Value"))], rows)


def _settings(run: ExportedRun, say: Say) -> Content:
    values = run.spec.model_dump(mode="json", exclude=set(LEFT_OUT), exclude_none=True)
    rows = [[say(LABELS[name]), _written(value)] for name, value in values.items()]
    return pin.table([say(Sentence("Setting")), say(Sentence("Value"))], rows)


def _written(value: object) -> str:
    return "–".join(map(str, value)) if isinstance(value, list) else str(value)


# All formats in which a run leaves the lab.
RUN_FORMATS = {
    **FORMATS,
    "latex": Format(
        Sentence("LaTeX"),
        Sentence("A report of this run to begin with: losses, figures, settings."),
        run_latex,
    ),
}
