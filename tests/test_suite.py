"""The suite's own laws: nothing skipped under CI, what is not marked slow is quick, helpers have one name."""

import ast
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SOURCES = sorted(TESTS.rglob("*.py"))
HELPERS = {path.stem for path in SOURCES} - {"conftest"}
SKIPPING = """
    import pytest

    def test_right(): pass

    @pytest.mark.skip(reason="no browser here")
    def test_marked(): pass

    def test_skips_itself(): pytest.skip("no data here")

    @pytest.fixture
    def absent(): pytest.skip("no Postgres here")

    def test_of_a_fixture(absent): pass

    @pytest.mark.xfail(reason="known")
    def test_known_to_fail(): assert False
"""
TAKING_TIME = """
    import time
    import pytest

    def calculate(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end: pass

    def test_unmarked(): calculate(0.2)

    @pytest.mark.slow
    def test_marked(): calculate(0.2)

    def test_quick(): calculate(0.01)

    def test_waiting(): time.sleep(0.2)
"""
SKIPPED_MODULE = 'import pytest\npytest.skip("no GPU here", allow_module_level=True)'


def imported(path: Path) -> list[str]:
    """Every module that a file imports, written out."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def wrong_imports(path: Path) -> list[str]:
    """Imports of a test module or a `conftest`, and of a helper by another name than `tests.…`."""
    names = [name.split(".") for name in imported(path)]
    private = [name for name in names if name[-1].startswith("test_") or name[-1] == "conftest"]
    short = [name for name in names if len(name) == 1 and name[0] in HELPERS]
    return [".".join(name) for name in private + short if name[0] in {"tests", *HELPERS, "conftest"}]


def test_helpers_have_one_name_and_tests_are_not_imported():
    wrong = {str(path.relative_to(TESTS)): wrong_imports(path) for path in SOURCES}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "from tests.pages.test_runs import store",
        "from tests.browser.conftest import page",
        "from tests.pages import test_runs",
        "import waiting",
        "def f():\n    from waiting import wait_for",
    ],
)
def test_the_law_of_imports_sees_a_planted_violation(tmp_path: Path, text: str):
    planted = tmp_path / "planted.py"
    planted.write_text(text)
    assert wrong_imports(planted)


def test_base_names_are_unique():
    names = Counter(path.name for path in SOURCES if path.name not in ("conftest.py", "__init__.py"))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("ci", [True, False])
def test_a_skip_is_a_failure_under_ci(pytester: pytest.Pytester, monkeypatch, ci: bool):
    monkeypatch.setenv("CI", "true") if ci else monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(test_skipping=SKIPPING, test_skipped_module=SKIPPED_MODULE)
    result = pytester.runpytest_subprocess("-p", "tests.no_skips", "--continue-on-collection-errors")
    if ci:
        result.assert_outcomes(passed=1, failed=1, errors=3, xfailed=1)
        for reason in ("no browser here", "no data here", "no Postgres here", "no GPU here"):
            result.stdout.fnmatch_lines([f"*nothing may be skipped.*{reason}*"])
        assert result.ret == pytest.ExitCode.TESTS_FAILED
    else:
        result.assert_outcomes(passed=1, skipped=4, xfailed=1)
        assert result.ret == pytest.ExitCode.OK


def test_what_is_not_marked_slow_is_quick(pytester: pytest.Pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nmarkers =\n    slow: takes its time")
    pytester.makeconftest("from tests import quick_tests\n\nquick_tests.MOST_SECONDS = 0.1")
    pytester.makepyfile(test_taking_time=TAKING_TIME)
    result = pytester.runpytest_subprocess("-p", "tests.quick_tests")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*where 0.1 are for all: mark it slow*"])
