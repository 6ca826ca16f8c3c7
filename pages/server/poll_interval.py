"""How often a tab may look at what it watches: less often where looks get slow."""

from __future__ import annotations

SLOW = 0.25  # seconds from the browser's request to the end of its script
# Seconds from the answer to a tab's look to its next. Browsers ask once a second, so from look to look it is
# 2 at most, also where an answer took half of one.
FIRST, LONGEST = 1.0, 1.5
SLOWER, FASTER = 1.2, 0.98  # with each look: about one in ten may be slow


class PollInterval:
    """`seconds` must pass between two looks of a tab; next to none while looks are quick."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def took(self, seconds: float) -> None:
        """A look was answered after so long."""
        if seconds > SLOW:
            self.seconds = min(max(self.seconds, FIRST) * SLOWER, LONGEST)
        else:
            self.seconds *= FASTER
