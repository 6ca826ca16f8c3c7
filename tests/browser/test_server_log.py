"""A planted error in a server's log fails the check that follows the journey, and only that."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import driver, server_log
from tests.waiting import wait_for

CHECKED = """
from tests.browser import server_log

def pytest_configure(config):
    config.addinivalue_line("markers", "log_may_hold(pattern): what the server may say")

def pytest_collection_modifyitems(items):
    items[:] = server_log.with_checks(items)
"""
JOURNEYS = r"""
import pytest
from tests.browser import server_log

@pytest.fixture(scope="module")
def log(tmp_path_factory):
    log = tmp_path_factory.mktemp("lab") / "server.log"
    log.write_text("2026-11-26 18:43:43.499 Uvicorn server started on 127.0.0.1:53305\n\n  Stopping...\n")
    server_log.watch(log)
    return log

def say(log, text):
    with log.open("a") as file:
        file.write(text)

def test_clean(log): pass

def test_traceback(log):
    say(log, "Traceback (most recent call last):\n  File 'x'\nValueError: planted\n")

def test_after_it(log): pass

def test_warning(log): say(log, "the cluster's log cannot be kept\n")

@pytest.mark.log_may_hold("the disk is full\n(  .*\n)*")
def test_expected(log): say(log, "the disk is full\n  at this place\n")

@pytest.mark.log_may_hold("the disk is full")
def test_expected_and_more(log): say(log, "the disk is full\nthe disk is gone\n")

def test_workers(log):
    folder = log.parent / "logs"
    folder.mkdir()
    (folder / "cluster.log").write_text("an ordinary line\ndistributed.worker - ERROR - planted\n")
"""
PLANTED = """
import logging
import streamlit as st
st.title("Planted")
logging.getLogger("fmnist_lab").warning("a planted warning")
raise RuntimeError("a planted error")
"""


def test_a_planted_complaint_fails_the_check_of_its_journey(pytester: pytest.Pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(driver.ROOT))
    pytester.makeconftest(CHECKED)
    pytester.makepyfile(JOURNEYS)
    result = pytester.runpytest_subprocess("-rA")
    result.assert_outcomes(passed=10, failed=4)
    failed = [line.split("::")[1] for line in result.outlines if line.startswith("FAILED")]
    assert [line.split(" - ")[0] for line in failed] == [
        "test_traceback server log",
        "test_warning server log",
        "test_expected_and_more server log",
        "test_workers server log",
    ]
    text = result.stdout.str()
    assert "ValueError: planted" in text
    assert "the disk is gone" in text
    assert "an ordinary line" not in text


def test_a_real_servers_traceback_and_warning_are_complaints(page: Page, tmp_path: Path):
    script = tmp_path / "planted.py"
    script.write_text(PLANTED)
    command = (*driver.STREAMLIT_RUN[:-1], str(script))
    with driver.serve(tmp_path / "lab", command=command) as server:
        driver.open_page(page, server.url)
        wait_for(lambda: "RuntimeError: a planted error" in server.log.read_text())
    lines = server_log.complaints()
    assert any("a planted warning" in line for line in lines)
    assert any("Traceback" in line for line in lines)
    assert not any("Uvicorn" in line or "view your Streamlit app" in line for line in lines)
