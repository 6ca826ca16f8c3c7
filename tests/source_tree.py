"""The modules of the product, and what each imports."""

import ast
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

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


class Import(NamedTuple):
    """`module.*` if everything in a module is taken. `at_load`: as soon as the source is imported itself."""

    module: str
    line: int
    at_load: bool


class _Imports(ast.NodeVisitor):
    """Collects imports; `inside` counts the functions around the node, whose bodies run later or never."""

    def __init__(self) -> None:
        self.imports: list[Import] = []
        self.inside = 0

    def add(self, module: str, node: ast.expr | ast.stmt, runs: bool = True) -> None:
        self.imports.append(Import(module, node.lineno, runs and not self.inside))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.add(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, f"line {node.lineno}: relative import"
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            self.add(name if name in MODULES or alias.name == "*" else str(node.module), node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("import_module", "__import__"):
            given = dict(zip(("name", "package"), node.args, strict=False))
            given |= {str(keyword.arg): keyword.value for keyword in node.keywords}
            texts = {name: value.value for name, value in given.items() if isinstance(value, ast.Constant)}
            if "name" in texts:
                self.add(resolve_name(texts["name"], texts.get("package")), node)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if node.value in MODULES and "." in node.value:
            self.add(node.value, node, runs=False)

    def visit_If(self, node: ast.If) -> None:
        for_types_only = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        self.inside += for_types_only
        for statement in node.body:
            self.visit(statement)
        self.inside -= for_types_only
        for part in (node.test, *node.orelse):
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Decorators and defaults are evaluated where the function is defined."""
        for part in (*getattr(node, "decorator_list", ()), node.args):
            self.visit(part)
        self.inside += 1
        for part in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(part)
        self.inside -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef


def imports(text: str) -> list[Import]:
    """Every module that a source imports or names.

    `from package import module` is an import of the module; of anything else, of the package. Raises
    `AssertionError` at a relative `from … import`, and `ImportError` at a relative name without its package.
    """
    visitor = _Imports()
    visitor.visit(ast.parse(text))
    return visitor.imports
