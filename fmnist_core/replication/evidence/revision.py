"""Which code makes the evidence: its commit, or the version of the package where there is no checkout."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = "fmnist-lab"


@cache
def code_revision() -> str:
    """Such as "3f317fa"; "3f317fa, changed" if tracked files are not those of the commit."""
    is_tracked = _git("ls-files", "--error-unmatch", Path(__file__).name) is not None
    commit = _git("rev-parse", "--short=12", "HEAD") if is_tracked else None
    if commit is None:
        try:
            return version(PACKAGE)
        except PackageNotFoundError:
            return "unknown"
    return f"{commit}, changed" if _git("status", "--porcelain", "--untracked-files=no") else commit


def _git(*command: str) -> str | None:
    """What git says of the folder in which this module stands; `None` where it says nothing."""
    try:
        answer = subprocess.run(
            ["git", *command],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
