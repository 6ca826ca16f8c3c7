"""`fmnist-lab app`: serves the lab's pages, as `streamlit run app.py` does in a checkout.

A wheel holds `app.py` and all that stands beside it in the folder `fmnist_lab`, so that neither `app` nor
`pages` becomes the name of a package. Streamlit puts the script's folder on Python's path and reads the
configuration beside it.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LAB = PROJECT / "fmnist_lab" if (PROJECT / "fmnist_lab").is_dir() else PROJECT


def options(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Further options are Streamlit's own, such as --server.port 8600."
    parser.set_defaults(command=command, passed_on=[])


def command(chosen: argparse.Namespace) -> int:
    """Serves until it is stopped; `chosen.passed_on` goes to `streamlit run`. Ends the process itself."""
    sys.argv = ["streamlit", "run", str(LAB / "app.py"), *chosen.passed_on]
    runpy.run_module("streamlit", run_name="__main__")
    return 0
