"""The lab's command line: `fmnist-lab`, or `python -m fmnist_core`, with the commands of `COMMANDS` below.

Exit codes: 0 done, 1 refused or failed (said in a sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType

from fmnist_core.cli.terminal import printable
from fmnist_core.sentences import LabError

COMMANDS: dict[str, tuple[Callable[[], ModuleType], str]] = {
    "app": (lambda: import_module("fmnist_core.cli.app"), "serve the lab's pages"),
    "data": (
        lambda: import_module("fmnist_core.cli.data"),
        "say which data is in use, and fetch it if only the sample is here",
    ),
    "train": (lambda: import_module("fmnist_core.cli.train"), "train a network by its spec"),
    "recipes": (
        lambda: import_module("fmnist_core.cli.recipes"),
        "list the reports' experiments, or print one's spec",
    ),
    "verify": (
        lambda: import_module("fmnist_core.cli.verify"),
        "train what is missing of the evidence for the reports' claims",
    ),
    "export": (
        lambda: import_module("fmnist_core.cli.export"),
        "take a run away: as a notebook, a script, a model, curves",
    ),
    "check": (
        lambda: import_module("fmnist_core.cli.check"),
        "train what a report rests on again, and say which of its figures stand",
    ),
    "lesson": (
        lambda: import_module("fmnist_core.cli.lesson"),
        "say whether a lesson's file is right, and if not what to change in it",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that the encoding lacks must not cost the rest
    try:
        chosen = _parsed(sys.argv[1:] if arguments is None else arguments)
        code: int = chosen.command(chosen)
        sys.stdout.flush()
        return code
    except LabError as error:
        print(printable(str(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read stdout has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Only the chosen command is imported: others may need half a second for what they do."""
    parser = argparse.ArgumentParser(prog=_program_name(), description="FMNIST Lab from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        if name == named:
            module().options(command)
    chosen, unknown = parser.parse_known_args(arguments)
    if named == "app":
        chosen.passed_on = unknown
    elif unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return chosen


def _program_name() -> str:
    name = os.path.basename(sys.argv[0])
    return "python -m fmnist_core" if name == "__main__.py" else name.removesuffix(".exe")


if __name__ == "__main__":
    sys.exit(main())
