"""What is written to a terminal."""


def printable(text: str) -> str:
    """Typed text and file names may hold signs that order a terminal about: they are shown as boxes."""
    return "".join(s if s.isprintable() or s == "\n" else "\N{REPLACEMENT CHARACTER}" for s in text)
