"""The page of own garments: photos of all kinds, steps, networks, and what an address may say."""

import base64
import logging
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist, folders
from fmnist_core.data.photo import LONGEST_SIDE
from fmnist_core.data.preparation import STEPS
from fmnist_core.nets.worker import network_at, slices
from fmnist_core.nets.worker.queries import QUERIES
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.spec import read_spec
from pages.parts.base.services import store
from pages.parts.base.typed_text import as_typed
from pages.parts.results.shipped_model_view import title
from pages.parts.try_it.is_it_a_garment import share_below
from pages.parts.try_it.robustness import KINDS
from pages.parts.widgets import mosaics
from tests.data import picture_files as files
from tests.nets.worker.slice_requests import request_for
from tests.pages.inside_page import answer_here, html, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/inside/try_it.py"


@pytest.fixture(autouse=True)
def _asks_this_process(monkeypatch: pytest.MonkeyPatch):
    answer_here(monkeypatch)


def opened(visit: Callable[..., AppTest], source: str, **address: str) -> AppTest:
    return visit(PAGE, **{"from": source, "networks": "r1-n64,r3-2", **address})


def sent(app: AppTest, content: bytes, name: str = "photo.png") -> AppTest:
    return app.file_uploader(key="tryit_file").set_value((name, content, "image/png")).run()


def drawn(visit: Callable[..., AppTest], drawing: object) -> AppTest:
    """As if it had come from the canvas."""
    app = opened(visit, "draw")
    app.session_state["tryit_canvas_kept"] = drawing
    return app.run()


@pytest.mark.parametrize("kind", files.READ)
def test_every_kind_of_picture_comes_to_the_networks(visit: Callable[..., AppTest], kind: str):
    app = sent(opened(visit, "file"), files.READ[kind]())
    assert not app.exception
    assert not app.error
    assert html(app).count("<img") >= 8 + 3, "eight steps, and a reconstruction"
    assert "It says **" in page_text(app)
    assert re.search("1,000 (validation|test) garments", page_text(app)), "by the data in use"


@pytest.mark.parametrize("kind", files.REFUSED)
def test_what_is_no_picture_of_a_garment_gets_a_sentence(visit: Callable[..., AppTest], kind: str):
    content, sentence = files.REFUSED[kind]
    app = sent(opened(visit, "file"), content())
    assert not app.exception
    assert sentence in page_text(app)
    assert "It says" not in page_text(app)


def test_a_photo_of_the_camera_goes_the_same_way(visit: Callable[..., AppTest]):
    app = opened(visit, "camera")
    app.camera_input(key="tryit_camera").upload("photo.jpg", files.turned(8)).run()
    assert not app.exception
    assert "It says **" in page_text(app)


def test_after_a_bad_file_a_good_one_is_taken_and_after_none_nothing_is_left(visit: Callable[..., AppTest]):
    app = opened(visit, "file")
    assert app.info
    assert "no picture" in page_text(sent(app, files.text()))
    assert "It says **" in page_text(sent(app, files.plain()))
    app.file_uploader(key="tryit_file").set_value(None).run()
    assert "It says" not in page_text(app)
    assert "tryit_file_photo" not in app.session_state


def test_nothing_of_a_photo_is_kept(
    visit: Callable[..., AppTest], home: Path, caplog: pytest.LogCaptureFixture, monkeypatch, tmp_path: Path
):
    """No file, no row of the store, no line of the log; and the file itself leaves the server's memory."""
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    caplog.set_level(logging.DEBUG)
    app = opened(visit, "file")
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    caplog.clear()
    let_go = []
    monkeypatch.setattr(
        MemoryUploadedFileManager, "remove_file", lambda self, session_id, file_id: let_go.append(file_id)
    )
    sent(app, files.plain(), "my-secret-shirt.png")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    assert list(temporary.iterdir()) == []
    assert "my-secret-shirt" not in caplog.text
    assert let_go
    held = app.session_state["tryit_file_photo"]
    assert held.pixels.nbytes <= 3 * LONGEST_SIDE**2
    assert not hasattr(held, "name")


def test_a_drawing_comes_to_the_networks_and_an_empty_one_waits(visit: Callable[..., AppTest]):
    picture = base64.b64encode(files.file_of(Image.fromarray(255 - files.garment()))).decode()
    app = drawn(visit, picture)
    assert "It says **" in page_text(app)
    assert "The background is dark already" in page_text(app)
    app = drawn(visit, "")
    assert not app.error
    assert "Once there is a picture" in page_text(app)


