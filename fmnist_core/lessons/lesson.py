"""`Lesson`: everything that a lesson says and asks, and the runs that it trains, as a file says it.

A value that no lesson can have is refused here, in a sentence that names what to change. Of a text's language
this knows nothing: what a file says in English is looked up in the catalogues by the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from fmnist_core.data import shipped_models
from fmnist_core.lessons.plays import PLAYS, OfRun, PlaySettings
from fmnist_core.lessons.prediction import CurvePrediction, DirectionPrediction, OrderPrediction, Prediction
from fmnist_core.lessons.texts import MOST_WORDS, Line, Paragraph, Paragraphs, Word
from fmnist_core.refusals import Part, as_tuple, explain, not_among, refusal
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec

__all__ = [
    "MOST_WORDS",
    "Answer",
    "Check",
    "CurvePrediction",
    "DirectionPrediction",
    "Explanation",
    "Lesson",
    "LessonRun",
    "OrderPrediction",
    "Prediction",
]

LONGEST_SLUG = 32
MOST_SECONDS = 90  # that all runs of a lesson may train on two cores
OF_CLASSIFIERS = ("validation_accuracy", "train_accuracy", "recall")
VALIDATED = ("validation_loss", "validation_accuracy", "gap", "recall")


def _slug(text: str) -> str:
    if len(text) > LONGEST_SLUG or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
        raise refusal(
            Sentence(
                "A lesson's slug stands in its address: at most {most} small letters, digits and hyphens, "
                "such as “how-long”; you gave “{given}”.",
                most=LONGEST_SLUG,
                given=text[:60],
            )
        )
    return text


class LessonRun(Part):
    """A run that the learner trains; `name` is unique in the lesson and stands in legends."""

    name: Word
    spec: RunSpec

    @model_validator(mode="after")
    def _stands_alone(self) -> LessonRun:
        if self.spec.starts_from_a_run:
            raise refusal(
                Sentence(
                    "A lesson's run cannot start from another run, which other labs do not have. Use a "
                    "model that the lab ships, or random weights."
                )
            )
        encoder = self.spec.encoder
        if encoder is not None and encoder.origin == "model" and encoder.id not in shipped_models.names():
            raise refusal(
                not_among("encoder", ", ".join(shipped_models.names()), str(encoder.id)[:60]), "spec"
            )
        return self

    def spec_for(self, images: int) -> RunSpec:
        """The spec for as many training images as there are: where they are too few, both parts shrink alike.

        The sample that the lab ships has fewer than Fashion-MNIST. Raises `SpecError` where too few are left.
        """
        asked = self.spec.train_size + self.spec.validation_size
        if asked <= images:
            return self.spec
        train = self.spec.train_size * images // asked
        validation = self.spec.validation_size * images // asked
        return self.spec.changed(
            train_size=train, validation_size=validation, batch_size=min(self.spec.batch_size, train)
        )


class Explanation(Part):
    """What the comparison shows, in words, and one control to play with, with its settings."""

    text: Paragraphs
    play: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _play_is_known(self) -> Explanation:
        if self.play is None and self.settings:
            raise refusal(Sentence("Settings belong to a play: name it, or remove them."), "settings")
        if self.play is not None and self.play not in PLAYS:
            raise refusal(not_among("play", ", ".join(sorted(PLAYS)), self.play[:60]), "play")
        try:
            _ = self.play_settings
        except ValidationError as error:
            raise refusal(next(iter(explain(error, {}).values())), "settings") from None
        return self

    @property
    def play_settings(self) -> PlaySettings | None:
        """What the play is told; `None` where there is no play."""
        return None if self.play is None else PLAYS[self.play].model_validate(self.settings)


class Answer(Part):
    """`reply` is said to whoever chooses it; every answer has its own."""

    text: Line
    reply: Paragraph
    right: bool = False


class Check(Part):
    """A question with two to six answers, one of them right."""

    question: Paragraph
    answers: Annotated[tuple[Answer, ...], BeforeValidator(as_tuple), Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _has_one_right_answer(self) -> Check:
        right = sum(answer.right for answer in self.answers)
        if right != 1:
            raise refusal(
                Sentence(
                    "One answer is right and says “right = true”; here {given} do.",
                    given=right,
                ),
                "answers",
            )
        for what in ("text", "reply"):
            if len({vars(answer)[what] for answer in self.answers}) < len(self.answers):
                raise refusal(
                    Sentence("Two answers have the same {what}: each needs its own.", what=what), "answers"
                )
        return self


class Lesson(Part):
    """A lesson. `minutes` is what a learner needs, `seconds` what all its runs train on two cores."""

    slug: Annotated[Word, AfterValidator(_slug)]
    title: Line
    question: Line
    minutes: Annotated[int, Field(ge=5, le=10)]
    claims: Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(max_length=8)] = ()
    seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)]
    beginning: Paragraphs
    runs: Annotated[tuple[LessonRun, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=6)]
    prediction: Prediction
    explanation: Explanation
    check: Check

    @model_validator(mode="after")
    def _claims_are_the_reports(self) -> Lesson:
        for claim in self.claims:
            if claim not in CLAIMS:
                raise refusal(
                    Sentence(
                        "The reports have no claim “{given}”: they have C1 to C{last}.",
                        given=claim[:20],
                        last=len(CLAIMS),
                    ),
                    "claims",
                )
        return self

    @model_validator(mode="after")
    def _runs_have_names_of_their_own(self) -> Lesson:
        names = [run.name for run in self.runs]
        if len({run.spec for run in self.runs}) < len(names):
            raise refusal(
                Sentence("Two runs have the same settings, so they would end alike. Change one."), "runs"
            )
        for name in names:
            if names.count(name) > 1:
                raise refusal(
                    Sentence("Two runs are called “{name}”. Give each a name of its own.", name=name), "runs"
                )
        return self

    @model_validator(mode="after")
    def _runs_have_what_is_asked_of_them(self) -> Lesson:
        asked, names = self.prediction, [run.name for run in self.runs]
        for name in asked.named_runs:
            if name not in names:
                raise refusal(not_among("prediction", ", ".join(names), name[:60]), "prediction")
        settings = self.explanation.play_settings
        if isinstance(settings, OfRun):
            self._check_played_run(settings)
        over_runs = asked.form != "direction" and asked.along == "runs"
        if over_runs and len(self.runs) < 2:
            raise refusal(Sentence("This prediction compares runs, so it needs two at least."), "prediction")
        asked_of = [run.spec for run in self.runs if not asked.named_runs or run.name in asked.named_runs]
        if asked.quantity in OF_CLASSIFIERS and any(spec.task != "classifier" for spec in asked_of):
            raise refusal(
                Sentence("Only a classifier has an accuracy. Ask for a loss, or train classifiers."),
                "prediction",
            )
        if asked.quantity in VALIDATED and any(spec.validation_size == 0 for spec in asked_of):
            raise refusal(
                Sentence(
                    "{quantity} needs validation images: set validation_size in each run’s spec.",
                    quantity=asked.quantity,
                ),
                "prediction",
            )
        if asked.form == "curve" and asked.along == "epochs" and asked_of[0].epochs < 2:
            raise refusal(Sentence("A curve along epochs needs a run of two at least."), "prediction")
        return self

    def run(self, name: str | None) -> LessonRun:
        """The run of that name, or the first."""
        return self.runs[0] if name is None else next(run for run in self.runs if run.name == name)

    def _check_played_run(self, settings: OfRun) -> None:
        names = [run.name for run in self.runs]
        if settings.run not in (None, *names):
            raise refusal(not_among("run", ", ".join(names), str(settings.run)[:60]), "explanation")
        run = self.run(settings.run)
        if settings.task not in (None, run.spec.task):
            raise refusal(
                Sentence(
                    "The play “{play}” cannot play with the run “{run}”, a network of another task. Choose "
                    "another run, or another play.",
                    play=str(self.explanation.play),
                    run=run.name,
                ),
                "explanation",
            )

    @property
    def texts(self) -> Iterator[str]:
        """All that a learner reads of it, in the order of the file."""
        yield from (self.title, self.question, *self.beginning)
        yield from (run.name for run in self.runs)
        yield self.prediction.ask
        yield from (*self.explanation.text, self.check.question)
        for answer in self.check.answers:
            yield from (answer.text, answer.reply)
