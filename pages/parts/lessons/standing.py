"""How a learner stands in a lesson: what they said and answered, which runs they trained, what is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fmnist_core.data.fashion_mnist import CLASS_NAMES
from fmnist_core.lessons.judgement import Said, is_complete, read_said
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.progress import Progress, ProgressInLessons
from fmnist_core.lessons.reading import Lessons
from pages.parts.base.i18n import lesson_text, say
from pages.parts.lessons.trainings import Training


@dataclass(frozen=True)
class Standing:
    """`kept` is the progress as it was when the page began, `training` how the lesson's runs stand now."""

    lesson: Lesson
    lessons: Lessons
    progress: ProgressInLessons
    kept: Progress
    training: Training

    @property
    def said(self) -> Said | None:
        """The prediction, if there is one that fits the lesson as it is now."""
        return read_said(self.lesson.prediction, self.lesson.runs, self.kept.prediction)

    @property
    def names(self) -> dict[str, str]:
        """What the page calls what is compared: runs by their names in the file, classes by their numbers."""
        if self.lesson.prediction.quantity == "recall":
            return {str(label): say(name) for label, name in enumerate(CLASS_NAMES)} | self.run_names
        return self.run_names

    @property
    def run_names(self) -> dict[str, str]:
        return {run.name: lesson_text(run.name) for run in self.lesson.runs}

    @property
    def is_done(self) -> bool:
        """Whether the check was answered rightly."""
        return is_done(self.lesson, self.kept)

    @property
    def done(self) -> set[str]:
        """The steps that were done: answered or trained where they ask for it, else visited."""
        visited = self.kept.visited
        done = {
            "question": "question" in visited and len(visited) > 1,  # read, and gone on from
            "predict": is_complete(self.said),
            "train": self.training.has_ended,
            "compare": self.training.has_ended and "compare" in visited,
            "explain": "explain" in visited,
            "check": self.is_done,
        }
        return {step for step, is_done in done.items() if is_done}

    def with_training(self, training: Training) -> Standing:
        return replace(self, training=training)


def is_done(lesson: Lesson, kept: Progress) -> bool:
    """Whether the check was answered rightly."""
    answers = lesson.check.answers
    return kept.answer is not None and 0 <= kept.answer < len(answers) and answers[kept.answer].right
