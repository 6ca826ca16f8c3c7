"""Other processes that open the same store, as other servers and commands do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPENER = """
import sys
from fmnist_core.store.runs import Store

store = Store(sys.argv[1])
print(len(store.runs()))
store.close()
"""


def process(
    script: str, *arguments: str, stdin: int | None = None, stderr: int | None = None
) -> subprocess.Popen[str]:
    """A Python that runs the script, and whose output is read here."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True)


def runs_seen_at_once(url: str) -> list[int]:
    """How many runs each of three processes finds in a store that they open at the same moment."""
    openers = [process(OPENER, url) for _ in range(3)]
    return [int(opener.communicate()[0]) for opener in openers]
