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


# What loads the module whose name it is given, with the names of that parameter.
LOADERS = {"import_module": "name", "__import__": "name", "run_module": "mod_name"}
ANY = "*"  # a module whose name the source does not say


class Import(NamedTuple):
    """`module.*` if everything in a module is taken. `at_load`: as soon as the source is imported itself."""

    module: str
    line: int
    at_load: bool


class _Imports(ast.NodeVisitor):
    """Collects imports; `inside` counts the functions around the node, whose bodies run later or never.

    `loaders` are the names by which this source calls what loads modules, each with that of its parameter.
    """

    def __init__(self, loaders: dict[str, str]) -> None:
        self.imports: list[Import] = []
        self.inside = 0
        self.loaders = loaders

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
        parameter = self.loaders.get(_last_name(node.func))
        if parameter is None:
            return self.generic_visit(node)
        given = dict(zip((parameter, "package"), node.args, strict=False))
        given |= {str(keyword.arg): keyword.value for keyword in node.keywords}
        name, package = (_text(given.get(key)) for key in (parameter, "package"))
        self.add(ANY if name is None else resolve_name(name, package), node)
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def visit_Name(self, node: ast.Name | ast.Attribute) -> None:
        """What loads modules and is not called here can be called by any name, with any."""
        if _last_name(node) in self.loaders:
            self.add(ANY, node)
        self.generic_visit(node)

    visit_Attribute = visit_Name

    def visit_Constant(self, node: ast.Constant) -> None:
        if node.value in MODULES and "." in node.value:
            self.add(node.value, node, runs=False)
        elif node.value in LOADERS:  # as in `getattr(importlib, "import_module")`
            self.add(ANY, node)

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


def _last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; empty where what is called has no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _loaders(tree: ast.Module) -> dict[str, str]:
    """`LOADERS`, and the names under which the source imports them."""
    aliases = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    renamed = {str(alias.asname): LOADERS[alias.name] for alias in aliases if alias.name in LOADERS}
    return LOADERS | renamed


def imports(text: str) -> list[Import]:
    """Every module that a source imports or names; `ANY` where it loads one whose name it does not say.

    `from package import module` is an import of the module; of anything else, of the package. Raises
    `AssertionError` at a relative `from … import`, and `ImportError` at a relative name without its package.
    """
    tree = ast.parse(text)
    visitor = _Imports(_loaders(tree))
    visitor.visit(tree)
    return visitor.imports
