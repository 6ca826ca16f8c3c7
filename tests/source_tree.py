"""The modules of the product, and what each imports."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [
    ROOT / "app.py",
    *sorted((ROOT / "pages").rglob("*.py")),
    *sorted((ROOT / "fmnist_core").rglob("*.py")),
]


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): path for path in SOURCES}


def imports(text: str) -> list[tuple[str, int]]:
    """Every module that a source imports or names, with its line.

    `from package import module` is an import of the module; of anything else, of the package.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(name if name in MODULES else str(node.module), node.lineno) for name in names]
        elif isinstance(node, ast.Constant) and node.value in MODULES and "." in node.value:
            found.append((node.value, node.lineno))
    return found
