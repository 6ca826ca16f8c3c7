"""Lecture mode: one run on the screen, keys for it, and a sentence where there is none."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec
from pages.parts.base.services import store
from pages.parts.widgets import scrubber
from pages.parts.widgets.confusion_matrix import FAR_SHADES
from tests.pages.lab_page import page_text

PAGE, CLASSIFIER = "pages/lab/autoencoder.py", "pages/lab/classifier.py"
NONE_HERE = "Lecture mode shows one run, large; there is none here."


def a_run(architecture: str, status: str = "paused") -> str:
    spec = read_spec({"architecture": architecture, "train_size": 1000, "validation_size": 200, "epochs": 4})
    run_id = store().create_run(spec, "B" * 22, "Theirs", status="running")
    matrix = np.diag(np.full(10, 20)) if architecture == "ff_classifier" else None
    accuracy = None if matrix is None else 1.0
    events = [Epoch(1, 10, 0.3, 0.2, 0.25, accuracy, accuracy, matrix, 0.001, 1.0)]
    store().write_slice(run_id, store().claim(run_id), events, step=10, epoch=1, seconds=1.0)
    store().set_status(run_id, status)
    return run_id


def shortcuts(app: AppTest) -> dict[str, str]:
    return {one.key: one.proto.shortcut for one in app.button if one.proto.shortcut}


@pytest.mark.parametrize(("page", "architecture"), [(PAGE, "ff_autoencoder"), (CLASSIFIER, "ff_classifier")])
def test_the_run_alone_with_keys_and_the_way_back(
    visit: Callable[..., AppTest], page: str, architecture: str
):
    run_id = a_run(architecture)
    app = visit(page, run=run_id, projector="1")
    assert not app.title
    assert "Theirs" in page_text(app)
    assert not [one for one in app.number_input if one.key and one.key.endswith("_epochs")]
    keys = {"bar_resume": "P", "bar_batch": "N", "bar_epoch": "E"}
    keys |= {"lecture_branch": "B", "lecture_leave": "Q"}
    keys |= {"lecture_back": "Left", "lecture_on": "Right"}
    assert {key: text.capitalize() for key, text in shortcuts(app).items()} == keys
    assert len(app.get("vega_lite_chart")) == (1 if architecture == "ff_autoencoder" else 2)
    app.button(key="lecture_leave").click().run()
    assert app.title
    assert app.query_params["run"] == run_id
    assert "projector" not in app.query_params
    assert not shortcuts(app)


@pytest.mark.parametrize("page", ["pages/learn/data.py", "pages/results/claims.py", PAGE, CLASSIFIER])
def test_a_page_without_a_run_says_so_and_stays_as_it_is(visit: Callable[..., AppTest], page: str):
    app = visit(page, projector="1")
    assert NONE_HERE in page_text(app)
    assert app.title
    app.button(key="lecture_leave").click().run()
    assert NONE_HERE not in page_text(app)


def test_another_link_brings_its_run_and_what_the_page_wrote_itself_is_no_link(visit: Callable[..., AppTest]):
    first, second, third = (a_run("ff_autoencoder") for _ in range(3))
    app = visit(PAGE, run=first, projector="1")
    app.session_state["run_autoencoder"] = second  # as the click on Branch does
    app.run()
    assert app.query_params["run"] == second
    app.query_params["run"] = first  # the browser has not heard of it yet
    app.run()
    assert app.query_params["run"] == second
    app.session_state["address_lecture_autoencoder"] = (
        app.session_state["address_lecture_autoencoder"][0],
        0.0,
    )
    app.query_params["run"] = third
    app.run()
    assert app.query_params["run"] == third
    assert app.session_state["run_autoencoder"] == third


def test_the_switch_and_an_address_that_says_neither(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=a_run("ff_autoencoder"), projector="perhaps")
    assert "this link says “perhaps”" in page_text(app.run())
    app.toggle(key="lecture_switch").set_value(True).run()
    assert not app.title
    assert app.query_params["projector"] == "1"
    assert "perhaps" not in page_text(app)


def test_branch_opens_by_its_key(visit: Callable[..., AppTest]):
    app = visit(PAGE, run=a_run("ff_autoencoder"), projector="1")
    app.button(key="lecture_branch").click().run()
    assert not app.exception
    assert app.session_state["bar_branch"]


def test_a_step_of_the_film_stays_within_it_and_follows_no_more(monkeypatch: pytest.MonkeyPatch):
    state = {"film": {"place": 20, "follow": True, "knob": 0, "toggle": 0}}
    monkeypatch.setattr(scrubber.st, "session_state", state)
    for by, place in ((1, 20), (-1, 10), (-1, 0), (-1, 0), (1, 10)):
        scrubber.shift("film", (0, 10, 20), by)
        assert state["film"]["place"] == place
    assert not state["film"]["follow"]
    scrubber.shift("unknown", (0, 10), 1)


@pytest.mark.parametrize("theme", FAR_SHADES)
def test_numbers_in_a_matrix_on_the_wall_are_read_at_seven_to_one(theme: str):
    ends = [[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in FAR_SHADES[theme]]
    for share in np.linspace(0, 1, 21):
        rgb = (np.array(ends[0]) * (1 - share) + np.array(ends[1]) * share) / 255
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        luminance = float(linear @ [0.2126, 0.7152, 0.0722])
        ratio = (luminance + 0.05) / 0.05 if luminance > 0.179 else 1.05 / (luminance + 0.05)
        assert ratio >= 7
