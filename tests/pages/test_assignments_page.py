"""Learn › Assignments: chosen, taken, done part by part, handed out; and what can go wrong."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.assignments.handed_out import Assignments
from fmnist_core.assignments.reading import read_assignment
from fmnist_core.own_report.report import answer_key
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.spec import read_spec
from pages.parts.base.i18n import phrase
from pages.parts.base.services import store
from tests.pages.lab_page import page_text

PAGE = "pages/learn/assignments.py"
FF = "feed-forward-autoencoder"
Visit = Callable[..., AppTest]
SMALL = {
    "title": "<b>Mine</b> ![x](http://example.org)",
    "text": "Do **it**.",
    "deadline": "2020-01-01T00:00+00:00",
    "minutes": 60,
    "fixed": {"architecture": "ff_classifier", "epochs": 3},
    "runs": [{"title": "One", "settings": {"dropout": 0.3}}],
    "questions": ["Why?"],
}


def handed_out(**more) -> str:
    return Assignments(store(), "lecturer").hand_out(read_assignment(json.dumps({**SMALL, **more})))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_one_is_looked_at_taken_and_given_back(visit: Visit, lang: str):
    app = visit(PAGE, lang=lang)
    app.button(key=f"open_{FF}").click().run()
    app.button(key="assignment_take").click().run()
    assert not app.exception
    taken = Assignments(store(), app.session_state["learner"]).taken()
    assert taken.id == FF
    assert phrase("Your assignment", lang) in [link.label for link in app.sidebar.get("page_link")]
    answers = [area for area in app.text_area if area.key.startswith("report_text")]
    assert len(answers) == len(taken.assignment.questions)
    app.button(key="assignment_give_back").click().run()
    assert Assignments(store(), app.session_state["learner"]).taken() is None
    assert app.button(key=f"open_{FF}")


def test_it_stands_beside_the_work_and_says_what_counts(visit: Visit):
    id = handed_out()
    app = visit(PAGE, assignment=id)
    app.button(key="assignment_take").click().run()
    assert "was due on" in page_text(app)
    app.switch_page("pages/lab/classifier.py").run()
    assert any("Does not count" in caption.value for caption in app.caption)
    wanted = next(c.value for c in app.caption if "Does not count" in c.value)
    assert "3 epochs" in wanted
    assert "dropout 0.3" in wanted
    for name, value in {"cl_epochs": "3", "cl_dropout": "0.3"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception


def test_an_answer_is_kept_in_the_report(visit: Visit):
    id = handed_out()
    app = visit(PAGE, assignment=id)
    app.button(key="assignment_take").click().run()
    app.text_area(key=f"report_text_{answer_key(id, 1)}_0").set_value("Because $a_b_c$.").run()
    assert not app.exception
    report = OwnReport(store(), app.session_state["learner"]).read()
    assert [(a.heading, a.text) for a in report.answers] == [("Why?", "Because $a_b_c$.")]
    assert "1 of 2 parts done" in page_text(app)
    assert any("two indices" in caption.value for caption in app.caption)
    reader = visit("pages/results/my_report.py", read=report.link)
    assert "Why?" in [header.value for header in reader.subheader]


def test_a_run_of_another_learner_counts_for_nobody_else(visit: Visit):
    app = visit(PAGE, assignment=handed_out())
    app.button(key="assignment_take").click().run()
    spec = read_spec({"architecture": "ff_classifier", "epochs": 3, "dropout": 0.3})
    store().create_run(spec, "B" * 22)
    app.run()
    assert "0 of 2 parts done" in page_text(app)
    store().create_run(spec, app.session_state["learner"])
    app.run()
    assert "1 run is under way" in page_text(app)


@pytest.mark.parametrize("id", ["nobody", "..", "<b>", "x" * 300])
def test_a_link_to_none_says_so_and_shows_what_there_is(visit: Visit, id: str):
    app = visit(PAGE, assignment=id)
    assert not app.exception
    assert "There is no assignment" in app.warning[0].value
    assert app.button(key=f"open_{FF}")


def test_what_a_lecturer_types_is_checked_and_handed_out(visit: Visit):
    app = visit(PAGE)
    app.button_group(key="assignment_view").set_value("json").run()
    app.text_area(key="assignment_json").set_value('{"title": "x"}').run()
    assert any("“text” is missing" in warning.value for warning in app.warning)
    app.text_area(key="assignment_json").set_value(json.dumps({**SMALL, "unknown": 1})).run()
    assert any("no setting named “unknown”" in warning.value for warning in app.warning)
    impossible = {**SMALL, "runs": [{"title": "One", "settings": {"hidden_sizes": [999999]}}]}
    app.text_area(key="assignment_json").set_value(json.dumps(impossible)).run()
    assert any("cannot be trained" in warning.value for warning in app.warning)
    app.text_area(key="assignment_json").set_value(json.dumps(SMALL)).run()
    app.button(key="assignment_hand_out").click().run()
    assert not app.exception
    id = app.code[0].value.rsplit("=", 1)[1]
    assert Assignments(store(), "anybody").find(id) == read_assignment(json.dumps(SMALL))
    app.selectbox(key="assignment_example").set_value(FF).run()
    assert '"ff_autoencoder"' in app.text_area(key="assignment_json").value
    assert not app.exception


def test_what_is_typed_is_shown_as_typed(visit: Visit):
    app = visit(PAGE, assignment=handed_out())
    assert "\\[x\\]" in app.header[0].value or "\\!" in app.header[0].value
    assert "http://example.org)" not in "".join(e.proto.body for e in app.get("html"))
