"""Reports as files: they compile, hold what the page shows, and bear whatever is typed."""

import errno
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from fmnist_core.own_report import document, pin
from fmnist_core.own_report.document import CompileError, html_page, latex_files, page_count
from fmnist_core.own_report.drawing import whole
from fmnist_core.own_report.pin import LEGEND, Content
from fmnist_core.own_report.report import answer_key
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.spec import read_spec
from pages.parts.base.i18n import phrase
from pages.parts.results.network_drawing import network_chart, operations, shape_words

pytestmark = pytest.mark.slow
FORMULAS = "$x^$ $a_b_c$ $\\frac$ $\\hat$ $\\left( x \\right$ $x^2'$ $\\text{a_b}$ $$ \\sqrt[3 $$"
ORDERS = "\\input{/etc/passwd} \\write18{ls} % & # _ ^ ~ {} $ $$ ^^5c $^^5cinput{x}$ <b> "
BRACKETS = "- [x] done\n- [0.1] rates\n\na\\\n[2] b\\\n*c\n\n```\n[code]\n```\n\n[2] more"
NASTY = ORDERS + "ñ ü € ≤ → α 😀 日本 \u202e \u0000 " + "x" * 500
SPEC = {"architecture": "conv_autoencoder", "optimizer": "adam", "dropout": 0.1}
EXPORT_SECONDS = 5.0


def spanish(sentence) -> str:
    return sentence.translated(lambda text: phrase(text, "es"))


@pytest.fixture
def mine(store) -> OwnReport:
    return OwnReport(store, "ana")


def compiled(files: dict[str, bytes]) -> int:
    pages = page_count(files)
    assert pages is not None, "it does not compile"
    return pages


def test_it_compiles_whatever_was_typed(mine, curve, table, garments, pdflatex):
    mine.retitle("title", NASTY, "")
    mine.retitle("authors", NASTY, "")
    for content in (curve, table, garments):
        mine.pin(content, NASTY, [{"id": "r", "spec": SPEC}])
    mine.write("abstract", NASTY, 0)
    mine.write("theory", f"- {NASTY}\n- $\\frac{{1}}{{2}}$\n\n> {NASTY}\n\n    {NASTY}\n\n$$ x_1 $$", 0)
    mine.write("results", f"{FORMULAS}\n\n$$\na_b_c\n$$\n\n$$\n\\frac{{1}}\n\n2\n$$", 0)
    brackets = (
        "- [x] done\n- [0.1, 0.2] rates\n\nfirst\\\n[2] second\\\n*starred\n\n```\n[code]\n```\n\n[2] more"
    )
    mine.write("introduction", brackets, 0)
    mine.write("discussion", "word " * 2000, 0)
    for language, say in (("en", str), ("es", spanish)):
        assert compiled(latex_files(mine.read(), say, language, language == "es")) >= 2


def test_it_holds_every_pin_with_its_caption(mine, curve, table, garments, pdflatex):
    for number, content in enumerate((curve, table, garments), 1):
        mine.pin(content, f"Caption number {number}", [{"id": "r", "spec": SPEC}])
    files = latex_files(mine.read(), str, "en", False)
    tex = files["report.tex"].decode()
    assert [int(n) for n in re.findall(r"Caption number (\d)", tex)] == [1, 2, 3]
    assert re.findall(r"\\includegraphics\[.*?\]\{(.*?)\}", tex) == [
        "figures/1.pdf",
        "figures/3-1.png",
        "figures/3-2.png",
    ]
    assert set(files) >= {"figures/1.pdf", "figures/1.svg", "figures/3-1.png", "figures/3-2.png"}
    assert "\\toprule" in tex
    bib = files["references.bib"].decode()
    assert {"xiao2017fashion", "kingma2015adam", "srivastava2014dropout"} <= set(
        re.findall(r"@\w+\{(\w+)", bib)
    )
    assert compiled(files) == 1


def test_a_report_of_eight_pins_is_made_in_time(mine, curve, table, garments):
    for content in (curve, curve, curve, curve, table, table, garments, garments):
        mine.pin(content, "a caption", [])
    report = mine.read()
    began = time.perf_counter()
    files = latex_files(report, str, "en", False)
    assert time.perf_counter() - began < EXPORT_SECONDS
    assert len([name for name in files if name.endswith(".pdf")]) == 4


