"""What learners write, in LaTeX and HTML: it looks as it was meant, and does nothing."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fmnist_core.own_report.markdown import escaped, line_to_latex, refused_formulas, to_html, to_latex
from tests.own_report.latex_orders import DANGEROUS


@pytest.mark.parametrize(
    ("markdown", "latex"),
    [
        ("**bold** and *italic*", r"\textbf{bold} and \emph{italic}"),
        ("`code_x`", r"\texttt{code{\_}x}"),
        ("$e = mc^2$", "$e=mc^{2}$"),
        ("5 $ and 6 $", r"5 {\$} and 6 {\$}"),
        ("100 % & #1_2^3~{x}", r"100 {\%} {\&} {\#}1{\_}2{\textasciicircum}3{\textasciitilde}{\{}x{\}}"),
        ("\\input{/etc/passwd}", r"{\textbackslash}input{\{}/etc/passwd{\}}"),
        ("[here](https://example.org/a_b)", r"here (\texttt{https://example.org/a{\_}b})"),
        ("`--to` x,,y ''z'' ?`", "\\texttt{-{}-to} x,{},y '{}'z'{}' ?{}`"),
        ("- a list", "- a list"),
        ("2023. A year", "2023. A year"),
        ("# head", r"{\#} head"),
        ("~~struck~~", r"{\textasciitilde}{\textasciitilde}struck{\textasciitilde}{\textasciitilde}"),
        ("$\\input{x}$", r"\texttt{{\textbackslash}input{\{}x{\}}}"),
    ],
)
def test_each_form(markdown: str, latex: str):
    assert line_to_latex(markdown) == latex


def test_brackets_and_numbers_of_lists_are_no_orders():
    assert to_latex("- [x] done") == "\\begin{itemize}\n\\item{} [x] done\n\n\n\\end{itemize}\n"
    assert "\\setcounter{enumi}{2}\n\\item{} three" in to_latex("3. three\n4. four")
    nested = to_latex("- " * 8 + "x")
    assert nested.count("\\begin{itemize}") == nested.count("\\end{itemize}") == 4


def test_lists_and_quotations_have_their_environments():
    made = to_latex("- one\n- two\n\n1. first\n\n> said\n\n$$\\frac{a}{b}$$")
    for environment in ("itemize", "enumerate", "quote"):
        assert made.count(f"\\begin{{{environment}}}") == made.count(f"\\end{{{environment}}}") == 1
    assert r"\[\frac{a}{b}\]" in made


@given(st.text())
@example("\\write18{rm}")
@example("$\\def\\x{\\x}\\x$")
@example("^^5cinput{x}")
@example("$x ^^5cinput{y}$")
@example("$a$$b$ $$\\openout5$$")
@settings(max_examples=150)
def test_no_text_brings_a_command_of_its_own(text: str):
    made = to_latex(text)
    assert not set(re.findall(r"\\([A-Za-z]+)", made)) & DANGEROUS
    assert "^^" not in made


@given(st.text(max_size=200))
def test_words_lose_all_that_latex_takes_for_orders(text: str):
    assert not set(re.findall(r"\\([A-Za-z]+)", escaped(text))) & DANGEROUS


def test_formulas_that_stay_words_are_named_in_order():
    refused = refused_formulas(
        "One $x^$, a good $x^2$, **bold $a_b_c$**\n\n- $\\hat$\n\n$$\n\\input{x}\n$$\n"
    )
    assert [str(error).partition("”")[0] for error in refused] == ["“x^", "“a_b_c", "“\\hat", "“\\input{x}"]
    assert refused_formulas("5 $ and 6 $ or `$x^$` and $x_1$") == []


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![p](http://example.org/p.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,xx)",
        "$<b>$",
    ],
)
def test_html_has_nothing_of_the_learners(markdown: str):
    made = to_html(markdown)
    assert not re.search(r"<(?!/?(p|a|code|span|math|mrow|mi|mo)\b)", made)
    assert not re.search(r'href="(?!https?:)', made)
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", made)
