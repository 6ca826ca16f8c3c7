"""Lessons: every step in both languages, what is kept and resumed, runs deleted or changed in between."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.progress import STEPS, ProgressInLessons
from fmnist_core.lessons.reading import FOLDER, read_lesson, shipped
from fmnist_core.nets.worker import slices
from fmnist_core.store.sweeps import Sweep, Sweeps
from pages.parts.base.i18n import phrase
from pages.parts.base.routes import opening
from pages.parts.base.services import engine, store
from tests.lessons.lesson_files import LESSON
from tests.lessons.lesson_runs import train_lesson
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import answer_here, html
from tests.pages.lab_page import SECONDS, breakable, page_text
from tests.source_tree import MODULES, imports
from tests.waiting import wait_for

PAGE = "pages/learn/lessons.py"
SMALL = read_lesson(LESSON.encode(), "small.toml")
PROMPT_SECONDS = 0.5
Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A lecturer's, with the small lesson, on the sample."""
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons/small.toml").write_text(LESSON, "utf-8")
    monkeypatch.setenv(FOLDER, str(tmp_path / "lessons"))
    if "training" not in request.fixturenames:
        answer_here(monkeypatch)
    return tmp_path / "lessons"


def go(app: AppTest, lesson: str, step: str) -> AppTest:
    """As a link does that somebody follows."""
    app.query_params["lesson"], app.query_params["step"] = lesson, step
    app.run()
    assert not app.exception
    return app


def progress(app: AppTest) -> ProgressInLessons:
    return ProgressInLessons(store(), app.session_state["learner"])


def trained(visit: Visit, step: str = "train") -> tuple[AppTest, dict[str, str]]:
    """The small lesson at a step, once the learner has trained it; and the ids of its runs."""
    app = visit(PAGE)
    run_ids = train_lesson(store(), SMALL, app.session_state["learner"])
    return go(app, "small", step), run_ids


def ticked(app: AppTest) -> list[str]:
    """The steps that the line of steps shows as done."""
    drawn = app.segmented_control(key="step").proto.options
    return [option.content for option in drawn if option.content_icon == ":material/check:"]


def links(app: AppTest) -> dict[str, str]:
    return {link.label: link.proto.query_string for link in app.main.get("page_link")}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_lesson_is_on_the_shelf(visit: Visit, lang: str):
    app = visit(PAGE, lang=lang)
    titles = [element.value for element in app.subheader]
    for k, lesson in enumerate((*shipped(), SMALL), start=1):
        assert titles[k - 1] == f"{k}. {phrase(lesson.title, lang)}"
    assert len(titles) == len(shipped()) + 1
    assert not app.warning
    assert f"lesson={SMALL.slug}&step=question" in links(app).values()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_step_of_every_lesson_is_drawn_in_both_languages(visit: Visit, lang: str):
    """Before anything is trained; a learner may go to any step."""
    app = visit(PAGE, lang=lang)
    for lesson in (*shipped(), SMALL):
        said = ""
        for step in STEPS:
            go(app, lesson.slug, step)
            said += page_text(app)
            assert app.title[0].value == phrase(lesson.title, lang)
            assert (list(app.error), list(app.warning)) == ([], []), (lesson.slug, step)
            assert app.query_params["step"] == step
        for paragraph in (*lesson.beginning, *lesson.explanation.text):
            assert breakable(phrase(paragraph, lang)) in said


@pytest.mark.timed
def test_every_step_answers_at_once(visit: Visit):
    app = visit(PAGE)
    for lesson in (*shipped(), SMALL):
        for step in STEPS:
            go(app, lesson.slug, step)  # the first time loads what is loaded once
            began = time.monotonic()
            go(app, lesson.slug, step)
            assert time.monotonic() - began < PROMPT_SECONDS, (lesson.slug, step)


