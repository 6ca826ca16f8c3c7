"""The architecture as a law: imports point down only, torch stays in nets, streamlit out of the engine."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [
    ROOT / "app.py",
    *sorted((ROOT / "pages").rglob("*.py")),
    *sorted((ROOT / "fmnist_core").rglob("*.py")),
]
FLOOR = {"sentences": 0, "events": 1, "data": 1, "idx": 1, "spec": 1, "statistics": 1}
# Below the networks lie the store, into which workers write what training reports, and their orders.
FLOOR |= {"curve": 1, "database": 1, "schema": 1, "rows": 1, "store": 1, "orders": 1}
NETS, ENGINE, PARTS, PAGES, FRAME = 2, 3, 4, 5, 6


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> list[tuple[str, int]]:
    """Every module that a file imports, at the top or inside a function, with its line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def layer(module: str) -> int | None:
    """How high a module of ours stands; `None` for the libraries."""
    parts = module.split(".")
    if parts[0] == "app":
        return FRAME
    if parts[0] == "pages":
        return PARTS if parts[1:2] == ["parts"] else PAGES
    if parts[0] != "fmnist_core" or len(parts) == 1:
        return None
    if parts[1] == "nets":
        return NETS
    return FLOOR.get(parts[1], ENGINE)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_point_down(path: Path):
    mine = layer(module_name(path))
    for imported, line in imports(path):
        theirs = layer(imported)
        if theirs is not None and mine is not None:
            assert theirs <= mine, f"{path}:{line} imports {imported}, which stands above it"
            assert not (mine == PAGES and theirs == PAGES), f"{path}:{line}: a page imports a page"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_torch_stays_in_nets_and_streamlit_out_of_the_engine(path: Path):
    module = module_name(path)
    for imported, line in imports(path):
        library = imported.split(".")[0]
        if not module.startswith("fmnist_core.nets"):
            assert library not in ("torch", "torchvision", "sklearn"), f"{path}:{line} imports {library}"
        if module.startswith("fmnist_core"):
            assert library != "streamlit", f"{path}:{line} imports streamlit"


def test_only_workers_and_the_command_line_reach_nets():
    """The web process must never import torch, so neither pages nor the engine may import nets at the top."""
    for path in SOURCES:
        if module_name(path).startswith("fmnist_core.nets"):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                text = ast.unparse(node)
                assert "fmnist_core.nets" not in text, f"{path}:{node.lineno}: {text}"


def test_the_walk_sees_a_wrong_arrow(tmp_path: Path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from pages.parts import live\n")
    assert imports(wrong) == [("pages.parts.live", 2)]
    assert layer("pages.parts.live") > layer("fmnist_core.spec")
