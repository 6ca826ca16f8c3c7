"""The report of a run, or of several, to begin with: losses, what came out, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.events import Epoch
from fmnist_core.exports.exported_run import RESULTS, ExportedRun
from fmnist_core.exports.figure_code import Say, loss_label
from fmnist_core.exports.formats import FORMATS, Format
from fmnist_core.exports.manifest import provenance
from fmnist_core.own_report import pin
from fmnist_core.own_report.document import latex_files
from fmnist_core.own_report.pin import Content
from fmnist_core.own_report.report import Pin, Report
from fmnist_core.own_report.sections import USUAL, home_of_pins
from fmnist_core.replication.recipes.naming import LOSSES, OPTIMIZERS, decimal
from fmnist_core.sentences import Sentence, loss_text
from fmnist_core.spec import LABELS, SCALINGS, RunSpec
from fmnist_core.statistics.estimates import mean, standard_deviation

CURVES = {
    "train_loss_eval": Sentence("training"),
    "validation_loss": Sentence("validation"),
}
LEFT_OUT = ("task", "learning_rate_changes", "branch", "encoder")  # which are no short words


def run_latex(runs: Sequence[ExportedRun], say: Say, language: str) -> dict[str, bytes]:
    """The files of a report in LaTeX. Raises `PinError` if nothing can be drawn here."""
    return latex_files(run_report(runs, say), say, language, decimal_comma=language == "es")


def run_report(runs: Sequence[ExportedRun], say: Say) -> Report:
    """Of one run, or of several beside one another. It is nobody's, so it has neither code nor link."""
    contents = _of_one(runs[0], say) if len(runs) == 1 else _of_several(runs, say)
    title = runs[0].name if len(runs) == 1 else say(Sentence("Runs beside one another"))
    sources, now = tuple(provenance(run) for run in runs), datetime.now(UTC)
    pins = [
        Pin(str(number), home_of_pins(USUAL), say(caption), content, sources, now)
        for number, (caption, content) in enumerate(contents)
    ]
    return Report("", "", title, "", USUAL, {}, tuple(pins))


def _of_one(run: ExportedRun, say: Say) -> list[tuple[Sentence, Content]]:
    said = {"name": run.name, "seed": run.spec.seed}
    points = [
        {"x": epoch.epoch, "y": value, "series": say(name)}
        for field, name in CURVES.items()
        for epoch in run.epochs
        if (value := getattr(epoch, field)) is not None
    ]
    results = [[say(RESULTS[name]), say(loss_text(value))] for name, value in run.results.items()]
    heads = [say(Sentence("Figure")), say(Sentence("Value"))]
    return [
        (Sentence("Loss over the epochs. {name}, seed {seed}.", **said), _losses(run.spec, points, say)),
        (Sentence("On the test images. {name}, seed {seed}.", **said), pin.table(heads, results)),
        (Sentence("Settings of {name}.", name=run.name), _settings(_values(run.spec, say), say)),
    ]


