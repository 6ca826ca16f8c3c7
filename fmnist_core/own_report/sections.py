"""The sections of a report, by the template that its authors chose."""

from __future__ import annotations

from fmnist_core.sentences import Sentence

ABSTRACT = "abstract"
SECTIONS: dict[str, Sentence] = {
    ABSTRACT: Sentence("Abstract"),
    "introduction": Sentence("Introduction"),
    "theory": Sentence("Theory"),
    "methods": Sentence("Methods"),
    "results": Sentence("Results"),
    "discussion": Sentence("Discussion"),
    "notes": Sentence("Notes"),
}
ANSWERS = Sentence("Answers")  # to an assignment's questions, behind all others
# Title, authors and references stand in every report.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "course": (ABSTRACT, "introduction", "theory", "results", "discussion"),
    "imrad": (ABSTRACT, "introduction", "methods", "results", "discussion"),
    "free": ("notes",),
}
TEMPLATE_NAMES: dict[str, Sentence] = {
    "course": Sentence("The course’s"),
    "imrad": Sentence("Introduction, methods, results, discussion"),
    "free": Sentence("Free"),
}
USUAL = "course"


def home_of_pins(template: str) -> str:
    """The section in which a new pin stands."""
    return "results" if "results" in TEMPLATES[template] else TEMPLATES[template][-1]