def test_buttons_lead_on_and_back(visit: Visit):
    app = go(visit(PAGE), "small", "question")
    for step in STEPS[1:]:
        app.button(key="lesson_next").click().run()
        assert app.query_params["step"] == step
        assert not app.exception
    assert "lesson_next" not in [button.key for button in app.button]
    for step in STEPS[-2::-1]:
        app.button(key="lesson_back").click().run()
        assert app.query_params["step"] == step


def test_a_link_to_a_late_step_ticks_none_that_it_led_past(visit: Visit):
    app = go(visit(PAGE), "small", "check")
    assert ticked(app) == []
    go(app, "small", "compare")  # where nothing is to be compared yet
    go(app, "small", "train")
    assert ticked(app) == []
    go(app, "small", "question")
    go(app, "small", "predict")
    assert ticked(app) == ["1 Question"]
    train_lesson(store(), SMALL, app.session_state["learner"])
    go(app, "small", "explain")
    done = ["1 Question", "3 Train", "5 Explain"]
    assert ticked(app) == done
    go(app, "small", "compare")
    assert "4 Compare" in ticked(app)


def test_a_curve_drawn_in_part_is_no_prediction_made(visit: Visit):
    slug = next(lesson.slug for lesson in shipped() if lesson.prediction.form == "curve")
    app = go(visit(PAGE), slug, "predict")
    progress(app).predict(slug, [0.04, None, 0.02, None])
    go(app, slug, "train")
    assert "2 Predict" not in ticked(app)
    progress(app).predict(slug, [0.04, 0.03, 0.02, 0.01])
    go(app, slug, "train")
    assert "2 Predict" in ticked(app)


def test_a_right_answer_is_ticked_at_once(visit: Visit):
    app = go(visit(PAGE), "small", "check")
    app.radio(key=f"check_{SMALL.slug}").set_value(1).run()
    assert ticked(app) == []
    app.radio(key=f"check_{SMALL.slug}").set_value(0).run()
    assert ticked(app) == ["6 Check"]


def test_a_lesson_that_was_left_is_resumed_at_its_step(visit: Visit):
    app = go(visit(PAGE), "small", "train")
    app.query_params.clear()
    app.run()
    assert "Step 3 of 6: Train" in page_text(app)
    assert links(app)[f"Resume lesson {1 + len(shipped())}"] == "lesson=small"
    app.query_params["lesson"] = "small"
    app.run()
    assert app.query_params["step"] == "train"


def test_the_step_of_one_lesson_is_none_of_anothers(visit: Visit):
    app = go(visit(PAGE), "small", "explain")
    app.query_params.clear()
    app.query_params["lesson"] = shipped()[0].slug
    app.run()
    assert app.query_params["step"] == "question"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_links_that_lead_nowhere_get_a_sentence(visit: Visit, lang: str):
    app = visit(PAGE, lang=lang, lesson="no_such")
    assert "no_such" in app.warning[0].value
    assert "lesson" not in app.query_params
    assert app.subheader
    app = visit(PAGE, lang=lang, lesson="small", step="nowhere")
    assert "nowhere" in app.warning[0].value
    assert app.query_params["step"] == "question"


def test_a_broken_file_is_named_and_the_others_go_on(visit: Visit, folder: Path):
    (folder / "broken.toml").write_text(LESSON.replace("minutes = 5", "minutes = 50"), "utf-8")
    app = visit(PAGE)
    assert "“broken.toml”, at minutes" in app.warning[0].value
    assert len(app.subheader) == len(shipped()) + 1


def test_whoever_skips_to_the_comparison_is_told_what_to_do(visit: Visit):
    app = go(visit(PAGE), "small", "compare")
    assert "nothing is trained yet" in page_text(app)
    app.button(key="lesson_to_train").click().run()
    assert app.query_params["step"] == "train"
    assert app.button(key="lesson_train").label == "Train"


