"""The board of claims: every claim a card, its verdict counted, filtered and explained."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.replication.claims import CLAIMS
from pages.parts.results.claims.picture import borders
from pages.parts.results.claims.thumbnail import thumbnail
from pages.parts.results.claims.view import neighbours
from tests.replication.synthetic_records import record

PAGE = "pages/results/claims.py"
ADAM_WINS = [record("r3-1", s, accuracy=0.7 + s / 100) for s in range(3)] + [
    record("r3-2", s, accuracy=0.88 + s / 100) for s in range(3)
]


def shown(app: AppTest) -> str:
    return " ".join(json.loads(element.proto.json).get("html", "") for element in app.get("bidi_component"))


def cards(app: AppTest) -> list[str]:
    return re.findall(r'data-open="(C\d+)"', shown(app))


def summary(app: AppTest) -> list[str]:
    (summary,) = [
        element.value for element in app.html if "lab-summary" in element.value and "<ul" in element.value
    ]
    return [re.sub(r"<.*?>", "", item) for item in re.findall(r"<li.*?</li>", summary)]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_board_has_every_claim_even_without_evidence(visit, evidence, lang: str):
    app = visit(PAGE, lang=lang)
    assert app.title[0].value == {"en": "Claims", "es": "Afirmaciones"}[lang]
    assert cards(app) == list(CLAIMS)
    assert summary(app)[-1] == {"en": "○ 42 open", "es": "○ 42 abiertas"}[lang]
    assert not app.warning
    assert not app.error


def test_verdicts_are_counted_and_carry_sign_and_word(visit, evidence):
    evidence(ADAM_WINS)
    app = visit(PAGE)
    assert summary(app) == [
        "✓ 1 confirmed",
        "≲ 0 within a margin only",
        "✗ 0 refuted",
        "≈ 0 within seed noise",
        "○ 41 open",
    ]
    assert '<span class="verdict confirmed">✓ confirmed</span>' in shown(app)


def test_the_filters(visit, evidence):
    evidence(ADAM_WINS)
    assert cards(visit(PAGE, verdict="confirmed")) == ["C16"]
    assert cards(visit(PAGE, report="R4")) == [id for id, claim in CLAIMS.items() if "R4" in claim.reports]
    app = visit(PAGE, report="R1", verdict="confirmed")
    assert cards(app) == []
    assert any("No claim has this verdict" in element.value for element in app.markdown)
    app.segmented_control(key="verdict").set_value("all").run()
    assert cards(app) == ["C1", "C2", "C3", "C4", "C30"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("id", list(CLAIMS))
def test_every_claim_can_be_opened(visit, evidence, id: str, lang: str):
    wanted = CLAIMS[id].experiments
    evidence([record(experiment, seed, loss=0.1 + seed / 100) for experiment in wanted for seed in range(3)])
    app = visit(PAGE, claim=id, lang=lang)
    assert app.header[0].value
    assert len(app.get("vega_lite_chart")) == len(CLAIMS[id].pictures)
    assert shown(app).count('scope="rowgroup"') == 2 * len(CLAIMS[id].parts) + len(wanted)
    assert not app.warning


def test_a_claim_tells_its_figures(visit, evidence):
    evidence(ADAM_WINS)
    app = visit(PAGE, claim="C16")
    text = " ".join(element.value for element in app.markdown)
    assert "Confirmed beyond seed noise." in text
    assert "Adam must have the higher test accuracy." in text
    assert "18.00 points to 18.00 points" in shown(app)
    assert "Open in the lab" in shown(app)


def test_a_claim_says_where_it_comes_from_and_on_what_its_verdict_hangs(visit, evidence):
    evidence(ADAM_WINS)
    app = visit(PAGE, claim="C16")
    (quote,) = [
        element.value for element in app.html if 'lang="es"' in element.value and "<q" in element.value
    ]
    assert "el optimizador Adam es más eficiente que el SGD" in quote
    assert "R3, Section III" in quote
    assert "under 18.00 points" in shown(app)
    assert "over 18.00 points" in shown(app)
    assert "chosen after evidence · 21 Nov 2026" in " ".join(element.value for element in app.html)
    assert "mean squared error" in " ".join(element.value for element in app.markdown)
    assert "a number fixed on" not in " ".join(element.value for element in app.caption)
    app = visit(PAGE, claim="C27", lang="es")
    assert "un número fijado el 27 nov 2026" in " ".join(element.value for element in app.caption)


def test_the_board_says_how_many_verdicts_luck_may_make(visit, evidence):
    evidence(ADAM_WINS)
    assert any("at most 0.0 of these" in element.value for element in visit(PAGE).caption)


def test_a_claim_without_evidence_says_so(visit, evidence):
    app = visit(PAGE, claim="C16")
    text = " ".join(element.value for element in app.markdown)
    assert "0 of 6 runs are there" in text
    assert not app.get("vega_lite_chart")


def test_from_claim_to_claim_and_back(visit, evidence):
    app = visit(PAGE, claim="c1")
    assert app.button(key="claim_before").disabled
    app.button(key="claim_after").click().run()
    assert app.query_params["claim"] == "C2"
    app.button(key="claims_all").click().run()
    assert cards(app) == list(CLAIMS)
    assert neighbours("C42") == ("C41", None)


def test_a_claim_that_there_is_not(visit, evidence):
    app = visit(PAGE, claim="C99")
    assert app.warning[0].value == "There is no claim “C99”. There are 42, from C1 to C42."
    assert cards(app) == list(CLAIMS)


def test_evidence_cut_short_is_one_sentence(visit, evidence):
    evidence(ADAM_WINS, cut=30)
    for address in ({}, {"claim": "C16"}):
        app = visit(PAGE, **address)
        assert "cut short" in app.warning[0].value
        assert not app.error


def test_a_run_that_diverged_is_told_not_drawn(visit, evidence):
    runs = [record("r2-p0.05", s) for s in range(3)] + [record("r2-lr0.0001", s, loss=0.2) for s in range(3)]
    evidence(runs + [record("r2-lr0.01", s, diverged=True) for s in range(3)])
    app = visit(PAGE, claim="C7")
    assert any("Diverged" in element.value for element in app.caption)
    assert "diverged in 3 of 3" in shown(app)
    assert not re.search(r"\b(nan|inf)\b", shown(app))


def test_every_seed_is_in_the_small_picture():
    records = {"r3-1": {}, "r3-2": {}}
    for experiment in ADAM_WINS:
        records[experiment.experiment][experiment.seed] = experiment
    assert thumbnail(CLAIMS["C16"], records).count("<circle") == 6
    assert thumbnail(CLAIMS["C1"], records) == ""


def test_what_a_claim_holds_its_quantity_against_is_drawn():
    assert borders(CLAIMS["C23"], CLAIMS["C23"].pictures[0]) == (0.5,)
    assert borders(CLAIMS["C16"], CLAIMS["C16"].pictures[0]) == ()
