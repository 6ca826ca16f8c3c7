"""What the first visitors would otherwise wait for: modules, data, and a collector that walks past both.

Streamlit collects garbage at the end of every script, and nobody else is served while it walks all that was
ever loaded. So the pages' modules are loaded when the server starts, and then hidden from the collector.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading

import pages.parts
from fmnist_core.data import fashion_mnist
from pages.parts.base import services

LOOK_SECONDS = 0.5


def warm_up(ending: threading.Event) -> None:
    """Returns when the engine has come up, or not, or when the server is `ending`. Raises `LabError`s."""
    for module in pkgutil.walk_packages(pages.parts.__path__, "pages.parts."):
        importlib.import_module(module.name)
    fashion_mnist.load()
    services.settle()
    while services.engine().state == "starting" and not ending.wait(LOOK_SECONDS):
        pass
    services.settle()
