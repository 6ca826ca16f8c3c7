"""The architecture as a law: which folder may import which, written down once, here.

Walked are every `import` and `from … import`, wherever it stands; `import_module`, `__import__` and
`run_module` by whatever name they are called; and every other string that names a module of ours, as Dask's
preloads and `python -m` do. A name that is only known when the program runs is refused.
"""

import pytest

from tests.source_tree import ANY, MODULES, imports

# From the top down. A folder imports from the rows below its own and from itself, never from its own row's
# others: so there is no circle and no way up. A module belongs to the longest name here that it begins with.
ROWS = (
    ("app",),
    ("pages.inside", "pages.lab", "pages.learn", "pages.results", "pages.server"),
    ("pages.parts.assignment",),
    ("pages.parts.lessons", "pages.parts.my_report"),
    (
        "pages.parts.against",
        "pages.parts.latent_space",
        "pages.parts.luck",
        "pages.parts.missing_setting",
        "pages.parts.training_step",
    ),
    ("pages.parts.try_it",),
    ("pages.parts.by_hand", "pages.parts.loss_surface", "pages.parts.mistakes"),
    ("pages.parts.inside",),
    ("pages.parts.results",),
    ("pages.parts.transfer",),
    ("pages.parts.sweep",),
    ("pages.parts.compare",),
    ("pages.parts.lecture",),
    ("pages.parts.run",),
    ("pages.parts.dataset", "pages.parts.diagnosis", "pages.parts.predicting"),
    ("pages.parts.exports", "pages.parts.forms", "pages.parts.widgets", "pages.parts.frame"),
    ("pages.parts.base",),
    ("fmnist_core.__main__",),
    ("fmnist_core.cli",),
    ("fmnist_core.engine", "fmnist_core.replication.trained_models"),
    ("fmnist_core.assignments", "fmnist_core.own_claims"),
    ("fmnist_core.own_report",),
    ("fmnist_core.exports", "fmnist_core.lessons"),
    ("fmnist_core.replication.claims",),
    ("fmnist_core.replication.hypotheses",),
    ("fmnist_core.replication.evidence",),
    ("fmnist_core.replication.recipes",),
    ("fmnist_core.compute",),
    ("fmnist_core.nets.worker", "fmnist_core.nets.tools"),
    ("fmnist_core.nets.training",),
    ("fmnist_core.nets.models",),
    ("fmnist_core.store",),
    ("fmnist_core.data", "fmnist_core.diagnosis", "fmnist_core.messages"),
    ("fmnist_core.spec", "fmnist_core.events"),
    ("fmnist_core.architecture", "fmnist_core.refusals"),
    ("fmnist_core.sentences", "fmnist_core.statistics"),
)
FLOOR = {folder: len(ROWS) - row for row, folders in enumerate(ROWS) for folder in folders}
EMPTY = {
    "pages",
    "pages.parts",
    "fmnist_core",
    "fmnist_core.nets",
    "fmnist_core.replication",
}  # their __init__

# Only here may `nets` be loaded outside of it, inside functions or by name: on a worker, or by a command that
# trains in its own process.
LOADS_NETS = {
    "fmnist_core.compute.cluster",
    "fmnist_core.compute.remote",
    "fmnist_core.replication.trained_models",
    "fmnist_core.cli.check",
    "fmnist_core.cli.data",
    "fmnist_core.cli.train",
}
# Loads every module below `pages.parts`, whatever they are.
LOADS_BY_VARIABLE = {"pages.server.warm_up"}
# The command that becomes the server, in place of itself.
STARTS_STREAMLIT = {"fmnist_core.cli.app"}


def folder(module: str) -> str | None:
    """Where a module of ours belongs; `None` for libraries and for packages that hold nothing."""
    if module.split(".")[0] not in ("app", "pages", "fmnist_core") or module in EMPTY:
        return None
    return max((name for name in FLOOR if f"{module}.".startswith(f"{name}.")), key=len)


def part_of(module: str) -> str:
    """The folder of the core, or of the project, that a module stands in."""
    return ".".join(module.split(".")[:2])


def violations(module: str, text: str) -> list[str]:
    """Each import that points up, sideways, or loads what must stay on workers."""
    mine, wrong = folder(module), []
    in_nets = module.startswith("fmnist_core.nets")
    for imported, line, at_load in imports(text):
        where, library = f"{module}:{line} imports {imported}", imported.split(".")[0]
        if imported == ANY and module not in LOADS_BY_VARIABLE:
            wrong.append(f"{module}:{line} loads modules, and does not say which")
        if imported.endswith(".*"):
            wrong.append(f"{where}, which does not say what")
            imported = imported.removesuffix(".*")
        theirs = folder(imported)
        if mine and theirs and theirs != mine and FLOOR[theirs] >= FLOOR[mine]:
            wrong.append(f"{where}, which does not stand below it")
        if imported.startswith("fmnist_core.nets") and not in_nets:
            if module not in LOADS_NETS:
                wrong.append(f"{where}: a web process must not name what needs torch")
            elif at_load:
                wrong.append(f"{where} outside of functions, so that a web process would load torch")
        if library in ("torch", "torchvision", "sklearn", "captum") and not in_nets:
            wrong.append(f"{where} outside nets")
        if library in ("tests", "benchmarks"):
            wrong.append(f"{where}, which no user has")
        if {part_of(module), part_of(imported)} == {"fmnist_core.engine", "fmnist_core.replication"}:
            wrong.append(f"{where}: the engine and the reports do not know each other")
        if library == "streamlit" and module.startswith("fmnist_core") and module not in STARTS_STREAMLIT:
            wrong.append(f"{where}: the engine knows nothing of the screen")
    return wrong


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str):
    assert violations(module, MODULES[module].read_text(encoding="utf-8")) == []


