"""Formulas: whatever is let through compiles and has its MathML; whatever is not says what is amiss."""

import random
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fmnist_core.own_report.formula import COMMANDS, FormulaError, to_latex, to_mathml
from tests.own_report.latex_orders import DANGEROUS

DOCUMENT = r"""\documentclass{article}\usepackage{amsmath,amssymb}
\begin{document}
%s
\end{document}
"""
MATHML = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mpadded", "mstyle", "mfrac", "msqrt", "mroot",
    "mover", "munder", "munderover", "msub", "msup", "msubsup",
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("\\frac{1}{2}", "\\frac{1}{2}"),
        ("\\frac12", "\\frac{1}{2}"),
        ("x_1^2", "x_{1}^{2}"),
        ("x^2_1", "x_{1}^{2}"),
        ("x'^2", "x^{\\prime 2}"),
        ("x^\\frac12", "x^{\\frac{1}{2}}"),
        ("\\sum_{i=1}^n |y_i - t_i|", "\\sum _{i=1}^{n}|y_{i}-t_{i}|"),
        ("\\left( a \\right)_i", "\\left( a\\right) _{i}"),
        ("\\operatorname{softmax}(x)", "\\operatorname{softmax}(x)"),
        ("\\text{test loss} < 1", "\\text{test loss}<1"),
        ("\\sqrt[3]{x}", "\\sqrt[{3}]{x}"),
        ("\\%", "\\%"),
        ("\\text{a\n\nb\x0bc}", "\\text{a b c}"),
        ("\\text{época}", "\\text{época}"),
        ("3 × 10² − 1", "3\\times 10^{2}-1"),
        ("\\left\\lbrace x \\right\\rbrace", "\\left\\lbrace x\\right\\rbrace "),
        ("\\sqrt[\\hat{x}]{\\hat x}", "\\sqrt[{\\hat{x}}]{\\hat{x}}"),
    ],
)
def test_arguments_get_their_braces(typed: str, latex: str):
    assert to_latex(typed) == latex


@pytest.mark.parametrize(
    ("typed", "amiss"),
    [
        ("x^", "something must follow ^"),
        ("a_b_c", "two indices"),
        ("x^2'", "two indices"),
        ("\\frac", "something must follow \\frac"),
        ("\\hat", "something must follow \\hat"),
        ("\\frac{1}", "something must follow \\frac"),
        ("\\left( x \\right", "a bracket must follow \\right"),
        ("\\left( x", "a brace is missing"),
        ("x \\right)", "a brace is missing"),
        ("{x", "a brace is missing"),
        ("x}", "a brace is missing"),
        ("\\text{a", "a brace is missing"),
        ("\\text{a_b}", "takes plain words only"),
        ("\\sqrt[3", "a bracket ] is missing"),
        ("\\hat{\\sqrt[3]{x}}", "does not fit under an accent"),
        ("\\big x", "a bracket must follow \\big"),
        ("", "it is empty"),
        ("\\input{x}", "\\input is not among the commands"),
        ("\\def\\x{}", "\\def is not among"),
        ("\\operatorname{época}", "takes plain words only"),
        ("a & b", "“&” is no sign"),
        ("a \\\\ b", "is no sign"),
        ("é", "“é” is no sign"),
        ("#1", "“#” is no sign"),
        ("~", "“~” is no sign"),
        ("%", "“%” is no sign"),
        ("^^5c", "something must follow ^"),
        ("{" * 40 + "x" + "}" * 40, "too much stands within one another"),
        ("\\left(" * 5000, "too much stands within one another"),
        ("\\hat" * 5000, "too much stands within one another"),
        ("\\sqrt[" * 5000, "too much stands within one another"),
        ("x^{" * 5000, "too much stands within one another"),
    ],
)
def test_what_is_amiss_is_said(typed: str, amiss: str):
    with pytest.raises(FormulaError, match=re.escape(amiss)):
        to_latex(typed)
    with pytest.raises(FormulaError, match=re.escape(amiss)):
        to_mathml(typed)


def test_no_listed_command_reads_writes_or_defines():
    assert not COMMANDS & DANGEROUS


def typed_at_random(draw: random.Random) -> str:
    """Near to a formula, and seldom one."""
    pieces = {
        5: [f"\\{name} " for name in sorted(COMMANDS)],
        4: list("abxyn12"),
        3: list("^_'{}()[]|"),
        2: ["{a}", "{1+x}", "_{i}", "^{2}", "{}", *"+-=,<./*!?:"],
        1: [
            "\\text{época}",
            "\\operatorname{a-b*}",
            "\\,",
            "\\!",
            "\\{",
            "\\}",
            "\\|",
            "\\\\",
            "\\ ",
            "\\%",
            " ",
            "&",
            "~",
        ],
    }
    kinds = draw.choices(list(pieces), weights=list(pieces), k=draw.randint(1, 8))
    return "".join(draw.choice(pieces[kind]) for kind in kinds)


def let_through(count: int) -> list[str]:
    """So many of those that are read as formulas, from a fixed seed."""
    draw, formulas = random.Random(0), []
    while len(formulas) < count:
        try:
            formulas.append(to_latex(typed_at_random(draw)))
        except FormulaError:
            continue
    return formulas


@pytest.mark.slow
def test_whatever_is_let_through_compiles(tmp_path: Path, pdflatex):
    paragraphs = "\n\n".join(f"${formula}$" for formula in let_through(2000))
    (tmp_path / "all.tex").write_text(DOCUMENT % paragraphs)
    command = ["pdflatex", "-interaction=nonstopmode", "-file-line-error", "all.tex"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = (tmp_path / "all.log").read_text(errors="replace")
    assert re.findall(r"^\./all\.tex:\d+: .*|^! .*", log, re.MULTILINE) == []
    assert "Output written on all.pdf" in log


def test_whatever_is_let_through_has_its_mathml_and_nothing_else():
    for formula in let_through(1000):
        for is_display in (False, True):
            math = ElementTree.fromstring(to_mathml(formula, is_display=is_display))
            tags = {element.tag.partition("}")[2] for element in math.iter()}
            assert tags <= MATHML, formula


@pytest.mark.parametrize("name", sorted(COMMANDS - {"left", "right", "text", "operatorname"}))
def test_no_command_is_left_as_it_is_typed(name: str):
    typed = f"\\{name}" + ("(" if name.lower().startswith("big") and len(name) < 5 else "{x}{y}")
    assert f"\\{name}" not in re.sub('alttext="[^"]*"', "", to_mathml(typed))


@pytest.mark.parametrize("name", ["min", "max", "lim", "sup", "inf", "det"])
def test_limits_stand_below_and_above_where_a_formula_has_lines_of_its_own(name: str):
    for scripts, tag in (("_x", "munder"), ("^2", "mover"), ("_x^2", "munderover")):
        assert f"<{tag}><mo" in to_mathml(rf"\{name}{scripts} y", is_display=True)
        assert f"<{tag}>" not in to_mathml(rf"\{name}{scripts} y")
    assert "<msub>" in to_mathml(r"\min_x y_i", is_display=True), "an index stays one"
