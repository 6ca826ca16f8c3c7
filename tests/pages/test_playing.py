"""What a lesson offers to play with: each play is drawn, answers to its control, and says what it lacks."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.architecture.by_hand import relative_change, shifted
from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.lessons.reading import read_lesson
from fmnist_core.nets.worker.queries import QUERIES
from pages.parts.base.formatting import number, percent
from pages.parts.base.services import store
from pages.parts.lessons.plays.patience import early_stop
from tests.lessons.lesson_files import LESSON
from tests.pages.inside_page import answer_here, html, trained
from tests.pages.lab_page import breakable, page_text

CLASSIFIER = LESSON.replace("ff_autoencoder", "ff_classifier")
CLASSIFIER = CLASSIFIER.replace("hidden_sizes = [32]", "hidden_sizes = [12, 9]")


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    answer_here(monkeypatch)


def playing(content: str, play: str, settings: str, run_ids: dict[str, str]) -> AppTest:
    def page(file: str, runs: dict[str, str]) -> None:
        from fmnist_core.lessons.reading import read_lesson
        from pages.parts.base.services import store
        from pages.parts.lessons.plays.registry import play
        from pages.parts.lessons.plays.trained import Trained

        lesson = read_lesson(file.encode(), "small.toml")
        known = {name: store().run(id) for name, id in runs.items()}
        asked = lesson.explanation
        play(asked.play, asked.play_settings, Trained(lesson, known))

    content = content.replace('play = "film"', f'play = "{play}"\nsettings = {{ {settings} }}')
    app = AppTest.from_function(page, kwargs={"file": content, "runs": run_ids}, default_timeout=30)
    app.run()
    assert not app.exception
    assert not app.error, app.error[0].value
    return app


def train(content: str) -> dict[str, str]:
    lesson = read_lesson(content.encode(), "small.toml")
    return {run.name: trained(run.spec) for run in lesson.runs}


def test_dropout_is_measured_on_every_run():
    runs = train(LESSON)
    app = playing(LESSON, "dropout", "", runs)
    app.select_slider[0].set_value(0.2).run()
    shown = html(app)
    for run_id in runs.values():
        measured = QUERIES["loss_with_dropout"](store_url=store().url, run_id=run_id, dropout=0.2)
        for value in (measured["off"], np.mean(measured["on"])):
            assert number(float(value)) in shown


def test_a_garments_numbers_have_sliders_and_draw():
    runs = train(LESSON)
    app = playing(LESSON, "numbers", 'run = "wide"', runs)
    assert len(app.select_slider) == 10
    before, slider = html(app), app.select_slider[0]
    codes = QUERIES["latent_map"](store_url=store().url, run_id=runs["wide"])["codes"]
    k = int(slider.label.removeprefix("Number ")) - 1
    lowest, highest = float(codes[:, k].min()), float(codes[:, k].max())
    slider.set_value(highest if slider.value < (lowest + highest) / 2 else lowest).run()
    assert not app.error
    assert html(app) != before


def test_numbers_that_have_all_died_are_said_to_have(monkeypatch: pytest.MonkeyPatch):
    ask = Engine.ask

    def dead(engine: Engine, query: str, **arguments):
        answered = ask(engine, query, **arguments)
        return answered | {"codes": 0 * answered["codes"]} if query == "latent_map" else answered

    monkeypatch.setattr(Engine, "ask", dead)
    app = playing(LESSON, "numbers", 'run = "narrow"', train(LESSON))
    assert "draws the same for all" in app.info[0].value
    assert not app.select_slider


def test_early_stopping_waits_as_long_as_it_is_told():
    longer = LESSON.replace("epochs = 2", "epochs = 4")
    app = playing(longer, "patience", 'run = "wide"', train(longer))
    assert "went" not in page_text(app)
    assert "the best was epoch" in page_text(app).lower()


@pytest.mark.parametrize(
    ("losses", "wait", "expected"),
    [
        ([3, 2, 1], 1, (2, 2)),
        ([3, 2, 2.5, 1], 1, (2, 1)),
        ([3, 2, 2.5, 1], 2, (3, 3)),
        ([1, 1, 1, 1], 3, (3, 0)),
        ([2, 1, 3, 3, 3, 0], 3, (4, 1)),
    ],
)
def test_early_stopping_ends_where_the_labs_own_would(
    losses: list[float], wait: int, expected: tuple[int, int]
):
    assert early_stop(losses, wait) == expected


def test_curves_of_the_evidence_follow_the_slider():
    app = playing(LESSON, "rates", 'experiments = ["r2-lr0.0001", "r2-p0.05", "r2-lr0.01"]', {})
    before = page_text(app)
    assert len(app.select_slider[0].options) == 3
    app.select_slider[0].set_value("r2-lr0.01").run()
    assert page_text(app) != before


def test_what_a_shift_changes_is_measured():
    app = playing(LESSON, "shift", "", {})
    app.slider[0].set_value(2).run()
    dataset = fashion_mnist.load()
    shirt = dataset.test_images[fashion_mnist.snapshot_indices(dataset)[6]] / 255
    change = breakable(percent(relative_change(shirt, shifted(shirt, 0, 2))))
    assert f"The garment: {change} changed" in page_text(app)
    app.slider[0].set_value(0).run()
    assert page_text(app).count(": 0.0 % changed") == 3 or page_text(app).count(": 0 % changed") == 3


def test_the_most_frequent_confusion_is_shown_first():
    runs = train(CLASSIFIER)
    app = playing(CLASSIFIER, "confusions", 'run = "wide"', runs)
    for _ in range(20):
        if app.selectbox:
            break
        app.run()
    answer = QUERIES["test_probabilities"](store_url=store().url, run_id=runs["wide"], first=0, count=1000)
    guesses, labels = answer["probabilities"].argmax(1), fashion_mnist.load().test_labels
    wrong = np.zeros((10, 10), int)
    np.add.at(wrong, (labels, guesses), labels != guesses)
    assert app.selectbox[0].value == divmod(int(wrong.argmax()), 10)
    assert f"**{wrong.max()}** garments are labelled" in page_text(app)


@pytest.mark.slow
def test_labels_are_given_and_learned_from():
    app = playing(LESSON, "labels", 'model = "r4-p0.1"', {})
    app.select_slider[0].set_value(50).run()
    scores = QUERIES["few_labels"](model="r4-p0.1", labels=50)["trained"]
    assert percent(float(scores.mean())) in html(app)


def test_runs_are_drawn():
    app = playing(LESSON, "draws", "", {})
    app.button(key="luck_draw").click().run()
    assert app.button(key="luck_guess_0")


@pytest.mark.parametrize("play", ["film", "numbers", "patience", "dropout"])
def test_a_run_that_is_not_there_is_asked_for(play: str):
    app = playing(LESSON, play, "", {})
    assert "Train it in the step Train" in app.info[0].value