def test_every_module_has_its_folder():
    assert [module for module in MODULES if module not in EMPTY and folder(module) is None] == []


# In a module that may load `nets` inside of functions: everywhere else.
LOADED_AT_ONCE = (
    "import_module('fmnist_core.nets.worker.slices')",
    "if True:\n    from fmnist_core.nets.worker import slices",
    "if TYPE_CHECKING:\n    pass\nelse:\n    from fmnist_core.nets.worker import slices",
    "try:\n    from fmnist_core.nets.worker import slices\nexcept ImportError:\n    pass",
    "with suppress(ImportError):\n    import fmnist_core.nets.worker.slices",
    "class Remote:\n    from fmnist_core.nets.worker import slices",
    "def f(slices=import_module('fmnist_core.nets.worker.slices')):\n    pass",
    "@import_module('fmnist_core.nets.worker.slices').ask\ndef f():\n    pass",
)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("fmnist_core.spec", "from fmnist_core.engine.engine import Engine"),
        ("fmnist_core.engine.engine", "def f():\n    import pages.parts.base.i18n"),
        ("fmnist_core.engine.engine", "from fmnist_core.replication import trained_models"),
        ("fmnist_core.engine.engine", "from fmnist_core.replication.evidence import plan"),
        ("fmnist_core.store.runs", "from fmnist_core import messages\nfrom fmnist_core import engine\n"),
        ("fmnist_core.compute.remote", "import_module('fmnist_core.engine.dispatcher')"),
        ("fmnist_core.messages", "import_module('fmnist_core.nets.worker.slices')"),
        ("fmnist_core.engine.dispatcher", "def f():\n    from fmnist_core.nets.training import loop"),
        ("fmnist_core.compute.remote", "from fmnist_core.nets.worker import slices"),
        ("fmnist_core.nets.models.layers", "from fmnist_core.nets.training import loop"),
        ("fmnist_core.nets.training.loop", "from fmnist_core.nets.worker.slices import ask"),
        ("pages.parts.run.page", "from pages.parts.sweep import page"),
        ("pages.parts.forms.controls", "from pages.parts.widgets import chart"),
        ("pages.parts.base.routes", "from pages.parts.frame.frame import guard"),
        ("pages.lab.sweep", "from pages.learn import home"),
        ("pages.lab.sweep", "import torch"),
        ("fmnist_core.store.runs", "import streamlit as st"),
        ("fmnist_core.store.runs", "from fmnist_core import *"),
        ("fmnist_core.store.runs", "from fmnist_core.engine import *"),
        ("fmnist_core.store.runs", "import_module('.engine', 'fmnist_core.engine')"),
        ("fmnist_core.store.runs", "import_module(package='fmnist_core.store', name='..engine.engine')"),
        ("fmnist_core.store.runs", "importlib.import_module('streamlit')"),
        ("fmnist_core.store.runs", "def f():\n    return import_module('torch').nn"),
        ("pages.lab.sweep", "torch = __import__('torch')"),
        ("pages.lab.sweep", "from importlib import import_module as load\nload('torch')"),
        ("pages.lab.sweep", "def f():\n    load('torch')\nfrom importlib import import_module as load"),
        ("pages.lab.sweep", "import importlib as machinery\nmachinery.import_module('torch')"),
        ("pages.lab.sweep", "import runpy\nrunpy.run_module(mod_name='torch')"),
        ("pages.lab.sweep", "name = 'torch'\nimport_module(name)"),
        ("pages.lab.sweep", "import_module(f'{library}.nn')"),
        ("pages.lab.sweep", "load = importlib.import_module"),
        ("pages.lab.sweep", "from importlib import import_module as load\nlist(map(load, names))"),
        ("pages.lab.sweep", "getattr(importlib, 'import_module')('torch')"),
        ("pages.lab.sweep", "from tests.waiting import wait_for"),
        ("fmnist_core.engine.engine", "def f():\n    import benchmarks.epoch"),
        *(("fmnist_core.compute.remote", text) for text in LOADED_AT_ONCE),
    ],
)
def test_the_law_sees_a_planted_violation(module: str, text: str):
    """One of each kind: up, sideways, between pages, in a function, in a string, `from package import`."""
    assert violations(module, text)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("pages.lab.sweep", "from pages.parts.sweep.page import sweep_page"),
        ("pages.parts.run.page", "from pages.parts.widgets import chart"),
        ("fmnist_core.engine.engine", "from fmnist_core.engine.dispatcher import Dispatcher"),
        ("fmnist_core.compute.remote", "def f():\n    import_module('fmnist_core.nets.worker.slices')"),
        ("fmnist_core.compute.remote", "if TYPE_CHECKING:\n    from fmnist_core.nets.worker import slices"),
        ("fmnist_core.compute.remote", "PRELOAD = 'fmnist_core.nets.worker.preload'"),
        ("fmnist_core.nets.models.layers", "import torch"),
        ("pages.lab.sweep", "import_module('streamlit')"),
        ("pages.server.warm_up", "def f():\n    importlib.import_module(module.name)"),
        ("fmnist_core.cli.app", "def f():\n    runpy.run_module('streamlit', run_name='__main__')"),
    ],
)
def test_the_law_lets_what_is_right_pass(module: str, text: str):
    assert violations(module, text) == []
