"""`fmnist-lab app`: serves the lab's pages, as `streamlit run app.py` does in a checkout.

Streamlit puts the folder of `app.py` on Python's path, where it finds `pages`, and reads the configuration
that lies beside it.
"""

from __future__ import annotations

import argparse
import runpy
import sys

from fmnist_core.data.folders import LAB


def options(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Further options are Streamlit's own, such as --server.port 8600."
    parser.set_defaults(command=command, passed_on=[])


def command(chosen: argparse.Namespace) -> int:
    """Serves until it is stopped; `chosen.passed_on` goes to `streamlit run`. Ends the process itself."""
    sys.argv = ["streamlit", "run", str(LAB / "app.py"), *chosen.passed_on]
    runpy.run_module("streamlit", run_name="__main__")
    return 0
