"""What is imported is pinned, and what is pinned is imported: by the metadata of what is installed."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PRODUCT = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "fmnist_core").rglob("*.py")]
DEVELOPMENT = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
OURS = {"app", "pages", "fmnist_core", "tests", "benchmarks", "jax_peer"}
PEERS = {"jax", "keras", "tensorflow"}  # in an environment of their own: benchmarks/requirements-peers.txt
OPTIONAL = {"psycopg"}  # for those who keep their runs in Postgres
LOADED = {"uvloop"}  # by Streamlit, wherever it is installed: `tests/server/test_server.py` sees it at work
# Commands, and what they load by name: these words must stand in the files that call them.
TOOLS = {
    "ruff": "Makefile",
    "mypy": "Makefile",
    "pytest-xdist": "Makefile",
    "types-tqdm": "requirements.txt",
    "hatchling": "pyproject.toml",
    "matplotlib": "fmnist_core/exports/pytorch_code.py",
    "ipykernel": "fmnist_core/exports/notebook.py",
    "hatch-requirements-txt": "pyproject.toml",
}
WORDS = {
    "pytest-xdist": "-n ",
    "types-tqdm": "tqdm==",
    "ipykernel": "kernelspec",
}  # as they stand there, if not by their own name


def libraries(sources: Iterable[Path]) -> set[str]:
    """The distributions whose modules are imported, at the top or inside functions, by canonical name."""
    modules: set[str] = set()
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(str(node.module))
    names = {module.split(".")[0] for module in modules} - sys.stdlib_module_names - OURS - PEERS
    installed = packages_distributions()
    assert names <= installed.keys(), "imported, and not installed"
    return {canonicalize_name(distribution) for name in names for distribution in set(installed[name])}


def pins(file: str) -> dict[str, str]:
    """Distributions of a requirements file by canonical name, with their versions."""
    lines = (ROOT / file).read_text().splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {canonicalize_name(requirement.name): str(requirement.specifier) for requirement in wanted}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_is_exact(file: str):
    assert [name for name, version in pins(file).items() if not version.startswith("==")] == []


def test_what_the_product_imports_is_pinned_and_what_is_pinned_is_imported():
    assert (libraries(PRODUCT) | LOADED) - OPTIONAL == pins("requirements.txt").keys()


def test_what_tests_import_is_pinned_and_what_is_pinned_is_imported_or_called():
    runtime, development = pins("requirements.txt").keys(), pins("requirements-dev.txt").keys()
    imported = libraries(DEVELOPMENT) | OPTIONAL
    assert imported - runtime - development == set()
    assert development - imported == TOOLS.keys()
    assert development & runtime == set()


def test_the_list_for_an_audit_names_every_pin():
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split("## Dependencies")[1].split())
    listed = {
        canonicalize_name(name): version.rstrip(".")
        for names, version in re.findall(
            r"((?:[A-Za-z_-]+ and )?[A-Za-z][\w-]*) (\d[\d.]+(?:post\d+)?)", text
        )
        for name in names.split(" and ")
    }
    pinned = pins("requirements.txt")
    assert {name: f"=={listed.get(name)}" for name in pinned} == pinned


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_is_called(tool: str):
    assert WORDS.get(tool, tool) in (ROOT / TOOLS[tool]).read_text()


def test_the_build_uses_the_pinned_back_end():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    development = pins("requirements-dev.txt")
    assert {(requirement.name, str(requirement.specifier)) for requirement in map(Requirement, build)} == {
        (name, development[name]) for name in ("hatchling", "hatch-requirements-txt")
    }