@pytest.mark.parametrize(
    "drawing", [7, {"a": 1}, "no base64 ☹", "A" * 300_000, base64.b64encode(b"no picture").decode()]
)
def test_a_drawing_that_is_none_gets_a_sentence(visit: Callable[..., AppTest], drawing: object):
    app = drawn(visit, drawing)
    assert len(app.error) == 1


@pytest.mark.slow
def test_each_step_left_out_is_explained_and_all_may_be(visit: Callable[..., AppTest]):
    app = sent(opened(visit, "file"), files.turned(6))
    usual = html(app)
    for step in STEPS:
        app.pills(key="tryit_steps").set_value([other for other in STEPS if other != step]).run()
        assert not app.exception
        assert "Without “" in page_text(app)
        assert "(left out)" in html(app)
    app.pills(key="tryit_steps").set_value([]).run()
    assert page_text(app).count("Without “") == len(STEPS)
    app.pills(key="tryit_steps").set_value(list(STEPS)).run()
    assert html(app) == usual


@pytest.mark.slow
def test_sliders_disturb_and_at_rest_change_nothing(visit: Callable[..., AppTest]):
    app = opened(visit, "garment")
    rest = html(app)
    values = {"noise": 0.3, "blur": 2.0, "right": 4, "down": -3, "rotation": 45, "hidden": 10}
    for name, value in values.items():
        slider = app.select_slider if isinstance(value, float) else app.slider
        slider(key=f"tryit_{name}").set_value(value).run()
        assert html(app) != rest
        app.button(key="tryit_undisturbed").click().run()
        assert html(app) == rest


def test_noise_is_drawn_anew(visit: Callable[..., AppTest]):
    app = opened(visit, "garment")
    app.select_slider(key="tryit_noise").set_value(0.2).run()
    first = html(app)
    app.button(key="tryit_redraw").click().run()
    assert html(app) != first


def test_networks_stand_in_the_address_and_what_is_not_here_is_said(visit: Callable[..., AppTest]):
    app = opened(visit, "garment", networks="r5-1,nonsense")
    assert "“nonsense”" in page_text(app)
    assert app.multiselect(key="tryit_networks").value == ["r5-1"]
    app.multiselect(key="tryit_networks").set_value(["r3-2", "r1-n64"]).run()
    assert app.query_params["networks"] == "r3-2,r1-n64"
    app.multiselect(key="tryit_networks").set_value([]).run()
    assert "Choose at least one network" in page_text(app)


def test_a_run_that_has_not_trained_yet_is_no_bad_link(visit: Callable[..., AppTest]):
    untrained = store().create_run(spec_of("ff_classifier"), "B" * 22, "Soon")
    app = opened(visit, "garment", networks=f"r3-2,{untrained}")
    assert "“Soon” has not trained yet, so there is nothing to see." in page_text(app)
    assert not app.warning
    assert app.query_params["networks"] == "r3-2"


def test_a_link_to_other_networks_is_followed_and_names_each_once(visit: Callable[..., AppTest]):
    app = opened(visit, "garment", networks="r3-2")
    app.query_params["networks"] = "r1-n64,r1-n64,r5-1,,r3-1,r3-3,r1-n128"
    app.run()
    assert not app.exception
    assert app.multiselect(key="tryit_networks").value == ["r1-n64", "r5-1", "r3-1", "r3-3"]
    app.switch_page("pages/learn/data.py").run()
    del app.query_params["networks"]
    app.switch_page(PAGE).run()
    assert app.multiselect(key="tryit_networks").value == ["r1-n64", "r5-1", "r3-1", "r3-3"], "kept"


def test_a_run_that_only_a_link_names_stays_when_another_is_added(visit: Callable[..., AppTest]):
    theirs = trained(spec_of("ff_classifier"))
    app = opened(visit, "garment", networks=f"{theirs},r3-2")
    app.multiselect(key="tryit_networks").set_value([theirs, "r3-2", "r1-n64"]).run()
    assert app.multiselect(key="tryit_networks").value == [theirs, "r3-2", "r1-n64"]
    assert app.query_params["networks"] == f"{theirs},r3-2,r1-n64"
    assert page_text(app).count("It says **") == 2


def test_no_bar_has_the_colour_of_the_true_class_which_of_ones_own_garment_nobody_knows(
    visit: Callable[..., AppTest],
):
    shown = html(sent(opened(visit, "file"), files.plain()))
    assert 'class="lab-bar"' in shown
    assert 'class="lab-bar lab-true"' not in shown


