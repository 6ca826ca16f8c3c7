"""The game of labelling garments: played to its end, by the clock, skipped, and asked for by bad links."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from pages.parts.against import game
from pages.parts.against.deal import deal
from pages.parts.base.i18n import phrase
from tests.pages.inside_page import answer_here, html, spec_of, trained
from tests.pages.lab_page import breakable, page_text

PAGE = "pages/learn/against.py"
MODEL = "r5-plain-n512"


@pytest.fixture(autouse=True)
def _without_workers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    answer_here(monkeypatch)
    yield
    STATE_CACHE.clear()


def begun(visit: Callable[..., AppTest], **address: str) -> AppTest:
    app = visit(PAGE, **{"network": MODEL, "seed": "7", **address})
    return app.button(key="against_start").click().run()


def labels_of(seed: int, count: int) -> np.ndarray:
    labels = fashion_mnist.load().test_labels
    return labels[deal(labels, seed, count)]


def until_compared(app: AppTest, words: str) -> AppTest:
    """As a browser would, look again while the network is asked."""
    for _look in range(100):
        if words in page_text(app):
            return app
        app.run()
    raise AssertionError(page_text(app))


def compared(lang: str) -> str:
    """How the sentence begins that is there once the network has answered."""
    return phrase("Of all {all} test images this network gets {share} right.", lang).split("{")[0]


def metrics(app: AppTest) -> list[str]:
    return [breakable(element.value).replace(",", ".") for element in app.metric]


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "clock"), [("en", "off"), ("es", "on")])
def test_a_whole_game(visit: Callable[..., AppTest], lang: str, clock: str):
    app = begun(visit, lang=lang, clock=clock)
    labels = labels_of(7, 20)
    answers = labels.copy()
    answers[[2, 11]] = (answers[[2, 11]] + 1) % 10
    for k, answer in enumerate(answers.tolist()):
        at = phrase("Garment {k} of {n}", lang).format(k=k + 1, n=20)
        assert at in html(app)
        assert (phrase("**{n} s** left", lang).split("**")[-1] in page_text(app)) or clock == "off"
        app.button(key=f"against_{answer}").click().run()
        assert not app.exception
    until_compared(app, compared(lang))
    assert f"{phrase('Only you wrong', lang)}: " in " ".join(s.value for s in app.subheader)
    probabilities = QUERIES["test_probabilities"](model=MODEL, first=0, count=1000)["probabilities"]
    garments = deal(fashion_mnist.load().test_labels, 7, 20)
    right = int((probabilities.argmax(1)[garments] == labels).sum())
    assert metrics(app) == ["90.0 %", f"{100 * right / 20:.1f} %", "83.5 %"]
    text = page_text(app).replace(",", ".")
    assert "69.9 %" in text, "Wilson's interval of 18 in 20"
    assert "97.2 %" in text
    assert "playing" not in app.query_params
    assert app.query_params["seed"] == "7"
    shown = html(app)
    wrong = (answers != labels) | (probabilities.argmax(1)[garments] != labels)
    assert shown.count("<figcaption>") == wrong.sum()


@pytest.mark.slow
def test_what_is_skipped_counts_for_nobody(visit: Callable[..., AppTest]):
    app = begun(visit)
    for label in labels_of(7, 20)[:3].tolist():
        app.button(key=f"against_{label}").click().run()
    app.button(key="against_skip").click().run()
    app.button(key="against_end").click().run()
    until_compared(app, compared("en"))
    assert "You answered **3** of 20 garments" in page_text(app)
    assert "Only those count" in page_text(app)
    assert metrics(app)[0] == "100.0 %"


def test_a_game_without_an_answer_compares_nothing_and_another_begins(visit: Callable[..., AppTest]):
    app = begun(visit)
    app.button(key="against_end").click().run()
    assert "nothing to compare" in page_text(app)
    assert not app.metric
    app.button(key="against_same").click().run()
    assert app.session_state[game.GAME].seed == 7
    app.button(key="against_end").click().run()
    app.button(key="against_again").click().run()
    assert app.button(key="against_start")
    assert app.text_input(key="against_seed").value.isdigit()


def test_the_clock_ends_a_game_and_takes_no_late_answer(visit: Callable[..., AppTest]):
    app = begun(visit, clock="on", garments="40")
    played = app.session_state[game.GAME]
    assert len(played.garments) == 40
    assert played.limit == 240
    app.session_state[game.GAME] = replace(played, began=played.began - 241)
    app.button(key="against_3").click().run()
    assert app.session_state[game.GAME].answers == ()
    assert "The time is up." in page_text(app)


def test_an_answer_to_a_garment_that_is_gone_is_void(visit: Callable[..., AppTest], monkeypatch):
    """As of a second press of a key, sent before the next garment has been drawn."""
    app = begun(visit)
    once = game.answer
    monkeypatch.setattr(game, "answer", lambda place, label: [once(place, label) for _press in range(2)])
    app.run()
    app.button(key="against_1").click().run()
    assert app.session_state[game.GAME].answers == (1,)
    assert "Garment 2 of 20" in html(app)


@pytest.mark.parametrize(
    "seed",
    ["abc", "-1", "10000", "1e3", "٣", "", "9" * 400, "0" * 5000, "000000000123456", "**7**"],
)
def test_a_broken_seed_gets_a_sentence_and_a_game(visit: Callable[..., AppTest], seed: str):
    app = visit(PAGE, seed=seed)
    (warning,) = app.warning
    assert "seeds are whole numbers from 0 to 9999" in warning.value
    app.button(key="against_start").click().run()
    assert "Garment 1 of 20" in html(app)


def test_a_broken_seed_that_is_typed_begins_nothing(visit: Callable[..., AppTest]):
    app = visit(PAGE)
    app.text_input(key="against_seed").set_value("twelve").run()
    assert "must be a whole number from 0 to 9999" in app.error[0].value
    app.button(key="against_start").click().run()
    assert game.GAME not in app.session_state
    app.text_input(key="against_seed").set_value("12").run()
    assert not app.error
    assert app.query_params["seed"] == "12"


def test_a_reload_in_the_middle_begins_anew_and_says_so(visit: Callable[..., AppTest]):
    begins = begun(visit, garments="40")
    reloaded = visit(PAGE, **{name: begins.query_params[name] for name in begins.query_params})
    assert "begins anew, with the same garments" in reloaded.info[0].value
    assert reloaded.text_input(key="against_seed").value == "7"
    reloaded.button(key="against_start").click().run()
    assert "Garment 1 of 40" in html(reloaded)


def test_other_pages_do_not_end_a_game_and_other_data_does(visit: Callable[..., AppTest]):
    app = begun(visit)
    app.button(key="against_1").click().run()
    app.switch_page("pages/learn/data.py").run()
    app.switch_page(PAGE).run()
    assert "Garment 2 of 20" in html(app)
    app.session_state[game.GAME] = replace(app.session_state[game.GAME], data="elsewhere")
    app.run()
    assert "Other data has come into use" in app.info[0].value
    assert app.button(key="against_start")


@pytest.mark.slow
def test_an_autoencoder_in_the_address_is_no_opponent(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_autoencoder"))
    app = begun(visit, network=run_id)
    app.button(key="against_1").click().run()
    app.button(key="against_end").click().run()
    assert not app.exception
    assert "which is not here" in app.warning[0].value
