"""What HTML of ours shows, read back from it for a report: tables as words, pictures with their captions."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
from PIL import Image, ImageDraw

from fmnist_core.own_report import pin
from fmnist_core.own_report.markdown import BREAKABLE
from pages.parts.widgets.mosaics import png

PNG = "data:image/png;base64,"
TILE, BETWEEN = 84, 6  # pixels of a picture in a report, and between two
A_LINE = ((3, 16), (24, 10), (10_000, 5))  # pictures in a line, by the longest of their captions
FRAME = (213, 94, 0)
LEADS_AWAY = "ways"  # the class of cells with links alone


def content(html: str) -> pin.Content:
    """What HTML of ours shows: its tables, below one another, or else its pictures with their captions."""
    seen = _Seen()
    seen.feed(html)
    seen.close()
    if seen.tables:
        return _table(seen.tables)
    return in_lines([figure.pixels() for figure in seen.figures], [figure.words for figure in seen.figures])


def in_lines(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> pin.Content:
    """Pictures of one width in as few lines as can be read, each under the captions of its pictures."""
    longest = max(map(len, captions), default=0)
    most = next(count for letters, count in A_LINE if longest <= letters)
    columns = min(most, max(len(pictures), 5))
    files, words = [], []
    for first in range(0, len(pictures), columns):
        tiles = [_tile(one) for one in pictures[first : first + columns]]
        height = max(tile.shape[0] for tile in tiles)
        line = np.zeros((height, columns * (TILE + BETWEEN) - BETWEEN, 4), np.uint8)
        for place, tile in enumerate(tiles):
            left = place * (TILE + BETWEEN)
            line[: tile.shape[0], left : left + TILE] = tile
        files.append(png(line))
        words.append(" · ".join(filter(None, captions[first : first + columns])))
    return pin.pictures(files, words)


def _tile(pixels: np.ndarray) -> np.ndarray:
    """As wide as every other, (rows, TILE, 4), its pixels sharp."""
    image = Image.fromarray(np.ascontiguousarray(pixels)).convert("RGBA")
    height = max(1, round(TILE * image.height / image.width))
    return np.asarray(image.resize((TILE, height), Image.Resampling.NEAREST))


def _table(tables: Sequence[_Table]) -> pin.Content:
    """One table of all; those that follow the first begin with a row that has their heads, or their caption.

    A column without a word leads elsewhere on the page, or draws what other columns say.
    """
    first, *others = tables
    rows = [first.heads or [first.caption if others else ""], *first.rows]
    for table in others:
        rows += [table.heads or [table.caption], *table.rows]
    columns = max(map(len, rows))
    whole = [[*row, *[""] * (columns - len(row))] for row in rows]
    said = [place for place in range(columns) if any(row[place] for row in whole[1:])]
    heads, *body = [[row[place] for place in said] for row in whole]
    return pin.table(heads, body)


@dataclass
class _Table:
    caption: str = ""
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class _Figure:
    """A picture, the words with it, and a frame in it: left, top, width and height in percent."""

    file: bytes
    words: str = ""
    frame: tuple[float, ...] = ()

    def pixels(self) -> np.ndarray:
        image = Image.open(io.BytesIO(self.file)).convert("RGBA")
        if len(self.frame) == 4:
            times = max(1, 252 // image.width)
            image = image.resize((times * image.width, times * image.height), Image.Resampling.NEAREST)
            left, top, width, height = self.frame
            corner = left * image.width / 100, top * image.height / 100
            size = width * image.width / 100, height * image.height / 100
            box = (*corner, corner[0] + size[0] - 1, corner[1] + size[1] - 1)
            ImageDraw.Draw(image).rectangle(box, outline=FRAME, width=6)
        return np.asarray(image)


class _Seen(HTMLParser):
    """Reads what `html_table`, `study`, mosaics and pictures write."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.figures: list[_Figure] = []
        self._text: list[str] = []
        self._row: list[str] = []
        self._spanned = 0  # rows that the cell of the first column still reaches into
        self._in_heads = self._in_figure = self._leads_away = False

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        match tag:
            case "table":
                self.tables.append(_Table())
            case "thead":
                self._in_heads = True
            case "tr":
                self._row = [""] if self._spanned else []
                self._spanned = max(0, self._spanned - 1)
            case "th" | "td":
                self._text, self._leads_away = [], LEADS_AWAY in given.get("class", "").split()
                if not self._row:
                    self._spanned = int(given.get("rowspan", 1)) - 1
            case "caption" | "figcaption":
                self._text = []
            case "br":
                self._text.append("; ")
            case "small":
                self._text.append(" (")
            case "figure":
                self._in_figure, self._text = True, []
            case "img" if given.get("src", "").startswith(PNG):
                self._picture(given)
            case "i" if self.figures and "left:" in given.get("style", ""):
                self.figures[-1].frame = tuple(map(float, re.findall(r":([\d.]+)%", given["style"])))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "thead":
                self._in_heads = False
            case "th" | "td" if not self._leads_away:
                self._row.append(self._words())
            case "tr" if self.tables:
                if self._in_heads:
                    self.tables[-1].heads = self._row
                else:
                    self.tables[-1].rows.append(self._row)
            case "caption" if self.tables:
                self.tables[-1].caption = self._words()
            case "small":
                self._text.append(")")
            case "span":
                self._text.append(" ")
            case "figcaption" | "div" if self._in_figure:  # below it stand further words, such as a ranking
                self._text.append("; ")
            case "figure" if self.figures:
                self.figures[-1].words, self._in_figure = self._words(), False

    def handle_data(self, data: str) -> None:
        if self._text[-1:] == [")"] and data.strip():  # another figure of the cell, below the first
            self._text.append("; ")
        self._text.append(data)

    def _picture(self, given: Mapping[str, str]) -> None:
        file = base64.b64decode(given["src"].removeprefix(PNG), validate=True)
        self.figures.append(_Figure(file, "" if self._in_figure else given.get("alt", "")))

    def _words(self) -> str:
        words = BREAKABLE.sub(" ", "".join(self._text).replace("()", "")).strip()
        return re.sub(r"( ?;)+", ";", words).removesuffix(";")
