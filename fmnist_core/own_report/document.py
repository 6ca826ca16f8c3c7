"""What a report becomes when it leaves the lab: files for LaTeX, or one page of HTML."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fmnist_core.exports.figure_code import Say
from fmnist_core.own_report.drawing import drawn
from fmnist_core.own_report.markdown import escaped, line_to_latex, to_html, to_latex
from fmnist_core.own_report.pin import DAMAGED, Content
from fmnist_core.own_report.references import references
from fmnist_core.own_report.report import Pin, Report
from fmnist_core.own_report.sections import ABSTRACT, ANSWERS, SECTIONS
from fmnist_core.sentences import LabError, Sentence

MOST_PAGES = 4
BABEL = {"en": "english", "es": "spanish,es-noshorthands"}
CONTINUED = Sentence("Continued.")
UNTITLED = Sentence("Untitled report")
COMPILE_SECONDS = 60.0
LONGEST_CAPTION = 1200  # characters, some twenty lines of a column
MOST_LINES = 40  # of a table in a column, below a caption that may be long
FITTING, LONGEST_WORDS = 52, 24  # characters: across a column of text, and of a cell on one line


class CompileError(LabError):
    """pdflatex makes no pages of a report; its files are whole."""


def latex_files(report: Report, say: Say, language: str, decimal_comma: bool) -> dict[str, bytes]:
    """By name: report.tex, references.bib, figures as PDF and SVG, garments as PNG at their own pixels.

    Raises `PinError` if a chart cannot be drawn.
    """
    files, figures = _figures(report, ("pdf", "svg"), decimal_comma)
    sections = [
        {
            "title": escaped(say(SECTIONS[name])),
            "text": to_latex(report.text(name).text),
            "is_abstract": name == ABSTRACT,
            "figures": [_in_latex(pin, figures.get(pin.id, []), say) for pin in report.pins_of(name)],
        }
        for name in report.filled_sections
    ]
    tex = (
        _environment()
        .get_template("report.tex")
        .render(
            babel=BABEL.get(language, "english"),
            title=escaped(report.title or say(UNTITLED)),
            authors=escaped(report.authors),
            sections=sections,
            answers_title=escaped(say(ANSWERS)),
            answers=[(line_to_latex(a.heading), to_latex(a.text)) for a in report.answers],
        )
    )
    bib = references(run["spec"] for pin in report.pins for run in pin.runs if "spec" in run)
    return {"report.tex": tex.encode(), "references.bib": bib.encode(), **files}


def html_page(report: Report, say: Say, language: str, decimal_comma: bool) -> bytes:
    """One page that holds all of it. Raises `PinError`."""
    files, figures = _figures(report, ("svg",), decimal_comma)
    page = (
        _environment(html=True)
        .get_template("report.html")
        .render(
            language=language,
            title=report.title or say(UNTITLED),
            authors=report.authors,
            sections=[
                {
                    "title": say(SECTIONS[name]),
                    "text": to_html(report.text(name).text),
                    "figures": [
                        _in_html(pin, figures.get(pin.id, []), files, say) for pin in report.pins_of(name)
                    ],
                }
                for name in report.filled_sections
            ],
            answers_title=say(ANSWERS),
            answers=[(a.heading, to_html(a.text)) for a in report.answers],
        )
    )
    return page.encode()


def page_count(files: Mapping[str, bytes]) -> int | None:
    """How many pages pdflatex makes of them; `None` where there is none. Raises `CompileError`."""
    if shutil.which("pdflatex") is None:
        return None
    try:
        with tempfile.TemporaryDirectory() as name:
            return _compiled_pages(files, Path(name))
    except OSError as error:
        raise CompileError(
            Sentence(
                "The pages could not be counted ({why}). The file holds the whole report: save it.",
                why=error.strerror or type(error).__name__,
            )
        ) from error


def _compiled_pages(files: Mapping[str, bytes], folder: Path) -> int:
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    try:
        for command in (PDFLATEX, ["bibtex", "report"], PDFLATEX, PDFLATEX):
            subprocess.run(
                command, cwd=folder, capture_output=True, timeout=COMPILE_SECONDS, check=command is PDFLATEX
            )
    except subprocess.TimeoutExpired as error:
        raise CompileError(Sentence("pdflatex was not done after {n} seconds.", n=COMPILE_SECONDS)) from error
    except subprocess.SubprocessError as error:
        raise CompileError(_stopped(_log(folder))) from error
    written = re.search(r"Output written on report\.pdf \((\d+) page", _log(folder).replace("\n", ""))
    if not written:
        raise CompileError(_stopped(_log(folder)))
    return int(written[1])


def _log(folder: Path) -> str:
    log = folder / "report.log"
    return log.read_text(errors="replace") if log.exists() else ""


def _stopped(log: str) -> Sentence:
    line = re.search(r"^l\.(\d+) ", log, re.MULTILINE)
    reason = re.search(r"^! (.*)", log, re.MULTILINE)
    if not (line and reason):
        return Sentence(
            "pdflatex stops, and its log does not say where. The file holds the whole report: save it, and "
            "see on another computer whether it compiles there."
        )
    return Sentence(
        "pdflatex stops at line {line} of report.tex ({reason}). The file holds the whole report: save it, "
        "and mend that line.",
        line=int(line[1]),
        reason=reason[1].rstrip(".")[:100],
    )


# It may start no program, and read and write nothing but what lies beside it.
PDFLATEX = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]


def _figures(
    report: Report, formats: Sequence[str], decimal_comma: bool
) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Files by name, and for each pin those that belong to it, the one to be shown in each format first."""
    charts = [pin for pin in report.pins if pin.content is not None and pin.content.kind == "chart"]
    pictures = drawn([_with_signs(pin.content, decimal_comma) for pin in charts if pin.content], formats)
    files: dict[str, bytes] = {}
    of_pin: dict[str, list[str]] = {}
    numbers = {pin.id: number for number, pin in enumerate(report.pins, 1)}
    for pin, made in zip(charts, pictures, strict=True):
        for name, content in made.items():
            files[f"figures/{numbers[pin.id]}.{name}"] = content
        of_pin[pin.id] = [f"figures/{numbers[pin.id]}.{formats[0]}"] if made else []
    for pin in report.pins:
        if pin.content is not None and pin.content.kind == "pictures":
            for k, file in enumerate(pin.content.data["png"], 1):
                name = f"figures/{numbers[pin.id]}-{k}.png"
                files[name] = base64.b64decode(file)
                of_pin.setdefault(pin.id, []).append(name)
    return files, of_pin


