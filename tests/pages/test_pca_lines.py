"""PCA beside autoencoders: on the live page, in the comparison and in sweeps, computed by a worker."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.nets.worker.pca import errors
from fmnist_core.spec import read_spec
from pages.parts.base.services import engine, store
from pages.parts.dataset import pca
from tests.pages.lab_page import page_text, watch_run, watch_sweep
from tests.waiting import wait_for

PAGE, SWEEP = "pages/lab/autoencoder.py", "pages/lab/sweep.py"
SIZES = {"train_size": 500, "validation_size": 200, "seed": 0}


@pytest.mark.usefixtures("training")
def test_beside_a_run_its_curve_and_its_test_figure(visit: Callable[..., AppTest]):
    app = visit(PAGE, ae_hidden_sizes="8", ae_train_size="500", ae_validation_size="200", ae_epochs="2")
    app.button(key="bar_train").click().run()
    run = watch_run(app, "finished")
    assert "beat linear" not in page_text(app)
    app.toggle(key=f"pca_{run.id}").set_value(True).run()
    wait_for(lambda: "being fitted" not in page_text(app.run()))
    left = errors(**SIZES)["test"][8]
    expected = f"PCA leaves {left:.4f} and the network {run.test_loss:.4f}: it does **not beat linear**."
    assert expected in page_text(app)
    app = visit("pages/results/runs.py", runs=run.id)
    app.toggle(key="compared_pca").set_value(True).run()
    assert not app.exception


@pytest.mark.usefixtures("training")
def test_beside_a_sweep(visit: Callable[..., AppTest]):
    form = {"sa_train_size": "500", "sa_validation_size": "200", "sa_epochs": "1"}
    app = visit(SWEEP, **form, sa_values="2,8", sa_seeds="1")
    app.button(key="bar_sweep").click().run()
    progress = watch_sweep(app, "sweep")
    app.toggle(key=f"pca_{progress.sweep.id}").set_value(True).run()
    wait_for(lambda: "being fitted" not in page_text(app.run()))
    assert "**Does not beat linear**: 2 and 8." in page_text(app)


@pytest.mark.usefixtures("training")
def test_no_answer_is_a_sentence_and_is_asked_for_again(visit: Callable[..., AppTest]):
    app = visit("pages/results/reports.py", report="R1")  # of 60,000 images; the sample has 7,000
    wait_for(lambda: engine().state == "ready")
    app.toggle(key="R1_1_pca").set_value(True).run()
    wait_for(lambda: "being fitted" not in page_text(app.run()))
    assert any("60000" in caption.value.replace(",", "") for caption in app.caption)
    assert pca._known()
    app.toggle(key="R1_1_pca").set_value(False).run()
    assert not pca._known()
    fits = read_spec({"architecture": "ff_autoencoder", "train_size": 500, "validation_size": 200})
    (known,) = wait_for(lambda: pca.errors([fits]))
    assert known["test"][64] == pytest.approx(errors(**SIZES)["test"][64], rel=1e-4)
    assert store().runs() == []


def test_a_page_with_several_lines_to_wait_for_says_so_at_once():
    def app():
        import time
        from concurrent.futures import Future

        import streamlit as st

        from fmnist_core.data import fashion_mnist
        from fmnist_core.spec import read_spec
        from pages.parts.dataset import pca

        began = time.perf_counter()
        for train_size in (301, 302, 303):
            spec = read_spec({"architecture": "ff_autoencoder", "train_size": train_size})
            place = (fashion_mnist.load().folder, train_size, spec.validation_size, spec.seed)
            pca._known()[place] = Future()  # which no worker answers
            assert pca.errors([spec]) is None
            del pca._known()[place]
        st.session_state.seconds = time.perf_counter() - began

    app = AppTest.from_function(app).run()
    assert not app.exception
    assert sum("being fitted" in caption.value for caption in app.caption) == 3
    assert app.session_state.seconds < 1


def test_sentences():
    assert "**beats linear**" in pca.sentence(0.01, 0.02, "test", ended=True)
    assert "still" in pca.sentence(0.03, 0.02, "validation", ended=False)
    assert pca.components(read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [1024]})) == 784
