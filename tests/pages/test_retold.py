"""A report in another language than its pins were made in: as if they had been made in that language."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.own_report import pin
from fmnist_core.own_report.document import html_page, latex_files
from fmnist_core.own_report.report import Pin, Report
from fmnist_core.own_report.reports import OwnReport
from pages.parts.base.i18n import catalogue_path, phrase, read_catalogue, say_in
from pages.parts.base.services import store
from pages.parts.my_report.other_language import Telling
from pages.parts.my_report.retold import retold, retold_pin
from tests.pages.inside_page import spec_of, trained

Visit = Callable[..., AppTest]


def pinned(app: AppTest) -> list[Pin]:
    """Whatever the page offers, pinned."""
    keys = [button.key for button in app.button if str(button.key).endswith("_pin")]
    assert keys
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    return list(OwnReport(store(), app.session_state["learner"]).read().pins)


def lines_of(one: Pin) -> list[str]:
    data = json.loads(json.dumps(one.content.data))
    for row in data["rows"] if one.content.kind == "chart" else ():
        row.update({name: " ".join(words.split()) for name, words in row.items() if isinstance(words, str)})
    data.get("spec", {}).get("config", {}).pop("locale", None)  # which every export sets itself
    text = json.dumps([one.caption, data], ensure_ascii=False, sort_keys=True, indent=1)
    return re.sub(r"view_\w+", "view", text).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("pages/learn/convolution.py", {}),
        ("pages/results/reports.py", {"report": "R1"}),
        ("pages/results/reports.py", {"report": "R3", "model": "r3-1"}),
        ("pages/results/runs.py", {"runs": "RUN"}),
    ],
    ids=lambda value: value.split("/")[-1] if isinstance(value, str) else "-".join(value.values()),
)
def test_a_pin_told_in_another_language_is_the_one_made_in_it(
    visit: Visit, page: str, parameters: dict[str, str]
):
    if "runs" in parameters:
        parameters = {"runs": trained(spec_of("ff_classifier"))}
    made = {lang: pinned(visit(page, lang=lang, **parameters)) for lang in ("en", "es")}
    for source, target in (("es", "en"), ("en", "es")):
        assert all(one.language == source and one.is_draft for one in made[source])
        for one, other in zip(made[source], made[target], strict=True):
            told = lines_of(retold_pin(one, target, decimal_comma=target == "es"))
            assert [pair for pair in zip(told, lines_of(other), strict=True) if pair[0] != pair[1]] == []


@pytest.mark.slow
def test_curves_that_are_drawn_faint_are_so_in_another_language(visit: Visit):
    run = trained(spec_of("ff_classifier"))
    charts = [one for one in pinned(visit("pages/lab/classifier.py", run=run)) if one.content.kind == "chart"]
    told = retold_pin(next(one for one in charts if '"oneOf"' in json.dumps(one.content.data)), "es", True)
    faint = set(json.loads(re.search(r'"oneOf": (\[[^]]+\])', json.dumps(told.content.data["spec"]))[1]))
    assert faint == {"cada lote"}
    assert faint < {row["series"] for row in told.content.data["rows"]}


def table_of(*rows: list[str]) -> Pin:
    run = {"id": "r", "name": "Loss, 0.5", "seed": 3}
    what = pin.table(["Run", "Test loss"], rows)
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Pin("p", "results", "Loss over the epochs. Loss, 0.5, seed 3.", what, (run,), made, "en", True)


def test_names_and_what_learners_wrote_stay_and_numbers_have_the_signs_of_choice():
    row = ["Loss, 0.5", "0.0231 ± 0.0004", "12,345", "44.8 %", "0.1, 0.2 and 0.5", "torch 2.3.1", "on"]
    told = retold_pin(table_of(row), "es", decimal_comma=True)
    assert told.caption == "Pérdida época por época. Loss, 0.5, semilla 3."
    assert told.content.data["heads"] == ["Corrida", "Pérdida de prueba"]
    assert told.content.data["rows"] == [
        ["Loss, 0.5", "0,0231 ± 0,0004", "12\u202f345", "44,8 %", "0,1; 0,2 y 0,5", "torch 2.3.1", "sí"]
    ]
    own = replace(table_of(row), caption="Loss of 0.5", is_draft=False)
    assert retold_pin(own, "es", decimal_comma=True).caption == "Loss of 0.5"
    comma = retold_pin(table_of(row), "en", decimal_comma=True).content.data
    assert comma["heads"] == ["Run", "Test loss"]
    assert comma["rows"][0][1:4] == ["0,0231 ± 0,0004", "12\u202f345", "44,8 %"]
    older = replace(table_of(row), language="")
    assert retold_pin(older, "es", decimal_comma=True) == older


@pytest.mark.parametrize(("source", "target"), [("en", "es"), ("es", "en")])
@pytest.mark.parametrize("as_once", [False, True], ids=["kept together", "as it was written once"])
def test_numbers_kept_together_are_known_and_kept_together(source: str, target: str, as_once: bool):
    catalogue = read_catalogue(catalogue_path("es"), "es")
    texts = [m.id for m in catalogue if isinstance(m.id, str) and "{" not in m.id and "%" in m.id]
    assert len(texts) > 20
    telling = Telling(source, target, target)
    for text in texts:
        mine, other = phrase(text, source), phrase(text, target)
        once = re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", mine)
        assert telling.text(once if as_once else mine) == other
    share = phrase("{number} %", source).format(number=44.8)
    told = telling.text(share.replace("\N{NO-BREAK SPACE}", " ") if as_once else share)
    assert told.split() == phrase("{number} %", target).format(number=44.8).split()


def test_a_name_with_a_percent_sign_is_a_name():
    name = "50 % dropout of 10 000"
    told = Telling("en", "es", "es", [name]).text(f"Loss over the epochs. {name}, seed 3.")
    assert told == f"Pérdida época por época. {name}, semilla 3."


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_report_leaves_in_the_language_and_with_the_signs_of_who_takes_it(lang: str):
    report = Report("", "", "", "", "free", {}, (table_of(["Loss, 0.5", "0.0231"]),))
    told = retold(report, lang, decimal_comma=lang == "es")
    say = say_in(lang)
    tex = latex_files(told, say, lang, lang == "es")["report.tex"].decode()
    page = html_page(told, say, lang, lang == "es").decode()
    for text in (tex, page):
        assert ("0,0231" in text, "0.0231" in text) == (lang == "es", lang == "en")
        assert ("rdida de prueba" in text) == (lang == "es")


def test_a_damaged_pin_is_told_as_it_is():
    broken = replace(table_of(), content=None)
    assert retold_pin(broken, "es", decimal_comma=True) == broken


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("pooling, dropout and batch size", "pooling, dropout y tamaño del lote"),
        ("training images and images", "imágenes de entrenamiento e imágenes"),
        (
            "0.1 from batch 5, 0.01 from batch 10 and 0.001 from batch 20",
            "0,1 desde el lote 5; 0,01 desde el lote 10 y 0,001 desde el lote 20",
        ),
    ],
)
def test_several_are_listed_as_the_language_lists_them(english: str, spanish: str):
    assert Telling("en", "es", "es").text(english) == spanish


def test_text_of_thousands_of_signs_is_told_at_once():
    telling = Telling("es", "en", "en", ("a",))
    begun = time.process_time()
    for text in ("x, " * 3000, ". ".join("Uno" for _k in range(2000)), "a" * 10_000, "\n".join("ab" * 900)):
        telling.text(text)
    assert time.process_time() - begun < 2.0