@pytest.mark.slow
@pytest.mark.usefixtures("training")
def test_a_lesson_trains_live_and_its_prediction_is_compared(visit: Visit):
    app = go(visit(PAGE), "small", "train")
    progress(app).predict("small", ["wide", "narrow"])
    app.button(key="lesson_train").click().run()
    assert not app.error
    assert "lesson_train" not in [button.key for button in app.button]

    def ended() -> bool:
        app.run()
        assert not app.exception
        return "**2** of 2 runs have ended." in page_text(app)

    wait_for(ended, SECONDS, 0.2)
    runs = store().runs(app.session_state["learner"])
    assert sorted(run.name for run in runs) == ["narrow", "wide"]
    assert {run.spec for run in runs} == {run.spec for run in SMALL.runs}
    app.run()
    assert "The ten garments reconstructed by wide" in html(app)
    by_name = {run.name: store().epochs(run.id)[-1].validation_loss for run in runs}
    go(app, "small", "compare")
    assert app.get("vega_lite_chart")
    assert by_name["wide"] < by_name["narrow"]
    assert "right" in page_text(app)


def test_who_predicted_nothing_is_told_that_the_result_stands_alone(visit: Visit):
    app, _run_ids = trained(visit, "compare")
    assert "There is no prediction of yours to compare" in page_text(app)
    progress(app).predict("small", ["wide", "narrow"])
    go(app, "small", "compare")
    assert "There is no prediction of yours to compare" not in page_text(app)


def test_a_run_deleted_in_between_is_said_and_can_be_trained_again(visit: Visit):
    app, run_ids = trained(visit)
    progress(app).predict("small", ["wide", "narrow"])
    store().delete(run_ids["wide"])
    go(app, "small", "compare")
    assert "Some runs are missing" in page_text(app)
    assert app.button(key="lesson_train_again").label == "Train the missing one"
    go(app, "small", "train")
    assert "Deleted since: wide." in page_text(app)
    assert progress(app).of("small").prediction == ["wide", "narrow"]
    app.button(key="lesson_train").click().run()
    assert not app.exception
    assert "lesson_train" not in [button.key for button in app.button]
    (waiting,) = [sweep for sweep in sweeps(app) if sweep.members[0].name == "wide"]
    assert [member.spec for member in waiting.members] == [SMALL.runs[1].spec]


def sweeps(app: AppTest) -> list[Sweep]:
    return engine().sweep_queue.sweeps.of_learner(app.session_state["learner"], "lesson", "small")


def test_a_run_given_other_settings_since_is_not_compared(visit: Visit):
    app, run_ids = trained(visit)
    store().set_spec(run_ids["narrow"], SMALL.runs[0].spec.changed(epochs=5))
    go(app, "small", "train")
    assert "Given other settings since, so not compared here: narrow." in page_text(app)


def test_runs_trained_in_one_language_are_named_in_the_other(visit: Visit):
    lesson = shipped()[1]
    app = visit(PAGE, lang="es")
    (run,) = lesson.runs
    short = run.spec_for(len(fashion_mnist.load().train_labels))
    sweeps = Sweeps(store())
    sweep_id = sweeps.create(
        app.session_state["learner"], lesson.title, "lesson", lesson.slug, [(short, run.name)]
    )
    run_id = sweeps.begin_next(sweep_id)
    slices.advance_slice(request_for(store(), run_id, until_step=1, checkpoint=True))
    go(app, lesson.slug, "train")
    drawn = html(app)
    assert phrase(run.name, "es") != run.name
    assert f">{phrase(run.name, 'es')}<" in drawn
    assert f">{run.name}<" not in drawn


def test_a_click_that_is_refused_is_a_sentence(visit: Visit, monkeypatch: pytest.MonkeyPatch):
    app = go(visit(PAGE), "small", "train")
    monkeypatch.setenv("FMNIST_FREE_MB", "999999999")
    app.button(key="lesson_train").click().run()
    assert "must stay free, so nothing trains" in page_text(app)
    assert not sweeps(app)


