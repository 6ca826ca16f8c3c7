"""Names that learners give to runs and sweeps, as the store keeps them."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 80
BREAKING = ("Cc", "Cs", "Zl", "Zp")  # controls, line breaks, and halves of letters, which no database takes
UNSEEN = (*BREAKING, "Cf", "Mn", "Me", "Zs")


def one_line(name: str) -> str:
    """The name in one line of at most `LONGEST_NAME` characters; empty if nothing of it can be seen.

    What joins or directs letters stays: Persian, Hebrew and many an emoji are spelt with it.
    """
    if all(unicodedata.category(letter) in UNSEEN for letter in name):
        return ""
    visible = "".join(" " if unicodedata.category(letter) in BREAKING else letter for letter in name)
    return re.sub(" +", " ", visible).strip()[:LONGEST_NAME].rstrip()
