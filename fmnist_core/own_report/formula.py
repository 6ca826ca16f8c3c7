"""Formulas that a learner types: read by a grammar of their own, and written again so that they compile.

A formula may hold letters, numbers, signs and the commands of mathematics listed beside this module. What
comes out has braces around every argument, as LaTeX asks for, and nothing in it reads a file, writes one, or
defines anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from latex2mathml.converter import convert

from fmnist_core.sentences import LabError, Sentence

# Of amsmath and LaTeX itself.
COMMANDS = frozenset(Path(__file__).with_name("math_commands.txt").read_text("utf-8").split())
ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "binom"), 2),
    **dict.fromkeys(("hat", "tilde", "bar", "vec", "dot", "overline", "underline", "sqrt"), 1),
    **dict.fromkeys(("widehat", "widetilde"), 1),
    **dict.fromkeys(("boldsymbol", "mathbb", "mathbf", "mathcal", "mathit", "mathrm"), 1),
}
ACCENTS = frozenset({"hat", "tilde", "bar", "vec", "dot", "widehat", "widetilde"})
SIZES = frozenset({"big", "Big", "bigg", "Bigg"})
DELIMITERS = frozenset("()[]|./<>") | {
    *(rf"\{sign}" for sign in "{}|"),
    *(rf"\{side}{name}" for side in "lr" for name in ("angle", "floor", "ceil", "vert", "Vert")),
    *(r"\Vert", r"\lbrace", r"\rbrace"),
}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
SIGN = re.compile(r"[A-Za-z0-9+\-*/=<>()\[\]|,.;:!?]|\\[,;:! {}|%]")
BLANKS = re.compile(r"\s+")
WORDS = {
    "text": re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9\s+\-*/=()|,.;:!?']*"),
    "operatorname": re.compile(r"[A-Za-z0-9\s\-*]*", re.ASCII),
}
# As they are pasted from elsewhere.
PASTED = str.maketrans(
    {"−": "-", "·": r"\cdot ", "×": r"\times ", "≤": r"\le ", "≥": r"\ge ", "²": "^2", "³": "^3"}
)
LIMITS = frozenset({"det", "inf", "lim", "max", "min", "sup"})
NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
BESIDE = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
DEEPEST = 20  # of braces within braces
UNCLOSED = Sentence("a brace is missing, or \\left or \\right without the other")


class FormulaError(LabError):
    """Something between dollar signs that is no formula; it stays words."""


def to_latex(text: str) -> str:
    """The same formula with all its braces. Raises `FormulaError`."""
    return _Reader(TOKEN.findall(text.translate(PASTED)), text).formula()


def to_mathml(text: str, *, is_display: bool = False) -> str:
    """Raises `FormulaError`."""
    latex = to_latex(text)
    try:
        mathml: str = convert(
            latex.replace(r"\arg ", r"\operatorname{arg} "), display="block" if is_display else "inline"
        )
        return _with_limits(mathml) if is_display else mathml
    except Exception as error:  # the library's errors have no class in common
        raise FormulaError(Sentence("“{formula}” cannot be read.", formula=_short(text))) from error


def _with_limits(mathml: str) -> str:
    """What a formula on lines of its own has below and above a limit, the library sets beside it."""
    root = ElementTree.fromstring(mathml.replace(NAMESPACE, "", 1))
    for scripts in root.iter():
        if scripts.tag in BESIDE and scripts[0].tag == "mo" and scripts[0].text in LIMITS:
            scripts.tag = BESIDE[scripts.tag]
    return ElementTree.tostring(root, "unicode").replace("<math", f"<math{NAMESPACE}", 1)


@dataclass
class _Reader:
    """Recursive descent over the tokens of one formula; `text` is quoted when something is amiss."""

    tokens: list[str]
    text: str
    at: int = 0
    depth: int = 0
    accents: int = 0

    def formula(self) -> str:
        written = self._row()
        if self._next() is not None:
            raise self._amiss(UNCLOSED)
        if not written:
            raise self._amiss(Sentence("it is empty"))
        return written

    def _next(self) -> str | None:
        """The token to come, blanks passed over."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> str | None:
        token = self._next()
        self.at += 1
        return token

    def _row(self) -> str:
        """Up to what closes it, or to the end."""
        items = []
        while (token := self._next()) is not None and token not in ("}", r"\right"):
            items.append(self._item())
        return "".join(items)

    def _item(self) -> str:
        """Something with its primes, its index and its exponent."""
        written = "{}" if self._next() in ("^", "_", "'") else self._nucleus()
        primes = 0
        while self._next() == "'":
            primes += 1
            self.at += 1
        scripts: dict[str, str] = {}
        while (kind := self._next()) in ("^", "_", "'"):
            assert kind is not None
            self.at += 1
            if kind == "'" or kind in scripts:
                raise self._amiss(Sentence("two indices or two exponents follow one another; set braces"))
            scripts[kind] = self._argument(kind)
        if primes:
            scripts["^"] = r"\prime" * primes + " " + scripts.get("^", "")
        return written + "".join(f"{kind}{{{scripts[kind]}}}" for kind in ("_", "^") if kind in scripts)

    def _nucleus(self) -> str:
        token = self._take()
        assert token is not None
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._amiss(Sentence("too much stands within one another"))
        if token == "{":
            written = f"{{{self._row()}}}"
            if self._take() != "}":
                raise self._amiss(UNCLOSED)
        elif re.fullmatch(r"\\[A-Za-z]+", token):
            written = self._command(token)
        elif SIGN.fullmatch(token):
            written = token
        else:
            raise self._amiss(Sentence("“{sign}” is no sign of a formula here", sign=token))
        self.depth -= 1
        return written

    def _argument(self, of: str) -> str:
        """In braces, or one sign, or one command that needs none itself."""
        token = self._next()
        if token is None or token in ("}", "^", "_", "'", r"\right"):
            raise self._amiss(Sentence("something must follow {sign}, best in braces", sign=of))
        written = self._nucleus()
        return written[1:-1] if token == "{" else written

    def _command(self, token: str) -> str:
        name = token[1:]
        if name not in COMMANDS:
            raise self._amiss(Sentence("{command} is not among the commands of formulas here", command=token))
        if name in WORDS:
            return f"{token}{{{BLANKS.sub(' ', self._words(token))}}}"
        if name in SIZES:
            return f"{token}{self._delimiter(token)} "
        if name == "left":
            left, inside = self._delimiter(token), self._row()
            if self._take() != r"\right":
                raise self._amiss(UNCLOSED)
            right = self._delimiter(r"\right")
            return rf"\left{left} {inside}\right{right} "
        written = token
        self.accents += name in ACCENTS
        if name == "sqrt" and self._next() == "[":
            if self.accents:
                raise self._amiss(Sentence("a root with an index does not fit under an accent"))
            self.at += 1
            written += f"[{{{self._root()}}}]"
        for _argument in range(ARGUMENTS.get(name, 0)):
            written += f"{{{self._argument(token)}}}"
        self.accents -= name in ACCENTS
        return written if name in ARGUMENTS else f"{token} "

    def _root(self) -> str:
        items = []
        while self._next() not in (None, "]", "}", r"\right"):
            items.append(self._item())
        if self._take() != "]":
            raise self._amiss(Sentence("a bracket ] is missing"))
        return "".join(items)

    def _delimiter(self, of: str) -> str:
        token = self._take()
        if token not in DELIMITERS:
            raise self._amiss(Sentence("a bracket must follow {sign}", sign=of))
        return token

    def _words(self, of: str) -> str:
        """What stands in braces as words, blanks included."""
        if self._take() != "{":
            raise self._amiss(Sentence("something must follow {sign}, best in braces", sign=of))
        words = []
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            words.append(self.tokens[self.at])
            self.at += 1
        if self._take() is None:
            raise self._amiss(UNCLOSED)
        if not WORDS[of[1:]].fullmatch("".join(words)):
            raise self._amiss(Sentence("{command} takes plain words only", command=of))
        return "".join(words)

    def _amiss(self, what: Sentence) -> FormulaError:
        return FormulaError(
            Sentence("“{formula}” stays as it is typed: {what}.", formula=_short(self.text), what=what)
        )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