@pytest.mark.slow
@pytest.mark.usefixtures("training")
def test_what_another_tab_has_begun_to_train_is_not_begun_again(visit: Visit):
    app = go(visit(PAGE), "small", "train")
    other = visit(PAGE)
    other.session_state["learner"] = app.session_state["learner"]
    go(other, "small", "train")
    assert other.button(key="lesson_train").label == app.button(key="lesson_train").label == "Train"
    app.button(key="lesson_train").click().run()
    other.button(key="lesson_train").click().run()
    assert not other.exception
    assert not other.error
    assert len(sweeps(app)) == 1


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_answer_gets_its_own_reply_and_another_may_be_chosen(visit: Visit, lang: str):
    app = go(visit(PAGE, lang=lang), "small", "check")
    radio = f"check_{SMALL.slug}"
    assert app.radio(key=radio).value is None
    app.radio(key=radio).set_value(1).run()
    assert app.info[0].value == SMALL.check.answers[1].reply
    assert progress(app).of("small").answer == 1
    app.radio(key=radio).set_value(0).run()
    assert app.success[0].value == SMALL.check.answers[0].reply
    last = phrase("The last lesson is done: train a network of your own", lang)
    assert last in links(app), "whoever is done with the last lesson is not left without a way on"
    app.radio(key=radio).set_value(1).run()
    assert app.info[0].value == SMALL.check.answers[1].reply
    assert progress(app).of("small").answer == 0, "a right answer is not lost by trying the others"
    app.query_params.clear()
    app.run()
    assert phrase("Done", lang) in page_text(app)


def test_the_same_learner_goes_on_in_another_browser(visit: Visit):
    app = go(visit(PAGE), "small", "predict")
    kept = progress(app)
    kept.predict("small", ["wide", "narrow"])
    other = visit(PAGE)
    other.session_state["learner"] = app.session_state["learner"]
    other.run()
    assert f"Resume lesson {1 + len(shipped())}" in links(other)
    go(other, "small", "predict")
    assert kept.of("small").prediction == ["wide", "narrow"]


@pytest.mark.parametrize("said", [None, "higher"])
def test_a_tab_keeps_what_is_said_in_it_and_nothing_else(visit: Visit, said: str | None):
    slug = next(lesson.slug for lesson in shipped() if lesson.prediction.form == "direction")
    app = go(visit(PAGE), slug, "predict")
    progress(app).predict(slug, "lower")  # in another tab
    if said is not None:
        app.radio(key=f"predict_{slug}").set_value(said)
    go(app, slug, "train")  # at the same moment
    assert progress(app).of(slug).prediction == (said or "lower")


def test_a_prediction_that_no_longer_fits_the_file_is_none(visit: Visit, folder: Path):
    app, _run_ids = trained(visit)
    progress(app).predict("small", ["wide", "narrow"])
    (folder / "small.toml").write_text(LESSON.replace('name = "wide"', 'name = "broad"'), "utf-8")
    go(app, "small", "compare")
    assert not app.error


def test_a_lessons_runs_are_one_group_among_all_runs(visit: Visit):
    app, run_ids = trained(visit)
    of_runs = engine().sweep_queue.sweeps.of_runs(app.session_state["learner"])
    assert {opening(of_runs[run_id])["lesson"] for run_id in run_ids.values()} == {"small"}
    app.switch_page("pages/results/runs.py").run()
    assert not app.exception
    assert "lessons?lesson=small&step=train" in str(
        [element.proto.json for element in app.get("bidi_component")]
    )
    app.query_params["sweep"] = of_runs[run_ids["wide"]].id
    app.switch_page("pages/lab/sweep.py").run()
    assert not app.exception


def test_nothing_outside_lessons_asks_for_a_prediction():
    asking = {
        module
        for module, path in MODULES.items()
        if any(
            taken.module == "pages.parts.predicting.predict_input"
            for taken in imports(path.read_text("utf-8"))
        )
    }
    assert asking == {"pages.parts.lessons.beginning"}
