"""Learn › Assignments › Hand one out, in fields: what they show, what they say, and that nothing is lost."""

import json
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.assignments.handed_out import Assignments
from fmnist_core.assignments.reading import SHIPPED, read_assignment, shipped
from pages.parts.assignment import draft_state
from pages.parts.base.i18n import phrase
from pages.parts.base.services import store

PAGE = "pages/learn/assignments.py"
Visit = Callable[..., AppTest]
MINE = {
    "title": {"es": "La mía"},
    "text": "Do **it**.\n",
    "deadline": "2026-12-18T23:59:30+05:45",
    "minutes": 60.5,
    "fixed": {"architecture": "encoder_classifier", "encoder": {"architecture": "ff_autoencoder"}},
    "free": ["patience"],
    "runs": [
        {"title": "One\nof two lines", "settings": {"dropout": 0.123456}, "seeds": 3, "encoder": "frozen"},
        {"title": {"en": "Two", "es": "Dos"}, "settings": {"pooling": False}, "free": ["epochs"]},
    ],
    "questions": ["Why?", {"en": "How?"}],
    "sections": ["results", "abstract"],
    "pins": {"tables": 2},
}


def opened(visit: Visit, text: str, **more) -> AppTest:
    """The page with this typed as JSON, and then its fields."""
    app = visit(PAGE, **more)
    app.button_group(key="assignment_view").set_value("json").run()
    app.text_area(key="assignment_json").set_value(text).run()
    return in_view(app, "fields")


def in_view(app: AppTest, view: str) -> AppTest:
    app.button_group(key="assignment_view").set_value(view).run()
    assert not app.exception
    return app


def typed(app: AppTest) -> str:
    return in_view(app, "json").text_area(key="assignment_json").value


def field(app: AppTest, kind: str, *path: str | int):
    """The widget of a field, whichever filling it is of."""
    ending = "_".join(map(str, path))
    (found,) = [one for one in app.get(kind) if one.key.split("_", 3)[-1] == ending]
    return found


@pytest.mark.parametrize("text", [json.dumps(MINE), *(p.read_text("utf-8") for p in SHIPPED.glob("*.json"))])
def test_what_is_opened_in_fields_stays_as_it_was_typed_and_an_edit_loses_nothing(visit: Visit, text: str):
    app = opened(visit, text)
    assert typed(app) == text
    in_view(app, "fields")
    field(app, "text_input", "minutes").set_value("75").run()
    before, after = json.loads(text), json.loads(typed(app))
    assert after.pop("minutes") == 75
    before.pop("minutes")
    assert read_assignment(json.dumps(after)) == read_assignment(json.dumps(before))
    assert after | {"format": 1} == before | {"format": 1}


def test_one_is_made_by_fields_alone(visit: Visit):
    app = visit(PAGE)
    field(app, "text_input", "title", "").set_value("Eight numbers").run()
    field(app, "text_area", "text", "").set_value("Squeeze.").run()
    field(app, "multiselect", "fixed", "settings").set_value(["architecture", "epochs"]).run()
    field(app, "selectbox", "fixed", "architecture").set_value("ff_autoencoder").run()
    field(app, "text_input", "fixed", "epochs").set_value("2").run()
    field(app, "multiselect", "fixed", "free").set_value(["learning_rate"]).run()
    field(app, "button", "runs", 0, "delete").click().run()
    field(app, "text_input", "runs", 1, "title", "").set_value("n = 8").run()
    field(app, "multiselect", "runs", 1, "settings").set_value(["hidden_sizes"]).run()
    assert field(app, "text_input", "runs", 1, "hidden_sizes").value == "64", "the network’s own"
    field(app, "text_input", "runs", 1, "hidden_sizes").set_value("8").run()
    field(app, "button", "runs", "add").click().run()
    field(app, "text_input", "runs", 2, "title", "").set_value("Another").run()
    field(app, "button", "runs", 2, "arrow_upward").click().run()
    field(app, "text_area", "questions", 0, "").set_value("What is lost?").run()
    field(app, "date_input", "day").set_value(date(2027, 3, 1)).run()
    field(app, "selectbox", "zone").set_value("-03:00").run()
    app.button(key="assignment_hand_out").click().run()
    assert not app.exception
    assert not app.warning
    id = app.code[0].value.rsplit("=", 1)[1]
    runs = [{"title": "Another"}, {"title": "n = 8", "settings": {"hidden_sizes": [8]}, "seeds": 3}]
    assert json.loads(Assignments(store(), "anybody").find(id).to_json()) == {
        "format": 1,
        "title": "Eight numbers",
        "text": "Squeeze.",
        "deadline": "2027-03-01T23:59:00-03:00",
        "minutes": 60.0,
        "fixed": {"architecture": "ff_autoencoder", "epochs": 2},
        "free": ["learning_rate"],
        "runs": runs,
        "questions": ["What is lost?"],
        "sections": ["results", "discussion"],
        "pins": {"charts": 1, "tables": 1},
    }