def test_a_chart_is_that_of_the_page(curve: Content):
    drawn = whole(curve)
    assert drawn["data"] == {"values": curve.data["rows"]}
    assert drawn["layer"] == curve.data["spec"]["layer"]
    (layer,) = drawn["layer"]
    assert layer["encoding"]["color"]["legend"] == LEGEND, "which the page draws beside it"
    assert "legend" not in layer["encoding"]["y"]


@pytest.mark.parametrize(("comma", "written"), [(True, "0,5"), (False, "0.5")])
def test_charts_have_the_decimal_sign_of_the_report(mine, comma: bool, written: str):
    axis = {"axis": {"format": ".1f", "values": [0.5]}}
    channels = {name: {"field": name, "type": "quantitative", **axis} for name in "xy"}
    mine.pin(
        Content("chart", {"spec": {"mark": "point", "encoding": channels}, "rows": [{"x": 0.5, "y": 0.5}]}),
        "",
        [],
    )
    svg = latex_files(mine.read(), str, "en", comma)["figures/1.svg"].decode()
    assert svg.count(f">{written}<") == 2


def test_a_chart_that_cannot_be_drawn_harms_no_other(mine, curve, pdflatex):
    broken = Content("chart", {"spec": {"mark": "no such", "encoding": {}}, "rows": []})
    mine.pin(broken, "broken", [])
    mine.pin(curve, "whole", [])
    files = latex_files(mine.read(), str, "en", False)
    assert "cannot be read any more" in files["report.tex"].decode()
    assert "figures/2.pdf" in files
    assert compiled(files) == 1


def test_a_chart_fetches_nothing(mine, tmp_path: Path):
    (tmp_path / "secret.csv").write_text("x\n1\n")
    for url in ("http://127.0.0.1:9/x.csv", (tmp_path / "secret.csv").as_uri()):
        spec = {"layer": [{"data": {"url": url}, "mark": "text", "encoding": {"text": {"field": "x"}}}]}
        mine.pin(Content("chart", {"spec": spec, "rows": []}), "", [])
    files = latex_files(mine.read(), str, "en", False)
    assert not any(b">1<" in content for content in files.values())


def test_one_page_of_html_holds_all_and_fetches_nothing(mine, curve, table, garments):
    mine.retitle("title", "<b>Title</b>", "")
    mine.write("results", NASTY + "\n\n<script>x</script> ![](http://example.org/x.png)", 0)
    for content in (curve, table, garments):
        mine.pin(content, "<script>y</script> **bold**", [])
    page = html_page(mine.read(), str, "en", False).decode()
    assert page.count("<figure>") == 3
    assert "<script" not in page
    assert "&lt;b&gt;Title" in page
    assert set(re.findall(r'src="(\w+):', page)) == {"data"}
    assert "default-src 'none'" in page
    assert "0,0231 ± 0,0004" in page


def test_a_network_is_drawn_and_rows_of_pictures_keep_their_words(mine, garments, pdflatex):
    spec = read_spec({"architecture": "conv_autoencoder", "dropout": 0.1})
    mine.pin(network_chart(operations(spec)), "The network", [{"id": "r", "spec": SPEC}])
    mine.pin(garments, "Ten garments", [])
    report = mine.read()
    for language, say in (("en", str), ("es", spanish)):
        files = latex_files(report, say, language, language == "es")
        assert compiled(files) == 1
        assert files["report.tex"].decode().count("64 numbers") == 1
    svg = files["figures/1.svg"].decode()
    drawing = report.pins[0].content.data["rows"]
    assert len({tuple(row) for row in drawing}) == 1, "a table has the columns of its first row"
    shapes = [shape_words(operation.shape) for operation in operations(spec)]
    assert all(f">{shape}<" in svg for shape in shapes), "each with its shape"
    assert len(re.findall(r'stroke="#\w{6}"', svg)) >= len(shapes), "and a box"
    page = html_page(report, str, "en", False).decode()
    assert "<p>64 numbers</p>" in page
    assert page.count("data:image/svg+xml") == 1


def test_a_sentence_in_a_table_breaks_its_lines_and_shrinks_nothing(mine, pdflatex):
    verdict = "Test error: “64” was expected below “2”; the difference is −32.6 % (95 % interval). " * 2
    mine.pin(pin.table(["", ""], [["Claim", "It falls."], ["Found", verdict]]), "A verdict.", [])
    mine.pin(pin.table(["Value", "Mean"], [["2", "0.1763"]]), "Numbers.", [])
    files = latex_files(mine.read(), str, "en", False)
    assert page_count(files) == 1
    tex = files["report.tex"].decode()
    sentences, numbers = re.findall(r"\\begin{tabular}{(.*)}\n", tex)
    assert (sentences[0], numbers) == ("l", "lr")
    assert float(re.search(r"p{([\d.]+)\\linewidth}", sentences)[1]) < 0.9


