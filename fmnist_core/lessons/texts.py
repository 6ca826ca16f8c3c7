"""What the texts of a lesson's file are held to: that they can be read.

A text is a word in a legend, a line or a paragraph, each of a length that is read.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from fmnist_core.refusals import as_tuple, refusal
from fmnist_core.sentences import Sentence

BLANKS = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # as they stand in what is copied from a page
MOST_WORDS = 60  # in a paragraph: more is not read
MOST_CHARACTERS = {"word": 40, "line": 160, "paragraph": 800}


def _readable(kind: str, text: str) -> str:
    if not text.strip():
        raise refusal(Sentence("This is empty. Write something, or remove the line."))
    if any(not sign.isprintable() and sign not in BLANKS for sign in text):
        raise refusal(Sentence("This holds a character that cannot be seen. Type it again."))
    if len(text) > MOST_CHARACTERS[kind]:
        raise refusal(
            Sentence(
                "This has {given:,} characters; {most:,} are the most here. Shorten it.",
                given=len(text),
                most=MOST_CHARACTERS[kind],
            )
        )
    if (words := len(text.split())) > MOST_WORDS:
        raise refusal(
            Sentence(
                "A paragraph has at most {most} words; this one has {given}. Split it in two.",
                most=MOST_WORDS,
                given=words,
            )
        )
    return text


Word = Annotated[str, AfterValidator(lambda text: _readable("word", text))]
Line = Annotated[str, AfterValidator(lambda text: _readable("line", text))]
Paragraph = Annotated[str, AfterValidator(lambda text: _readable("paragraph", text))]
Paragraphs = Annotated[tuple[Paragraph, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=8)]
