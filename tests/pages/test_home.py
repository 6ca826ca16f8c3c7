"""The first page and the frame around it."""

import json
import re
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist, folders
from fmnist_core.lessons import reading
from fmnist_core.lessons.progress import ProgressInLessons
from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec, snapshot_steps
from fmnist_core.store.runs import Store
from pages.parts.base import services
from pages.parts.base.i18n import phrase
from pages.parts.base.learner import ID_FORMAT
from pages.parts.frame import frame
from pages.parts.results import shipped_models
from pages.parts.results.first_models import CLASSIFIER, KEY, UNPOOLED
from pages.parts.results.shipped_models import FIRST

SPEC = read_spec({"architecture": "conv_autoencoder", "hidden_sizes": [32], "epochs": 2})


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path, full_data: fashion_mnist.Dataset):
    """A trained model as the lab ships one; its reconstructions are the originals, brighter at every step."""
    folder = tmp_path / shipped_models.FIRST
    folder.mkdir()
    originals = full_data.test_images[fashion_mnist.snapshot_indices(full_data)]
    steps = snapshot_steps(SPEC)
    outputs = np.stack([originals // (len(steps) - i) for i in range(len(steps))])
    np.savez(folder / "film.npz", steps=steps, epochs=np.divide(steps, SPEC.steps_per_epoch), outputs=outputs)
    row = {"train_loss_eval": 0.02, "validation_loss": 0.03}
    (folder / "spec.json").write_text(SPEC.to_json())
    (folder / "history.json").write_text(json.dumps([{"epoch": e, **row} for e in (1, 2)]))
    (folder / "metrics.json").write_text(json.dumps({"test_loss": 0.0321}))
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)


def words(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.button, app.page_link)
    return " ".join(
        str(element.label if hasattr(element, "label") else element.value)
        for kind in kinds
        for element in kind
    )


@pytest.mark.parametrize(
    ("lang", "title", "link"),
    [
        ("en", "Watch a neural network learn", "The data"),
        ("es", "Ver cómo aprende una red neuronal", "Los datos"),
    ],
)
def test_both_languages(visit, no_models, lang: str, title: str, link: str):
    app = visit(lang=lang)
    assert [element.value for element in app.title] == [title]
    assert link in [element.value for element in app.sidebar.get("page_link")]
    assert app.query_params["lang"] == lang
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize(("locale", "place"), [("en-GB", 0), ("es-AR", 1)])
def test_every_run_of_the_script_says_which_language_is_chosen(visit, no_models, locale: str, place: int):
    """A browser that is shown the second before it has drawn the first would mark none."""
    app = visit("pages/learn/data.py", browser={"locale": locale})
    (switch,) = (element for element in app.sidebar.get("button_group") if element.key == frame.SWITCH)
    assert list(switch.proto.default) == [place]


def test_the_language_switch_stays_across_pages(visit, no_models):
    app = visit()
    app.segmented_control(key=frame.SWITCH).set_value("es").run()
    assert app.title[0].value == "Ver cómo aprende una red neuronal"
    app.switch_page("pages/learn/data.py").run()
    assert app.title[0].value == "Los datos"
    assert app.query_params["lang"] == "es"


def test_the_browser_chooses_the_language_of_a_first_visit(visit, no_models):
    app = visit(browser={"locale": "es-MX"})
    assert app.query_params["lang"] == "es"


def test_a_language_that_the_lab_does_not_speak_is_said(visit, no_models):
    app = visit(lang="klingon")
    assert [element.value for element in app.warning] == [
        "The lab speaks English and Spanish; this link asks for “klingon”."
    ]
    assert app.query_params["lang"] == "en"


def test_a_trained_network_is_there_at_once(visit, shipped):
    app = visit()
    slider = app.select_slider(key=f"home_film_{shipped_models.FIRST}")
    assert slider.value == SPEC.total_steps
    images = re.findall(r'src="([^"]+)"', garments_shown(app))
    slider.set_value(0).run()
    assert "before training" in slider.options
    assert re.findall(r'src="([^"]+)"', garments_shown(app)) != images
    assert "0.0321" in words(app)
    (chart,) = app.get("vega_lite_chart")
    assert json.loads(chart.proto.spec)["layer"]


def garments_shown(app: AppTest) -> str:
    (shown,) = [element.value for element in app.html if "<figure>" in element.value]
    assert shown.count("<figure>") == 10
    return shown


@pytest.mark.parametrize("lang", ["en", "es"])
def test_three_trained_networks_each_one_click_from_their_inside(visit, lang: str):
    app = visit(lang=lang)
    for name in (FIRST, UNPOOLED, CLASSIFIER):
        app.segmented_control(key=KEY).set_value(name).run()
        assert not app.exception
        assert not app.error
        assert app.select_slider(key=f"home_film_{name}").value > 0
        links = [(link.proto.page, link.proto.query_string) for link in app.get("page_link")]
        assert ("layers", f"network={name}") in links
        assert ("try_it", f"networks={name}") in links
    assert visit(trained=CLASSIFIER).segmented_control(key=KEY).value == CLASSIFIER


def test_a_damaged_one_of_the_three_is_named_and_the_first_is_there(visit, monkeypatch, tmp_path):
    shutil.copytree(folders.SHIPPED_MODELS / FIRST, tmp_path / FIRST)
    shutil.copytree(folders.SHIPPED_MODELS / UNPOOLED, tmp_path / UNPOOLED)
    shutil.copy(folders.SHIPPED_MODELS / "SHA256SUMS", tmp_path)
    (tmp_path / UNPOOLED / "film.npz").write_bytes(b"nonsense")
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)
    app = visit()
    assert f"“{UNPOOLED}”" in " ".join(error.value for error in app.error)
    assert app.select_slider(key=f"home_film_{FIRST}").value > 0


