"""What the documents at the top level name is there, and the walk through the code is one."""

import re
import tomllib

import pytest

from tests.source_tree import MODULES, ROOT, imports, module_name

DOCUMENTS = sorted(path.name for path in ROOT.glob("*.md"))
PATH = re.compile(r"`((?:\.?[\w-]+/)*[\w.-]+\.(?:py|md|txt|toml|yml)|(?:[\w-]+/)+[\w-]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
WALK = (ROOT / "ARCHITECTURE.md").read_text("utf-8").split("## From a press")[1].split("\n## ")[0]


def walked() -> list[str]:
    """The modules on the way from a press on Train to a point on the curve, in order."""
    files = re.findall(r"`([\w/]+\.py)`", WALK)
    return list(dict.fromkeys(module_name(ROOT / file) for file in files))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_a_document_names_are_there(name: str):
    text = (ROOT / name).read_text("utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    named = {path for path in PATH.findall(prose) if (ROOT / path.split("/")[0]).exists() and "/" in path}
    named |= set(LINK.findall(text))
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_the_walk_takes_at_most_ten_steps_and_twenty_modules():
    assert len(re.findall(r"^\d+\. ", WALK, flags=re.MULTILINE)) <= 10
    assert [module for module in walked() if module not in MODULES] == []
    assert 10 <= len(walked()) <= 20


def test_each_module_of_the_walk_is_reached_from_an_earlier_one():
    """By an import in either direction: a module calls the next, or is called back by it.

    The server's middleware is left out: Streamlit stands between it and the page's script.
    """
    modules = walked()[1:]
    known = {name: {taken.module for taken in imports(MODULES[name].read_text("utf-8"))} for name in modules}
    for place, module in enumerate(modules[1:], 1):
        before = modules[:place]
        linked = any(module in known[other] or other in known[module] for other in before)
        assert linked, f"{module} stands apart"


def test_the_readme_names_every_folder():
    block = (ROOT / "README.md").read_text("utf-8").split("```")
    tree = next(part for part in block if "app.py " in part)
    named = set(re.findall(r"(\w+)/", tree))
    core = {path.parent.name for path in (ROOT / "fmnist_core").glob("*/__init__.py")}
    pages = {path.parent.name for path in (ROOT / "pages").glob("*/__init__.py")}
    parts = {path.parent.name for path in (ROOT / "pages/parts").glob("*/__init__.py")}
    assert (core | pages | parts) - named == set()


def test_versions_agree():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_same_gate_runs_everywhere():
    assert "run: .ci/run" in (ROOT / ".github/workflows/ci.yml").read_text()
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("make test")
    assert "entry: make lint" in (ROOT / ".pre-commit-config.yaml").read_text()


def test_nothing_is_named_by_a_path_of_one_machine():
    for name in DOCUMENTS:
        assert not re.search(r"(?<![\w.])/(work|tmp|home/(?!lab))\b", (ROOT / name).read_text("utf-8")), name
