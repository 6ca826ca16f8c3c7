"""What a learner writes, from Markdown to LaTeX and to HTML: nothing in it is ever run or fetched.

Emphasis, lists, links, quotations, code and formulas. What stands between dollar signs and is no formula
stays words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pylatexenc.latexencode import UnicodeToLatexEncoder

from fmnist_core.own_report import formula
from fmnist_core.own_report.formula import FormulaError

# What is shown as one space, at which a line may end.
BREAKABLE = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")

# Two signs that TeX would make one of.
LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=,)(?=,)|(?<=')(?=')|(?<=`)(?=`)|(?<=[?!])(?=`)")


# A word of thousands of signs is broken where it need be: TeX cannot say how wide it is.
LONG_WORD, BREAK = re.compile(r"\S{50}(?=\S)"), "\ue000"


def to_latex(text: str) -> str:
    """The body of a LaTeX document."""
    if not text.strip():
        return ""
    blocks = _Blocks()
    return "".join(blocks.latex(token) for token in _parser().parse(text)).strip() + "\n"


def line_to_latex(text: str) -> str:
    """A caption or a question: a line, in which a dash or a number at its beginning makes no list."""
    (line,) = _parser().parseInline(BREAKABLE.sub(" ", text).strip())
    return _inline(line.children or ())


def to_html(text: str) -> str:
    """HTML without any that was written in it, without pictures, and with links to web pages only."""
    html: str = _parser().render(text)
    return html


def escaped(text: str) -> str:
    """Plain words in LaTeX: specials as they look, and a box for a sign that no font here has."""
    breakable = LONG_WORD.sub(rf"\g<0>{BREAK}", text.replace(BREAK, "\N{REPLACEMENT CHARACTER}"))
    words: str = _encoder().unicode_to_latex(breakable)
    return LIGATURE.sub("{}", words)


def refused_formulas(text: str) -> list[FormulaError]:
    """Why each stays words that stands between dollar signs and is no formula, in order."""
    refused = []
    for token in _tokens(_parser().parse(text)):
        if token.type.startswith("math"):
            try:
                formula.to_latex(token.content)
            except FormulaError as error:
                refused.append(error)
    return refused


def _tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or ())


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    parser.disable(["image", "table", "html_block", "html_inline", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, double_inline=False, renderer=_formula_in_html)
    return parser


def _formula_in_html(text: str, options: dict[str, Any]) -> str:
    try:
        return formula.to_mathml(text, is_display=bool(options.get("display_mode")))
    except FormulaError:
        return f"<code>{escape(text.strip())}</code>"


def _formula_in_latex(text: str, before: str, after: str) -> str:
    try:
        return f"{before}{formula.to_latex(text)}{after}"
    except FormulaError:
        return f"\\texttt{{{escaped(text.strip())}}}"


@cache
def _encoder() -> UnicodeToLatexEncoder:
    return UnicodeToLatexEncoder(
        unknown_char_policy=_box,
        unknown_char_warning=False,
        replacement_latex_protection="braces-all",
    )


def _box(sign: str) -> str:
    if sign == BREAK:
        return r"\hspace{0pt}"
    if sign == "\N{NARROW NO-BREAK SPACE}":  # between the thousands of a number
        return r"\,"
    return rf"\fbox{{\texttt{{\scriptsize U+{ord(sign):04X}}}}}"


ENVIRONMENTS = {"bullet_list": "itemize", "ordered_list": "enumerate", "blockquote": "quote"}
MOST_NESTED = 4  # LaTeX has no more lists within lists; what is deeper stands in the deepest
INLINE = {
    "strong_open": r"\textbf{",
    "strong_close": "}",
    "em_open": r"\emph{",
    "em_close": "}",
    "softbreak": "\n",
    "hardbreak": "\\\\{}\n",  # nor here a length
}


@dataclass
class _Blocks:
    """Paragraphs, lists and the like, from a list of tokens; `open` are the environments around them."""

    open: list[str] = field(default_factory=list)

    def latex(self, token: Token) -> str:
        kind, _, end = token.type.rpartition("_")
        if kind in ENVIRONMENTS:
            return self._begin(token, ENVIRONMENTS[kind]) if end == "open" else self._end()
        match token.type:
            case "inline":
                return _inline(token.children or ())
            case "paragraph_close":
                return "\n\n"
            case "list_item_open":
                return "\\item{} " if self.open[-1] else "\\par{} "  # a bracket behind an item were a label
            case "list_item_close":
                return "\n"
            case "heading_open":
                return "\\par\\medskip\\noindent\\textbf{"
            case "heading_close":
                return "}\\par{}\n"
            case "hr":
                return "\\par\\noindent\\rule{\\linewidth}{.4pt}\n\n"
            case "fence" | "code_block":
                lines = token.content.rstrip("\n").split("\n")
                return "".join(f"\\texttt{{{escaped(line)}}}\\\\{{}}\n" for line in lines) + "\n"
            case "math_block" | "math_block_label":
                return _formula_in_latex(token.content, "\\[", "\\]") + "\n\n"
        return ""

    def _begin(self, token: Token, name: str) -> str:
        self.open.append(name if sum(map(bool, self.open)) < MOST_NESTED else "")
        if not self.open[-1]:
            return ""
        begin, first = f"\\begin{{{name}}}\n", int(token.attrs.get("start", 1))
        if first != 1:
            counter = ("enumi", "enumii", "enumiii", "enumiv")[self.open.count("enumerate") - 1]
            begin += f"\\setcounter{{{counter}}}{{{first - 1}}}\n"
        return begin

    def _end(self) -> str:
        name = self.open.pop()
        return f"\\end{{{name}}}\n\n" if name else ""


def _inline(tokens: Sequence[Token]) -> str:
    words, address = "", ""
    for token in tokens:
        match token.type:
            case "text" | "text_special":
                words += escaped(token.content)
            case "code_inline":
                words += f"\\texttt{{{escaped(token.content)}}}"
            case "math_inline" | "math_inline_double":
                words += _formula_in_latex(token.content, "$", "$")
            case "link_open":
                address = str(token.attrs.get("href", ""))
            case "link_close":
                words += f" (\\texttt{{{escaped(address)}}})"
            case _:
                words += INLINE.get(token.type, "")
    return words