@pytest.mark.parametrize("lang", ["en", "es"])
def test_there_are_three_ways_in(visit, no_models, lang: str):
    app = visit(lang=lang)
    assert not app.select_slider
    ways = [phrase(way, lang) for way in ("I am new here", "I want to train", "I came for the reports")]
    assert [element.value for element in app.subheader] == ways
    assert [button.key for button in app.main.button if button.proto.type == "primary"] == ["lesson_begin"]
    pages = [link.proto.page for link in app.main.get("page_link")]
    assert pages == ["lessons", "autoencoder", "classifier", "reports", "claims"]


def test_whoever_is_new_is_led_to_the_first_lesson(visit, no_models):
    app = visit()
    assert app.button(key="lesson_begin").label == "Start lesson 1"
    app.button(key="lesson_begin").click().run()
    assert app.query_params["lesson"] == reading.all_lessons().lessons[0].slug
    assert not app.exception


def test_whoever_has_begun_a_lesson_is_led_back_to_it(visit, no_models):
    app = visit()
    progress = ProgressInLessons(Store(), app.session_state["learner"])
    last = reading.all_lessons().lessons[-1]
    progress.reach(last.slug, 2)
    progress.reach("of-another-lab", 2)
    app.run()
    app.button(key="lesson_begin").click().run()
    assert (app.query_params["lesson"], app.query_params["step"]) == (last.slug, "train")


@pytest.mark.parametrize("small", [False, True])
def test_the_first_training_is_one_click(visit, no_models, small: bool, request: pytest.FixtureRequest):
    if small:
        request.getfixturevalue("only_the_sample")
    app = visit()
    app.button(key="train_first").click().run()
    (run,) = Store().runs()
    assert run.learner == app.session_state["learner"]
    assert run.name == "My first network"
    assert run.status == "queued"
    fashion_mnist.check(run.spec, fashion_mnist.load())
    assert not app.exception
    assert app.query_params["run"] == run.id


def test_a_refused_first_training_is_a_sentence(visit, no_models, monkeypatch: pytest.MonkeyPatch):
    app = visit()
    for _ in range(9):
        app.switch_page("pages/learn/home.py").run()
        app.button(key="train_first").click().run()
        if app.error:
            break
    assert [element.value for element in app.error]
    assert app.title[0].value == "Watch a neural network learn"