def _of_several(runs: Sequence[ExportedRun], say: Say) -> list[tuple[Sentence, Content]]:
    """Runs that differ in their seed only are one row, with mean ± standard deviation, and one colour."""
    every = [_values(run.spec, say) for run in runs]
    differ = [name for name in LABELS if len({values.get(name) for values in every}) > 1 and name != "seed"]
    groups: dict[str, list[ExportedRun]] = {}
    for run in runs:
        groups.setdefault(run.spec.changed(seed=0).to_json(), []).append(run)
    values = {key: _values(alike[0].spec, say) for key, alike in groups.items()}
    words = {key: [values[key].get(name, "–") for name in differ] for key in groups}
    heads = [say(LABELS[name]) for name in differ]
    if len({*map(tuple, words.values())}) < len(words) or not differ:  # no short word tells them apart
        heads = [say(Sentence("Run")), *heads]
        words = {key: [alike[0].name, *words[key]] for key, alike in groups.items()}
    by = Sentence("Loss over the epochs, by: {legend}.", legend=", ".join(heads))
    charts = []
    for loss in dict.fromkeys(run.spec.loss for run in runs):
        drawn = [(words[key], run) for key in groups for run in groups[key] if run.spec.loss == loss]
        points = [
            {"x": epoch.epoch, "y": value, "series": ", ".join(words_of_run), "run": run.id}
            for words_of_run, run in drawn
            for epoch in run.epochs
            if (value := _unseen(epoch)) is not None
        ]
        charts.append((by, _losses(drawn[0][1].spec, points, say)))
    figures = [name for name in RESULTS if any(name in run.results for run in runs)]
    rows = []
    for key, alike in groups.items():
        means = [_mean([run.results.get(name) for run in alike], say) for name in figures]
        rows.append([*words[key], str(len(alike)), *means])
    heads += [say(Sentence("Seeds")), *(say(RESULTS[name]) for name in figures)]
    shared = {name: value for name, value in every[0].items() if name not in (*differ, "seed")}
    return [
        *charts,
        (Sentence("On the test images: mean ± standard deviation."), pin.table(heads, rows)),
        (Sentence("Settings that all runs share."), _settings(shared, say)),
    ]


def _unseen(epoch: Epoch) -> float | None:
    """The loss on images that it was not trained on, where there are some."""
    return epoch.train_loss_eval if epoch.validation_loss is None else epoch.validation_loss


def _mean(values: Sequence[float | None], say: Say) -> str:
    known = [value for value in values if value is not None]
    spread = f" ± {say(loss_text(standard_deviation(known)))}" if len(known) > 1 else ""
    return f"{say(loss_text(mean(known)))}{spread}" if known else "–"


def _losses(spec: RunSpec, points: Sequence[Mapping[str, Any]], say: Say) -> Content:
    """A line for each "series", in the order of the points, and, where there are several, each "run"."""
    channels: dict[str, Any] = {
        "x": {"field": "x", "type": "quantitative", "title": say(Sentence("Epoch")), "axis": {"grid": False}},
        "y": {
            "field": "y",
            "type": "quantitative",
            "title": say(loss_label(spec)),
            "scale": {"zero": False},
        },
    }
    for name in ("color", "strokeDash"):
        channels[name] = {"field": "series", "type": "nominal", "legend": None, "sort": None}
    if any("run" in point for point in points):
        channels["detail"] = {"field": "run", "type": "nominal"}
    return pin.chart({"mark": "line", "encoding": channels}, points)


def _settings(values: Mapping[str, str], say: Say) -> Content:
    rows = [[say(LABELS[name]), value] for name, value in values.items()]
    return pin.table([say(Sentence("Setting")), say(Sentence("Value"))], rows)


def _values(spec: RunSpec, say: Say) -> dict[str, str]:
    """Those of its settings that are short words, as they are read."""
    return {
        name: _word(name, value, say)
        for name, value in spec
        if name not in (*LEFT_OUT, *spec.lacks) and value is not None and value != ()
    }


def _word(name: str, value: Any, say: Say) -> str:
    match name, value:
        case ("architecture", _):
            return say(ARCHITECTURES[value].label)
        case ("loss", _):
            return say(LOSSES[value])
        case ("optimizer", _):
            return OPTIMIZERS[value]
        case ("scaling", _):
            return SCALINGS[value]
        case (_, bool()):
            return say(Sentence("on") if value else Sentence("off"))
        case (_, float()):
            return say(decimal(value))
        case (_, int()):
            return say(Sentence("{n:,}", n=value))
    return "–".join(map(str, value))


# All formats in which a run leaves the lab.
RUN_FORMATS = {
    **FORMATS,
    "latex": Format(
        Sentence("LaTeX"),
        Sentence("A report to begin with: losses, figures, settings."),
        run_latex,
    ),
}
