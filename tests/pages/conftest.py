"""Pages in AppTest: a lab of their own for each test, whose engine is up but has no workers."""

import functools
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from fmnist_core.data import fashion_mnist
from fmnist_core.engine.engine import Engine
from fmnist_core.replication.evidence.records import Record
from pages.parts.base import services
from pages.parts.results import shipped_evidence

APP = Path(__file__).parents[2] / "app.py"
START_ENGINE = Engine.start  # which most tests of pages do without


@pytest.fixture(scope="session", autouse=True)
def _packages_are_looked_through_once():
    """For parts of pages that they may bring. `AppTest` would look through all of them for every visit."""
    with pytest.MonkeyPatch.context() as patch:
        look_through = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", look_through)
        yield


@pytest.fixture(autouse=True)
def _lab_of_its_own(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    """Fails a test in which the frame's guard caught something, which to a learner is only a sentence."""
    st.cache_resource.clear()
    st.cache_data.clear()
    # A cluster takes seconds, and the cores of other tests.
    monkeypatch.setattr(Engine, "start", lambda engine: None)
    yield
    services.forget()
    caught = [r for r in caplog.get_records("call") if r.name == "fmnist_lab" and r.levelno >= logging.ERROR]
    assert not caught, "\n".join(logging.Formatter().format(record) for record in caught)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch):
    """The lab of the test has workers and trains, on the sample."""
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    START_ENGINE(services.engine())
    yield
    services.engine().close()


@pytest.fixture
def evidence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """`evidence(records)` writes the file that the lab ships; without a call there is none.

    So does `evidence(records, screened=True)` with the one of the runs for hypotheses.
    """
    files = {
        screened: tmp_path / f"{'screened' if screened else 'evidence'}.jsonl" for screened in (False, True)
    }
    monkeypatch.setattr(shipped_evidence, "FILE", files[False])
    monkeypatch.setattr(shipped_evidence, "SCREENED", files[True])

    def write(records: Iterable[Record], cut: int = 0, screened: bool = False) -> Path:
        content = b"".join(record.to_line() for record in records)
        files[screened].write_bytes(content[: len(content) - cut])
        return files[screened]

    return write


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """`visit("pages/learn/data.py", lang="es", view="split")`: the page as a new learner sees it."""

    def open_page(
        page: str = "pages/learn/home.py", browser: dict[str, str] | None = None, **address: str
    ) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=30)
        app.context = browser or {}
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        if page != "pages/learn/home.py":
            for name, value in address.items():
                app.query_params[name] = value
            app.switch_page(page).run()
        assert not app.exception
        return app

    return open_page
