"""The revision that evidence carries is git's own, or the package's version where there is no checkout."""

import subprocess
from importlib.metadata import PackageNotFoundError, version

from fmnist_core.replication.evidence import revision


def test_it_is_the_commit_that_git_names():
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    found, _, state = revision.code_revision.__wrapped__().partition(", ")
    assert commit.startswith(found)
    assert len(found) >= 12
    assert state in ("", "changed")


def test_without_git_it_is_the_packages_version(monkeypatch):
    def missing(*_command, **_named):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    assert revision.code_revision.__wrapped__() in (_installed(), "unknown")


def _installed() -> str:
    try:
        return version(revision.PACKAGE)
    except PackageNotFoundError:  # checked out, not installed
        return "unknown"
