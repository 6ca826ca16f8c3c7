"""The page of the data, all five sides of it, against the data themselves."""

import json
import re

import numpy as np
import pytest
import streamlit as st
from sklearn.neighbors import NearestCentroid
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist, pixels
from pages.parts.dataset import gallery

PAGE = "pages/learn/data.py"
VIEWS = ("gallery", "garment", "classes", "pixels", "split")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_both_languages(visit, view: str, lang: str):
    app = visit(PAGE, view=view, lang=lang)
    assert app.title[0].value == {"en": "The data", "es": "Los datos"}[lang]
    assert not app.error
    assert not app.warning
    assert app.segmented_control(key="view").value == view


def test_a_view_that_does_not_exist_is_said(visit):
    app = visit(PAGE, view="backside")
    assert [element.value for element in app.warning] == [
        "This link asks for “backside”, which is not here. You see “Gallery”."
    ]
    assert app.segmented_control(key="view").value == "gallery"


def test_the_view_stands_in_the_address(visit):
    app = visit(PAGE)
    app.segmented_control(key="view").set_value("pixels").run()
    assert app.query_params["view"] == "pixels"
    app.segmented_control(key="view").set_value("gallery").run()
    assert "view" not in app.query_params


def wall(app: AppTest) -> dict:
    (component,) = [element for element in app.get("bidi_component") if element.key == "gallery_wall"]
    return json.loads(component.proto.json)


def test_the_gallery_filters_by_class(visit, full_data: fashion_mnist.Dataset):
    app = visit(PAGE)
    app.selectbox(key="gallery_part").set_value("test").run()
    app.selectbox(key="gallery_class").set_value(5).run()
    shown = wall(app)
    expected = np.flatnonzero(full_data.test_labels == 5)
    assert shown["indices"] == expected[: gallery.PER_PAGE].tolist()
    assert all(name.startswith("Sandal ") for name in shown["names"])
    app.get_by_key("gallery_page_test_5").set_value(17).run()
    assert wall(app)["indices"] == expected[16 * 60 :].tolist()
    assert any(element.value == "961 to 1,000 of 1,000 garments" for element in app.caption)


def test_the_three_parts_share_no_garment(full_data: fashion_mnist.Dataset):
    train, validation = (gallery.part_of(full_data, part)[2] for part in ("train", "validation"))
    assert (len(train), len(validation)) == (50_000, 10_000)
    assert len(np.intersect1d(train, validation)) == 0


def test_a_random_garment_is_among_those_filtered(visit, full_data: fashion_mnist.Dataset):
    app = visit(PAGE)
    app.selectbox(key="gallery_class").set_value(8).run()
    app.button(key="gallery_random").click().run()
    part, index = app.session_state["gallery_picked"]
    assert part == "train"
    assert full_data.train_labels[index] == 8
    assert wall(app)["picked"] == index


def test_a_forged_pick_changes_nothing(visit):
    app = visit(PAGE)
    for forged in (10**9, -1, "5", None, {"$": 1}):
        app.session_state["gallery_picked"] = ("train", forged)
        app.run()
        assert wall(app)["picked"] == wall(app)["indices"][0]
        assert not app.error


def test_one_garment_shows_its_784_numbers(visit, full_data: fashion_mnist.Dataset):
    app = visit(PAGE, view="garment")
    app.session_state["gallery_picked"] = ("test", 42)
    app.run()
    (table,) = [element.value for element in app.html if "<table" in element.value]
    numbers = [int(n) for n in re.findall(r">(\d+)</td>", table)]
    assert numbers == full_data.test_images[42].ravel().tolist()


def test_the_split_page_deals_as_training_does(visit, full_data: fashion_mnist.Dataset):
    app = visit(PAGE, view="split")
    app.text_input(key="split_train_size").set_value("1.000").run()
    app.text_input(key="split_seed").set_value("7").run()
    train, _ = fashion_mnist.split(full_data, 1000, 10_000, 7)
    counts = np.bincount(full_data.train_labels[train])
    assert any(
        f"from {counts.min()} to {counts.max()} images a class" in element.value for element in app.caption
    )


def test_sizes_that_do_not_fit_are_a_sentence(visit, full_data: fashion_mnist.Dataset):
    app = visit(PAGE, view="split")
    app.text_input(key="split_train_size").set_value("60 000").run()
    assert len(app.error) == 1
    assert "70,000 training and validation images" in app.error[0].value


@pytest.mark.slow
def test_the_sample_has_all_views_too(visit, only_the_sample):
    for view in VIEWS:
        st.cache_resource.clear()
        assert not visit(PAGE, view=view).error


def test_pixel_statistics_are_numpy_s(sample_data: fashion_mnist.Dataset):
    images, labels = sample_data.train_images, sample_data.train_labels
    statistics = pixels.measure(images, labels)
    assert statistics.mean == pytest.approx(images.mean())
    assert statistics.deviation == pytest.approx(images.std())
    for k in range(10):
        mine = images[labels == k].astype(np.float64)
        assert statistics.counts[k] == len(mine)
        np.testing.assert_allclose(statistics.means[k], mine.mean(0), rtol=1e-6)
        np.testing.assert_allclose(statistics.deviations[k], mine.std(0), rtol=1e-4, atol=1e-3)
        assert statistics.class_means[k] == pytest.approx(mine.mean())


def test_the_nearest_mean_is_scikit_learn_s(sample_data: fashion_mnist.Dataset):
    train = sample_data.train_images.reshape(-1, 784).astype(np.float64)
    test = sample_data.test_images.reshape(-1, 784).astype(np.float64)
    oracle = NearestCentroid().fit(train, sample_data.train_labels).predict(test)
    means = pixels.measure(sample_data.train_images, sample_data.train_labels).means
    assert np.mean(pixels.nearest_mean(sample_data.test_images, means) == oracle) > 0.999