def test_at_first_four_networks_stand_side_by_side(visit: Callable[..., AppTest]):
    app = visit(PAGE, **{"from": "garment"})
    assert len(app.multiselect(key="tryit_networks").value) == 4


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), list(zip(KINDS, ["r1-n64", "r3-2"] * 3, strict=False)))
def test_robustness_is_measured_when_asked(visit: Callable[..., AppTest], name: str, kind: str):
    app = opened(visit, "garment", networks=name)
    assert "Undisturbed" not in page_text(app)
    app.pills(key="tryit_robust_kind").set_value(kind).run()
    app.button(key="tryit_measure").click().run()
    assert not app.exception
    assert "Undisturbed" in page_text(app)


def test_noise_is_no_garment_to_an_autoencoder_and_a_class_to_a_classifier(visit: Callable[..., AppTest]):
    noise = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8).repeat(5, 0).repeat(5, 1)
    app = sent(opened(visit, "file"), files.file_of(Image.fromarray(noise)))
    assert "larger than that of 100.0 % of" in page_text(app)
    assert "hardly a garment" in page_text(app)
    assert "whatever it is shown" in page_text(app)


def test_whose_error_and_whose_certainty_are_judged_stands_there(visit: Callable[..., AppTest]):
    names = ("r3-2", "r1-n64", "r5-1")
    app = opened(visit, "garment", networks=",".join(names))
    said = [caption.value for caption in app.caption]
    assert [said.count(as_typed(title(name))) for name in names] == [1, 1, 0]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_below_is_numpys(share: float):
    values = np.sort(np.random.default_rng(0).normal(size=400)).astype(np.float32)
    value = float(np.quantile(values, share))
    assert share_below(values, value) == np.mean(values < value)


def test_a_run_that_is_gone_leaves_the_others(visit: Callable[..., AppTest]):
    run_id = store().create_run(read_spec({"architecture": "ff_classifier"}), "ana")
    store().delete(run_id)
    app = opened(visit, "garment", networks=f"r3-2,{run_id}")
    assert "It says **" in page_text(app)
    assert f"“{run_id}”" in page_text(app)


def test_a_run_that_is_deleted_while_it_is_tried_is_called_by_its_name(visit: Callable[..., AppTest]):
    run_id = trained(spec_of("ff_classifier"))
    name = store().run(run_id).name
    app = opened(visit, "garment", networks=f"r3-2,{run_id}")
    assert not app.info
    store().delete(run_id)
    app.run()
    assert f"“{name}” was deleted meanwhile." in page_text(app)
    assert run_id not in page_text(app)
    assert "It says **" in page_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ff_autoencoder", "conv_classifier"])
def test_a_run_that_trains_and_one_that_ended_stand_beside_a_shipped_model(
    visit: Callable[..., AppTest], name: str
):
    spec = read_spec(
        {"architecture": name, "train_size": 300, "validation_size": 100, "epochs": 60, "batch_size": 50}
    )
    ended, trains = (store().create_run(spec, "ana") for _ in range(2))
    request = request_for(store(), ended, full_data=True, seconds=0.02)
    slices.advance_slice(request)
    slices.advance_slice(replace(request, stopping=True))
    train = partial(slices.advance_slice, request_for(store(), trains, full_data=True, seconds=0.02))
    train()
    app = opened(visit, "garment", networks=f"{trains},r3-2,{ended}")
    assert not app.exception
    assert not app.error
    assert page_text(app).count("It says **") + page_text(app).count("Mean squared error of") == 3
    shown = html(app), page_text(app)
    train()
    app.run()
    assert (html(app), page_text(app)) != shown, "a run that trains is asked anew"
    app.button(key="tryit_measure").click().run()
    assert "when it was measured" in page_text(app)
    measured = [element.value for element in app.markdown if "Undisturbed" in element.value]
    train()
    app.run()
    assert [element.value for element in app.markdown if "Undisturbed" in element.value] == measured
    slices.advance_slice(replace(request_for(store(), trains, full_data=True), stopping=True))
    app.run()
    assert [element.value for element in app.markdown if "Undisturbed" in element.value] == measured
    assert "earlier moment of the run" in page_text(app)
    app.button(key="tryit_measure").click().run()
    assert "earlier moment of the run" not in page_text(app)
    STATE_CACHE.clear()


