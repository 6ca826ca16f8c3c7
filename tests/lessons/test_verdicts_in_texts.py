"""What a lesson says of a claim in bold is what the shipped evidence says of it today."""

import re

import pytest

from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.reading import shipped
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.claims.judge import arranged, judge
from fmnist_core.replication.evidence import records
from fmnist_core.replication.recipes import EXPERIMENTS

# A verdict in bold, and the claims in the next brackets.
SAID = re.compile(r"\*\*([^*]+)\*\*[^()]*\((C\d+(?:, C\d+)*)\)")
DECISIONS = {
    "confirmed": "confirmed",
    "confirms": "confirmed",
    "refuted": "refuted",
    "within seed noise": "noise",
    "better, by less than 1 point": "margin",
}
LESSONS = shipped()


def verdicts(lesson: Lesson) -> list[tuple[str, str]]:
    """Each claim of which the explanation says a verdict, and that verdict."""
    said = [match for text in lesson.explanation.text for match in SAID.findall(text)]
    return [(claim, DECISIONS[words]) for words, claims in said for claim in claims.split(", ")]


@pytest.fixture(scope="module")
def evidence():
    return arranged(records.read(records.SHIPPED, EXPERIMENTS))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_a_lesson_says_the_verdicts_of_the_evidence(lesson: Lesson, evidence):
    for claim, decision in verdicts(lesson):
        assert judge(CLAIMS[claim], evidence).decision == decision, claim


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_a_lesson_says_a_verdict_of_each_of_its_claims(lesson: Lesson):
    assert {claim for claim, _decision in verdicts(lesson)} == set(lesson.claims)