@pytest.mark.parametrize(
    "deadline", ["0001-01-01T00:00:00.000001+00:00", "9999-12-31T23:59-12:00", "20270101T10Z"]
)
def test_the_first_and_the_last_of_deadlines_open(visit: Visit, deadline: str):
    app = opened(visit, json.dumps({**MINE, "deadline": deadline}))
    assert not app.exception
    field(app, "text_input", "minutes").set_value("75").run()
    made = json.loads(typed(app))["deadline"]
    assert datetime.fromisoformat(made).isoformat() == datetime.fromisoformat(deadline).isoformat()


def test_the_zone_of_the_browser_is_that_of_the_day(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(draft_state, "zone_here", lambda: ZoneInfo("Europe/Berlin"))
    assert draft_state.offset_here(date(2027, 1, 31), "23:59") == "+01:00"
    assert draft_state.offset_here(date(2027, 7, 31), "late") == "+02:00"
    assert draft_state.offset_here(date(2027, 3, 28), "01:59") == "+01:00"
    assert draft_state.offset_here(date(2027, 3, 28), "03:00") == "+02:00"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_is_wrong_is_said_below_its_field(visit: Visit, lang: str):
    app = visit(PAGE, lang=lang)
    field(app, "text_input", "minutes").set_value("0").run()
    field(app, "text_input", "runs", 1, "seeds").set_value("many").run()
    said = [warning.value for warning in app.warning]
    assert len(said) == 2
    assert phrase("Minutes of training", lang) in said[1]
    assert phrase("Seeds", lang) in said[0]
    assert "2" in app.info[0].value


def test_an_impossible_setting_is_said_at_its_run(visit: Visit):
    app = visit(PAGE)
    field(app, "multiselect", "runs", 1, "settings").set_value(["hidden_sizes"]).run()
    field(app, "text_input", "runs", 1, "hidden_sizes").set_value("999999").run()
    (warning,) = app.warning
    assert "“With dropout” cannot be trained" in warning.value
    assert field(app, "text_input", "runs", 1, "hidden_sizes").value == "999999", "it stays as typed"


@pytest.mark.parametrize(
    "bad", ["", " ", "abc", "-1", "1,5", "nan", "inf", "1e999", "9" * 5000, "\x00", "<b>$x$"]
)
def test_no_value_stops_the_page(visit: Visit, bad: str):
    app = visit(PAGE)
    for path in (("minutes",), ("time",), ("fixed", "epochs"), ("pins", "charts"), ("runs", 0, "seeds")):
        field(app, "text_input", *path).set_value(bad)
    field(app, "text_input", "title", "").set_value(bad)
    app.run()
    assert not app.exception
    assert app.warning
    text = typed(app)
    in_view(app, "fields")
    assert typed(app) == text


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"colour": 1}', '{"title": 3}', '"\\ud800"', '{"runs": [1]}']
)
def test_json_that_no_field_shows_stays_as_typed_with_a_sentence(visit: Visit, text: str):
    app = opened(visit, text)
    assert app.info or app.warning
    assert typed(app) == text


def test_an_example_or_json_typed_fills_the_fields_and_a_change_of_page_keeps_them(visit: Visit):
    app = visit(PAGE)
    app.selectbox(key="assignment_example").set_value("feed-forward-autoencoder").run()
    assert field(app, "text_input", "title", "en").value == "Feed-forward autoencoder"
    assert len([one for one in app.button if one.key.endswith("arrow_upward")]) == 6
    field(app, "text_input", "title", "es").set_value("Otro").run()
    app.switch_page("pages/learn/data.py").run()
    app.switch_page(PAGE).run()
    assert field(app, "text_input", "title", "es").value == "Otro"
    made = read_assignment(typed(app))
    assert made.title["es"] == "Otro"
    assert made.runs == shipped()["feed-forward-autoencoder"].runs


def test_texts_move_to_two_languages_and_back(visit: Visit):
    app = visit(PAGE)
    before = typed(app)
    in_view(app, "fields")
    field(app, "toggle", "by_language").set_value(True).run()
    assert field(app, "text_input", "title", "en").value == "My assignment"
    assert field(app, "text_input", "title", "es").value == ""
    field(app, "text_area", "text", "es").set_value("Qué hacer.").run()
    field(app, "toggle", "by_language").set_value(False).run()
    after = json.loads(typed(app))
    assert after.pop("text") == {"en": "What to do, in **Markdown**.", "es": "Qué hacer."}
    wanted = json.loads(before)
    wanted.pop("text")
    wanted["pins"].pop("pictures")
    assert after == wanted