def test_what_a_run_that_trains_usually_gets_is_not_asked_at_each_move_of_a_slider(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    run_id = store().create_run(spec_of("ff_autoencoder"), "ana")
    slices.advance_slice(request_for(store(), run_id, seconds=0.02))
    answered = []
    usual_values = QUERIES["usual_values"]
    monkeypatch.setitem(
        QUERIES, "usual_values", lambda **asked: answered.append(asked) or usual_values(**asked)
    )
    app = opened(visit, "garment", networks=run_id)
    for shift in (3, 5):
        app.slider(key="tryit_right").set_value(shift).run()
    assert not app.exception
    assert len(answered) == 1
    STATE_CACHE.clear()


def test_a_damaged_model_says_so_and_the_others_answer(visit: Callable[..., AppTest], monkeypatch, tmp_path):
    for name in ("r1-n64", "r3-2", "r3-1"):
        shutil.copytree(folders.SHIPPED_MODELS / name, tmp_path / name)
    shutil.copy(folders.SHIPPED_MODELS / "SHA256SUMS", tmp_path)
    (tmp_path / "r3-1" / "model.safetensors").write_bytes(b"nonsense")
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)
    network_at._shipped.cache_clear()
    app = opened(visit, "garment", networks="r1-n64,r3-1,r3-2")
    network_at._shipped.cache_clear()
    assert "“r3-1” that came with the lab is damaged" in page_text(app)
    assert page_text(app).count("It says **") == 1
    assert "Mean squared error" in page_text(app)


def test_a_source_that_there_is_not_is_said(visit: Callable[..., AppTest]):
    app = opened(visit, "telepathy")
    assert "“telepathy”" in page_text(app)
    assert not app.error


def inside_links(app: AppTest) -> set[str]:
    return {link.proto.query_string for link in app.get("page_link") if link.proto.label == "Look inside"}


def at_layers(app: AppTest, **address: str) -> AppTest:
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("pages/inside/layers.py").run()


def test_ones_own_picture_goes_on_through_the_layers_and_nothing_of_it_is_remembered(
    visit: Callable[..., AppTest],
):
    app = sent(opened(visit, "file"), files.plain())
    assert inside_links(app) == {"network=r1-n64&garment=own", "network=r3-2&garment=own"}
    own = app.session_state["inside_own_image"]
    error = re.search(r"Mean squared error of a pixel: ([\d.]+)", page_text(app))[1]
    kept, remembered = str(app.session_state["inside_answers"]), mosaics._remembered_uri.cache_info()
    app = at_layers(app, network="r1-n64", garment="own", layer="result")
    assert not app.exception
    assert not app.info
    assert f"The mean squared error of a pixel is {error}" in page_text(app)
    app = at_layers(app, network="r3-2", garment="own", layer="result")
    assert "The network says **Ankle boot**." in page_text(app)
    assert app.query_params["garment"] == "own"
    assert app.button(key="inside_another").disabled
    assert not [button for button in app.button if "_pin" in (button.key or "")], "a pin would keep it"
    for network, layer in (("r5-1", "conv2"), ("r3-2", "hidden.0")):
        app = at_layers(app, network=network, garment="own", layer=layer, strength="0")
        assert not app.exception
        assert "the loss goes from" in page_text(app)
    asked_of_tests = mosaics._remembered_uri.cache_info().currsize - remembered.currsize
    assert asked_of_tests == 0
    assert own.tobytes() not in str(app.session_state["inside_answers"]).encode()
    assert str(app.session_state["inside_answers"]).count("activations") == kept.count("activations")
    app.selectbox(key="inside_class").set_value("2").run()
    assert app.query_params["garment"] != "own"
    assert app.selectbox(key="inside_class").options[-1] == "Your own picture"
    app.selectbox(key="inside_class").set_value("own").run()
    assert app.query_params["garment"] == "own"
    app = app.switch_page("pages/inside/latent_space.py").run()
    assert not app.exception
    assert not app.warning
    assert app.query_params["garment"].isdigit()


def test_only_the_last_picture_is_held_and_a_test_garment_only_when_it_is_disturbed(
    visit: Callable[..., AppTest],
):
    app = sent(opened(visit, "file"), files.plain())
    app.segmented_control(key="from").set_value("garment").run()
    assert "inside_own_image" not in app.session_state
    assert inside_links(app) == {"network=r1-n64", "network=r3-2"}
    app.slider(key="tryit_right").set_value(4).run()
    own = app.session_state["inside_own_image"]
    assert inside_links(app) == {"network=r1-n64&garment=own", "network=r3-2&garment=own"}
    garment = fashion_mnist.load().test_images[int(app.query_params["garment"])]
    np.testing.assert_array_equal(own[:, 4:], garment[:, :-4])


def test_a_link_to_a_picture_that_another_tab_has_says_so(visit: Callable[..., AppTest]):
    app = visit("pages/inside/layers.py", network="r3-2", garment="own")
    assert "A picture of your own is nowhere but in the tab" in page_text(app)
    assert not app.warning
    assert app.query_params["garment"].isdigit()