def test_latest_runs_are_listed_and_others_are_not(visit, no_models):
    store = Store()
    app = visit()
    for n in range(7):
        store.create_run(SPEC, app.session_state["learner"], f"Run {n}")
    store.create_run(SPEC, "B" * 22, "Not mine")
    app.run()
    linked = [element.value for element in app.main.get("page_link")]
    assert [name for name in linked if name.startswith("Run ")] == [f"Run {n}" for n in (6, 5, 4, 3, 2)]
    assert "All your runs" in linked
    assert "Not mine" not in linked
    assert any("Queued · epoch 0 of 2" in element.value for element in app.caption)


def test_a_learner_is_remembered_by_cookie(visit, no_models):
    app = visit()
    assert ID_FORMAT.fullmatch(app.session_state["learner"])
    (setter,) = [
        element for element in app.get("bidi_component") if element.proto.component_name.endswith("cookie")
    ]
    assert json.loads(setter.proto.json)["value"] == app.session_state["learner"]


def test_the_sample_is_announced_with_the_way_to_the_rest(visit, no_models, only_the_sample):
    app = visit()
    assert any("sample of 8,000 images" in element.value for element in app.markdown)
    assert app.button(key="data_fetch").label == "Fetch all 70,000 images"


def test_the_full_data_needs_no_banner(visit, no_models, full_data):
    assert "data_fetch" not in [element.key for element in visit().button]


def test_data_that_was_refused_is_named(visit, no_models, only_the_sample, monkeypatch, tmp_path):
    for file in fashion_mnist.FULL.values():
        (tmp_path / file.name).write_bytes(b"nonsense")
    monkeypatch.setenv("FMNIST_DATA", str(tmp_path))
    (warning,) = visit().warning
    assert str(tmp_path) in warning.value


def test_a_training_engine_that_failed_is_said_on_every_page(
    visit, no_models, monkeypatch: pytest.MonkeyPatch
):
    problem = Sentence("The workers did not answer in time. Try again in a moment.")
    monkeypatch.setattr(services.Engine, "problem", property(lambda self: problem))
    for page in ("pages/learn/home.py", "pages/learn/data.py"):
        assert [element.value for element in visit(page).error] == [str(problem)]


def test_an_unexpected_error_is_a_sentence_and_is_logged(visit, caplog, monkeypatch: pytest.MonkeyPatch):
    def broken():
        raise ZeroDivisionError("a secret of the server")

    monkeypatch.setattr(shipped_models, "first_trained", broken)
    app = visit()
    (error,) = app.error
    assert "Something went wrong on this page" in error.value
    assert "secret" not in error.value
    assert "a secret of the server" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_a_store_that_cannot_be_opened_is_said(visit, no_models, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "carrier-pigeon://coop/7")
    app = visit()
    assert app.error
    assert all("DATABASE_URL" in element.value for element in app.error)


@pytest.mark.parametrize("name", ["nonsense", "home"])
def test_an_unknown_page_harms_nothing(visit, no_models, name: str):
    """Streamlit lets no page be called as the first page's file is."""
    app = visit(browser={"url": f"http://localhost:8501/{name}"})
    assert not app.error


@pytest.mark.parametrize(
    ("url", "unknown"),
    [
        ("http://localhost:8501", None),
        ("http://localhost:8501/", None),
        ("http://localhost:8501/data?view=split", None),
        ("https://host/proxy/8501/data", None),
        ("http://localhost:8501/nonsense", "nonsense"),
        ("http://localhost:8501/%3Cscript%3E", None),
        (None, None),
    ],
)
def test_which_pages_are_unknown(url: str | None, unknown: str | None):
    assert frame.unknown_page(url, {"", "data"}) == unknown


def test_a_language_that_is_not_spoken_is_named_until_one_is_chosen(visit, no_models):
    app = visit(lang="xx")
    sentence = "The lab speaks English and Spanish; this link asks for “xx”."
    assert [warning.value for warning in app.warning] == [sentence]
    assert [warning.value for warning in app.run().warning] == [sentence]
    app.segmented_control(key=frame.SWITCH).set_value("es").run()
    assert not app.warning