def _with_signs(chart: Content, decimal_comma: bool) -> Content:
    """The chart with the decimal sign that the report has."""
    spec = dict(chart.data["spec"])
    config = dict(spec.get("config", {}))
    number = dict(config.get("locale", {}).get("number", {}))
    number |= {"decimal": ",", "thousands": " "} if decimal_comma else {"decimal": ".", "thousands": ","}
    number = {"grouping": [3], "currency": ["", ""], "percent": "\N{NO-BREAK SPACE}%", **number}
    spec["config"] = {**config, "locale": {"number": number}}
    return Content(chart.kind, {**chart.data, "spec": spec})


def _in_latex(pin: Pin, files: Sequence[str], say: Say) -> dict[str, Any]:
    caption, rest = _cut(pin.caption)
    shown = {"caption": line_to_latex(caption), "rest": to_latex(rest)}
    if pin.content is None or (pin.content.kind == "chart" and not files):
        return {**shown, "kind": "gone", "gone": escaped(say(DAMAGED))}
    if pin.content.kind == "table":
        heads, rows = pin.content.data["heads"], pin.content.data["rows"]
        return {
            **shown,
            "kind": "table",
            "columns": _columns(heads, rows),
            # Behind a rule or a row's end a bracket would be a length.
            "heads": "{}" + " & ".join(escaped(head) for head in heads),
            "pages": [
                ["{}" + " & ".join(escaped(cell) for cell in row) for row in some] for some in _pages(rows)
            ],
            "continued": escaped(say(CONTINUED)),
        }
    files_and_words = [(file, escaped(words)) for file, words in _worded(pin.content, files)]
    return {**shown, "kind": pin.content.kind, "files": files_and_words}


