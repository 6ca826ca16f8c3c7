"""The lab's command line: `fmnist-lab`, or `python -m fmnist_core`, with the commands of `COMMANDS` below.

Exit codes: 0 done, 1 refused or failed (said in a sentence on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from fmnist_core.cli import app, check, data, export, lesson, recipes, train, verify
from fmnist_core.cli.terminal import printable
from fmnist_core.sentences import LabError

COMMANDS = {
    "app": (app.options, "serve the lab's pages"),
    "data": (data.options, "say which data is in use, and fetch it if only the sample is here"),
    "train": (train.options, "train a network by its spec"),
    "recipes": (recipes.options, "list the reports' experiments, or print one's spec"),
    "verify": (verify.options, "train what is missing of the evidence for the reports' claims"),
    "export": (export.options, "take a run away: as a notebook, a script, a model, curves"),
    "check": (check.options, "train what a report rests on again, and say which of its figures stand"),
    "lesson": (lesson.options, "say whether a lesson's file is right, and if not what to change in it"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that the encoding lacks must not cost the rest
    try:
        chosen = _parsed(arguments)
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


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=_program_name(), description="FMNIST Lab from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (options, purpose) in COMMANDS.items():
        options(commands.add_parser(name, help=purpose))
    chosen, unknown = parser.parse_known_args(arguments)
    if chosen.command is app.command:
        chosen.passed_on = unknown
    elif unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return chosen


def _program_name() -> str:
    name = os.path.basename(sys.argv[0])
    return "python -m fmnist_core" if name == "__main__.py" else name.removesuffix(".exe")


if __name__ == "__main__":
    sys.exit(main())
