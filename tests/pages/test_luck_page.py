"""Luck: odds against every draw written out and against NumPy's dice, and the page in both languages."""

import tracemalloc
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.replication.claims.judge import arranged
from fmnist_core.replication.evidence import records
from fmnist_core.replication.recipes import EXPERIMENTS
from pages.parts.luck import guess
from pages.parts.luck.odds import wrong_winner
from pages.parts.luck.settings import comparables, in_order
from tests.pages.lab_page import page_text

PAGE = "pages/learn/luck.py"
BETTER, WORSE = (0.905, 0.89, 0.91), (0.9, 0.895, 0.88, 0.905)


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_the_odds_are_those_of_every_draw_written_out(seeds: int):
    wrong = []
    for mine in product(BETTER, repeat=seeds):
        for theirs in product(WORSE, repeat=seeds):
            ahead = sum(theirs) - sum(mine)
            wrong.append(0.5 if abs(ahead) < 1e-9 else float(ahead > 0))
    assert wrong_winner(BETTER, WORSE, seeds) == pytest.approx(np.mean(wrong), abs=1e-12)


@pytest.mark.parametrize("seeds", [5, 10])
def test_the_odds_are_those_of_many_throws_of_dice(seeds: int):
    dice = np.random.default_rng(4)
    mine = dice.choice(BETTER, (200_000, seeds)).mean(1)
    theirs = dice.choice(WORSE, (200_000, seeds)).mean(1)
    tied = np.isclose(mine, theirs, rtol=0, atol=1e-12)
    simulated = np.where(tied, 0.5, theirs > mine).mean()
    assert wrong_winner(BETTER, WORSE, seeds) == pytest.approx(simulated, abs=0.005)


@pytest.mark.slow
def test_ten_seeds_of_each_are_counted_in_little_memory():
    dice = np.random.default_rng(8)
    mine, theirs = dice.normal(0.9, 0.01, 10), dice.normal(0.895, 0.01, 10)
    tracemalloc.start()
    counted = wrong_winner(mine, theirs, 10)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    thrown = [dice.choice(values, (200_000, 10)).mean(1) for values in (mine, theirs)]
    assert counted == pytest.approx((thrown[1] > thrown[0]).mean(), abs=0.005)
    assert most < 100_000_000


def test_what_never_overlaps_is_never_mistaken():
    assert wrong_winner((0.9, 0.8), (0.7, 0.6), 3) == 0
    assert wrong_winner((0.9,), (0.9,), 10) == 0.5


def test_an_autoencoder_is_ahead_with_the_lower_loss():
    studies = comparables(arranged(records.read(records.SHIPPED, EXPERIMENTS)))
    settings = studies["R1-1"].settings
    first, _second = in_order(settings["r1-n64"], settings["r1-n512"])
    assert first == settings["r1-n512"].scores
    lucks = [study.luck for study in studies.values()]
    assert lucks == sorted(lucks, reverse=True)
    assert all(len(setting.figures) >= 3 for study in studies.values() for setting in study.settings.values())


@pytest.mark.parametrize("lang", ["en", "es"])
def test_two_settings_are_compared_and_runs_are_guessed_from(visit: Callable[..., AppTest], lang: str):
    app = visit(PAGE, study="R4-5", one="r4-batch50", other="r4-base", lang=lang)
    assert not app.warning
    shown = [metric.value.replace(",", ".") for metric in app.metric]
    assert len(shown) == 4
    assert shown[0] == "44.4\N{NO-BREAK SPACE}%"
    for right in (True, False):
        app.button(key="luck_draw").click().run()
        studies = comparables(arranged(records.read(records.SHIPPED, EXPERIMENTS)))
        ahead = guess.ahead(app.session_state[guess.DRAWN].of(studies))
        said = ahead if right else 1 - ahead
        app.button(key=f"luck_guess_{said}").click().run()
        words = {"en": ("Right.", "Wrong."), "es": ("Correcto.", "Incorrecto.")}[lang]
        assert words[0 if right else 1] in page_text(app)
        assert app.button(key="luck_guess_0").disabled
    assert app.session_state[guess.TALLY] == (1, 2)


def test_what_was_drawn_is_said_in_the_language_that_is_chosen_later(visit: Callable[..., AppTest]):
    app = visit(PAGE, lang="en")
    app.button(key="luck_draw").click().run()
    title = app.session_state[guess.DRAWN].study
    assert title in comparables(arranged(records.read(records.SHIPPED, EXPERIMENTS)))
    shown = {}
    for lang in ("en", "es"):
        app.session_state["lang"] = lang
        app.run()
        assert not app.exception
        shown[lang] = next(element.value for element in app.markdown if element.value.startswith("**R"))
    assert shown["en"] != shown["es"]


def test_what_was_drawn_of_runs_that_are_gone_is_forgotten(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    for drawn in (
        guess.Drawn("R9-9", ("a", "b"), (0, 0)),
        guess.Drawn("R4-5", ("r4-base", "gone"), (0, 0)),
        guess.Drawn("R4-5", ("r4-base", "r4-batch50"), (0, 99)),
    ):
        app.session_state[guess.DRAWN] = drawn
        app.run()
        assert not app.exception
        assert "Which is ahead over all its runs?" in page_text(app)


def test_without_evidence_there_is_a_sentence(visit: Callable[..., AppTest], evidence):
    app = visit(PAGE)
    assert "nothing to compare" in app.info[0].value


def test_a_bad_link_gets_a_sentence(visit: Callable[..., AppTest]):
    app = visit(PAGE, study="R9-9", one="**", other="r1-n64")
    assert len(app.warning) == 3


def test_a_link_to_one_setting_twice_says_so(visit: Callable[..., AppTest]):
    app = visit(PAGE, study="R4-5", one="r4-base", other="r4-base")
    assert [warning.value for warning in app.warning] == [
        "This link names one setting twice. Compare it with another one:"
    ]
    assert app.session_state["other"] != "r4-base"


def test_which_figure_is_better_is_said_before_anybody_guesses(visit: Callable[..., AppTest]):
    said = {study: page_text(visit(PAGE, study=study)) for study in ("R4-5", "R3-1")}
    assert "Test loss: the lower, the better." in said["R4-5"]
    assert "Test accuracy: the higher, the better." in said["R3-1"]