def _pages(rows: Sequence[Sequence[str]]) -> list[list[Sequence[str]]]:
    """The rows of a table in as many tables as there must be: one breaks over no page."""
    pages: list[list[Sequence[str]]] = [[]]
    left = MOST_LINES
    for row in rows:
        lines = max((ceil(len(cell) / LONGEST_WORDS) for cell in row), default=1)
        if lines > left and pages[-1]:
            pages.append([])
            left = MOST_LINES
        pages[-1].append(row)
        left -= lines
    return pages


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Where a table would be far wider than its place, columns of whole sentences break their lines."""
    cells = [max((len(row[k]) for row in rows if k < len(row)), default=0) for k in range(len(heads))]
    widths = [max(len(head), width) for head, width in zip(heads, cells, strict=True)]
    long = [width > LONGEST_WORDS for width in widths]
    if sum(widths) <= FITTING or not any(long):
        return "l" + "r" * (len(heads) - 1)
    free = FITTING - sum(width + 2 for width, is_long in zip(widths, long, strict=True) if not is_long)
    share = max(LONGEST_WORDS, free / sum(long)) / FITTING
    columns = ""
    for place, is_long in enumerate(long):
        is_left = place == 0 or cells[place] > LONGEST_WORDS
        side = "raggedright" if is_left else "raggedleft"
        broken = rf">{{\{side}\arraybackslash}}p{{{share:.2f}\linewidth}}"
        columns += broken if is_long else ("r" if place else "l")
    return columns


def _worded(content: Content, files: Sequence[str]) -> list[tuple[str, str]]:
    """The files of a pin, each with the words above it; a chart has none."""
    words = content.data.get("captions", [""] * len(files))
    return list(zip(files, map(str, words), strict=True))


def _cut(caption: str) -> tuple[str, str]:
    """What fits below a figure, and the rest, which stands behind it as text: a float breaks over no page."""
    if len(caption) <= LONGEST_CAPTION:
        return caption, ""
    place = max(caption.rfind(" ", 0, LONGEST_CAPTION), caption.rfind("\n", 0, LONGEST_CAPTION))
    place = place if place > 0 else LONGEST_CAPTION
    return f"{caption[:place]} …", f"… {caption[place:].lstrip()}"


def _in_html(pin: Pin, files: Sequence[str], content: Mapping[str, bytes], say: Say) -> dict[str, Any]:
    shown: dict[str, Any] = {"caption": to_html(pin.caption), "kind": "gone", "gone": say(DAMAGED)}
    if pin.content is None or (pin.content.kind == "chart" and not files):
        return shown
    shown["kind"] = pin.content.kind
    if pin.content.kind == "table":
        return {**shown, **pin.content.data}
    kind = "image/svg+xml" if pin.content.kind == "chart" else "image/png"
    uris = [
        (f"data:{kind};base64,{base64.b64encode(content[file]).decode()}", words)
        for file, words in _worded(pin.content, files)
    ]
    return {**shown, "images": uris}


@cache
def _environment(html: bool = False) -> Environment:
    """In LaTeX braces and percent signs have meanings of their own, so Jinja has other marks there."""
    variable, block, comment = ("{{", "{%", "{#") if html else ("<<", "<%", "<#")
    opposite = str.maketrans("{<", "}>")
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string=variable,
        variable_end_string=variable.translate(opposite),
        block_start_string=block,
        block_end_string=block[::-1].translate(opposite),
        comment_start_string=comment,
        comment_end_string=comment[::-1].translate(opposite),
    )