def test_an_empty_report_compiles(mine, pdflatex):
    mine.begin()
    assert compiled(latex_files(mine.read(), str, "en", False)) == 1


def test_a_long_table_goes_on_over_columns_and_pages(mine, tmp_path: Path, pdflatex):
    rows = [[f"row {k}", "0.1"] for k in range(120)] + [[f"a long row {k}", "word " * 60] for k in range(9)]
    mine.pin(pin.table(["Run", "Test loss"], rows), "A long one.", [])
    files = latex_files(mine.read(), str, "en", False)
    tex = files["report.tex"].decode()
    assert [tex.count(f"{{}}{name} ") for name, _value in rows] == [1] * len(rows)
    assert tex.count("A long one.") == 1
    assert tex.count("Continued.") == tex.count("\\begin{table}") - 1 > 1
    assert 2 <= compiled(files) <= 4
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    log = subprocess.run(document.PDFLATEX, cwd=tmp_path, capture_output=True, check=True).stdout
    assert b"Float too large" not in log


def test_specs_of_pins_decide_which_works_are_cited(mine, table):
    plain = {"architecture": "ff_classifier", "optimizer": "sgd", "dropout": 0.0}
    mine.pin(table, "", [{"id": "r", "spec": plain}])
    bib = latex_files(mine.read(), str, "en", False)["references.bib"].decode()
    assert "adam" not in bib
    assert "srivastava" not in bib
    assert "fmnistlab" in bib


def test_what_stops_latex_is_told_apart_from_no_latex(pdflatex, monkeypatch: pytest.MonkeyPatch):
    whole = b"\\documentclass{article}\\begin{document}\nOne page.\n\\end{document}\n"
    assert page_count({"report.tex": whole}) == 1
    with pytest.raises(CompileError, match=r"stops at line 2 of report\.tex \(Undefined control sequence\)"):
        page_count({"report.tex": whole.replace(b"One", b"\\nosuch")})
    with pytest.raises(CompileError, match="does not say where"):
        page_count({"report.tex": b""})
    monkeypatch.setattr(document, "COMPILE_SECONDS", 0.01)
    with pytest.raises(CompileError, match="was not done after"):
        page_count({"report.tex": whole})
    monkeypatch.setenv("PATH", "")
    assert page_count({"report.tex": whole}) is None


def test_a_disk_that_takes_no_more_keeps_pages_from_being_counted_and_nothing_else(
    pdflatex, monkeypatch: pytest.MonkeyPatch
):
    def full(*_args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CompileError, match=r"could not be counted \(No space left on device\)\. The file"):
        page_count({"report.tex": b""})


BLOCKS = (
    "- list",
    "1. first",
    "2023. A year",
    "+ 3 %",
    "> quote",
    "# head",
    "#",
    "-",
    "1)",
    "---",
    "$$x$$",
    ">",
)


def test_captions_that_look_like_blocks_and_texts_of_every_block_compile(mine, pdflatex):
    for caption in BLOCKS:
        mine.pin(pin.table(["[a] Run", "x"], [["[best] c", "3"], ["[2]", "[3]"]]), caption, [])
    deep = ["- # a", "> # a", "- " * 8 + "x", "> " * 8 + "x", "1. " * 6 + "x", "- > 1. - > x", "a  \n[b]"]
    mine.write("theory", "\n\n".join((*BLOCKS, *deep)), 0)
    mine.write(answer_key("one", 1), "- # a", 0, "# Why? - [x]")
    assert compiled(latex_files(mine.read(), str, "en", False)) >= 1


@pytest.mark.parametrize("caption", ["Größe $x_1^2$ & 5 % 日本 " * 500, "word " * 2000, "x" * 10_000])
def test_captions_and_texts_of_ten_thousand_characters_compile_whole(mine, table, caption: str, pdflatex):
    mine.pin(table, caption, [])
    mine.write("theory", caption, 0)
    files = latex_files(mine.read(), str, "en", False)
    assert compiled(files) >= 1
    words = "".join(caption.split())[:10] if " " in caption else "x"
    assert files["report.tex"].decode().count(words[:1]) >= 2 * caption.count(words[:1])
