"""Text that the lab wrote in one language, in another: words by the catalogues, numbers by their signs.

What no catalogue knows stays as it is, but for its numbers; so do names, which are nobody's to translate.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from textwrap import wrap

from fmnist_core.spec import LABELS
from pages.parts.base.i18n import SOURCE_LANGUAGE, catalogue_path, read_catalogue
from pages.parts.base.numerals import Signs, before_the_last, kept_together, listed, signs

# Where one text was put together of several, the widest joints first.
JOINTS = ("; ", " · ", " – ", " → ", " (", ": ", ", ", " ± ")
SENTENCE = re.compile(r"(?<=[.…]) ")  # one keeps its end
NUMBER = r"[\d.,−\-\N{NARROW NO-BREAK SPACE}e]+"
LISTED_NUMBER = re.compile(rf"{NUMBER}(?: (?:and|y|e) {NUMBER})?")
LETTERS = re.compile(r"[^\W\d_]{2,}")
LOOSE = 3  # letters by which a line may be longer than those that it replaces
TELLING = 8  # letters of a pattern, which no other text has by chance
MOST_WITHIN = 12  # texts within one another


@dataclass(frozen=True)
class Pattern:
    """A text with blanks, its longest piece, by which most texts are seen not to be it, and the other's.

    `letters` counts those that stand in it beside the blanks.
    """

    letters: int
    piece: str
    form: str
    other: str


@dataclass
class Telling:
    """From one language to another, numbers with the decimal sign of a third; `names` stay as they are."""

    source: str
    target: str
    numbers: str
    names: Collection[str] = ()
    _told: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def text(self, text: str) -> str:
        return self._words(text, 0)[0]

    def _words(self, text: str, depth: int) -> tuple[str, bool]:
        """The text told anew, and whether all of it was known."""
        if text not in self._told:
            self._told[text] = self._anew(text, depth)
        return self._told[text]

    def _anew(self, text: str, depth: int) -> tuple[str, bool]:
        if not text or text in self.names or text.removesuffix(".") in self.names:
            return text, True
        if self.source != self.target and (exact := self._exact(text)) is not None:
            return exact, True
        if not LETTERS.search(text) and not any(joint in text for joint in before_the_last(self.source)):
            return self._numbers(text), True
        if self.source != self.target and depth < MOST_WITHIN:
            partly = ""
            ways = (
                self._in_lines,
                self._marked,
                self._in_sentences,
                self._strongly,
                self._listed,
                self._jointed,
                self._weakly,
                self._measured,
            )
            for told, is_whole in chain.from_iterable(way(text, depth) for way in ways):
                if is_whole:
                    return told, True
                partly = partly or told
            if partly:
                return partly, False
        return self._numbers(text), False

    def _exact(self, text: str) -> str | None:
        exact, _patterns = memory(self.source, self.target)
        for end in ("", ".", ")"):
            if text.endswith(end) and (bare := self._together(text.removesuffix(end))) in exact:
                return exact[bare] + end
        other = exact.get(self._together(text[:1].upper() + text[1:]))  # as it stands within a sentence
        return None if other is None else other[:1].lower() + other[1:]

    def _strongly(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        for pattern, blanks in self._fitting(text):
            if pattern.letters >= TELLING:
                yield self._filled(pattern, blanks, depth)

    def _weakly(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """By patterns of few letters, whose blanks must all be known."""
        for pattern, blanks in self._fitting(text):
            told, is_whole = self._filled(pattern, blanks, depth)
            if is_whole:
                yield told, True

    def _fitting(self, text: str) -> Iterator[tuple[Pattern, dict[str, str]]]:
        together = self._together(text)
        for pattern in memory(self.source, self.target)[1]:
            if pattern.piece in together and (found := _compiled(pattern.form).fullmatch(together)):
                # Of the same length; but a name stays as it is.
                yield pattern, {name: text[slice(*found.span(name))] for name in found.groupdict()}

    def _filled(self, pattern: Pattern, blanks: dict[str, str], depth: int) -> tuple[str, bool]:
        told = {name: self._words(value, depth + 1) for name, value in blanks.items()}
        whole = "".join(piece + (told[name][0] if name else "") for piece, name in _pieces(pattern.other))
        return whole, all(known for _text, known in told.values())

    def _listed(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """Several, of which the last stands behind an *and*."""
        for joint in before_the_last(self.source):
            *others, last = self._apart(text, joint)
            if len(others) != 1:
                continue
            parts = [*self._apart(others[0], "; " if "; " in others[0] else ", "), last]
            told = [self._words(part, depth + 1) for part in parts]
            whole, is_whole = listed([part for part, _known in told], self.target), all(k for _p, k in told)
            if is_whole or whole != text:
                yield whole, is_whole

    def _jointed(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """A text put together of several; names are no joints."""
        comma = signs(self.numbers).decimal == ","
        for joint in JOINTS:
            other = joint
            parts = self._apart(text, joint)
            if len(parts) < 2:
                continue
            told = [self._words(part, depth + 1) for part in parts]
            if joint in (", ", "; ") and all(map(LISTED_NUMBER.fullmatch, parts)):
                other = "; " if comma and any("," in part for part, _known in told) else ", "
            whole = other.join(part for part, _known in told)
            is_whole = all(known for _part, known in told)
            if is_whole or whole != text:
                yield whole, is_whole

    def _in_lines(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """What a drawing has broken into lines, which may be several texts below one another."""
        lines = text.split("\n")
        for last in range(len(lines) if len(lines) > 1 else 0, 0, -1):
            above, below = lines[:last], "\n".join(lines[last:])
            told, is_known = self._words(" ".join(above), depth + 1)
            rest, are_known = self._words(below, depth + 1)
            if is_known:
                anew = wrap(told, max(map(len, above)) + LOOSE) if last > 1 else [told]
                yield "\n".join([*anew, *filter(None, [rest])]), are_known

    def _marked(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """A text with a sign before it, or a full stop or a bracket behind it."""
        if begin := re.match(r"[^\w\s(\[“«]+ ", text):
            told, is_known = self._words(text[begin.end() :], depth + 1)
            yield begin[0] + told, is_known
        if text.endswith((".", ")")):
            told, is_known = self._words(text[:-1], depth + 1)
            yield told + text[-1], is_known

    def _measured(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """A name, and its figure behind it."""
        if figure := re.fullmatch(rf"(.+?)( {NUMBER}(?:\s%)?)", text, re.DOTALL):
            told, is_known = self._words(figure[1], depth + 1)
            yield told + self._numbers(figure[2]), is_known

    def _in_sentences(self, text: str, depth: int) -> Iterator[tuple[str, bool]]:
        """What the first of several say, then the others; a text of the lab may be some of them."""
        for found in SENTENCE.finditer(text):
            first, is_known = self._words(text[: found.start()], depth + 1)
            others, are_known = self._words(text[found.end() :], depth + 1)
            if is_known or are_known:
                yield f"{first} {others}", is_known and are_known

    def _apart(self, text: str, joint: str) -> list[str]:
        """The parts between the joints that lie in no name."""
        parts, begin, held = [], 0, self._held(text)
        for found in re.finditer(re.escape(joint), text):
            if not any(start < found.end() and found.start() < end for start, end in held):
                parts.append(text[begin : found.start()])
                begin = found.end()
        return [*parts, text[begin:]]

    def _numbers(self, text: str) -> str:
        mine, other, held = signs(self.source), signs(self.numbers), self._held(text)

        def anew(found: re.Match[str]) -> str:
            if any(start < found.end() and found.start() < end for start, end in held):
                return found[0]
            return found[0].translate({ord(mine.decimal): other.decimal, ord(mine.group): other.group})

        return _figures(mine).sub(anew, text)

    def _together(self, text: str) -> str:
        """As a page writes it now, which it did not always."""
        return kept_together(text, self.source)

    def _held(self, text: str) -> list[tuple[int, int]]:
        """Where names stand."""
        return [found.span() for name in self.names for found in re.finditer(_whole(name), text)]


@cache
def _whole(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)" if name else r"(?!)"


@cache
def _figures(mine: Signs) -> re.Pattern[str]:
    """Numbers with a decimal sign, or with thousands apart; no versions, shapes or parts of words."""
    decimal, group = re.escape(mine.decimal), re.escape(mine.group)
    number = rf"\d{{1,3}}(?:{group}\d{{3}})+(?:{decimal}\d+)?|\d+{decimal}\d+(?:e[+\-−]?\d+)?"
    return re.compile(rf"(?<![\w.,])(?:{number})(?!\w|[.,]\d)")


@cache
def memory(source: str, target: str) -> tuple[dict[str, str], tuple[Pattern, ...]]:
    """What the catalogues know: whole texts, and those with blanks, the ones that say most first."""
    exact: dict[str, str] = {}
    patterns = []
    settings = set(map(str, LABELS.values()))  # come first where several are told alike
    for mine, other in sorted(_pairs(source, target), key=lambda pair: settings.isdisjoint(pair)):
        if all(name is None for _piece, name in _pieces(mine)):
            exact.setdefault(mine.replace("{{", "{").replace("}}", "}"), other)
        elif mine != other and LETTERS.search("".join(piece for piece, _name in _pieces(mine))):
            patterns.append(_pattern(mine, other))
    patterns.sort(key=lambda pattern: -pattern.letters)
    return exact, tuple(patterns)


def _pairs(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Each text of the lab in both languages."""
    other = target if source == SOURCE_LANGUAGE else source
    for message in read_catalogue(catalogue_path(other), other):
        ids = message.id if isinstance(message.id, list | tuple) else [message.id]
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        for english, translated in zip(ids, strings, strict=False):
            if english and translated:
                both = kept_together(english, SOURCE_LANGUAGE), kept_together(translated, other)
                yield both if source == SOURCE_LANGUAGE else both[::-1]


def _pattern(mine: str, other: str) -> Pattern:
    form, seen = "", set[str]()
    numbers = {name for _p, name, spec, _c in string.Formatter().parse(mine) if spec or name == "n"}
    for piece, name in _pieces(mine):
        form += re.escape(piece)
        if name is not None:
            blank = NUMBER if name in numbers else ".+?"
            form += f"(?P={name})" if name in seen else f"(?P<{name}>{blank})"
            seen.add(name)
    pieces = [piece for piece, _name in _pieces(mine)]
    letters = sum(map(len, LETTERS.findall(" ".join(pieces))))
    return Pattern(letters, max(pieces, key=len), form, other)


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """When first needed: to compile all takes a second."""
    return re.compile(form, re.DOTALL)


@cache
def _pieces(text: str) -> list[tuple[str, str | None]]:
    """The text before each blank, with the blank's name; there is none behind the last."""
    return [(piece, name) for piece, name, _spec, _conversion in string.Formatter().parse(text)]
