"""A learner's training of a lesson, by this process instead of workers."""

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.nets.worker import slices
from fmnist_core.store.runs import Store
from fmnist_core.store.sweeps import Sweeps
from tests.nets.worker.slice_requests import request_for


def train_lesson(store: Store, lesson: Lesson, learner: str) -> dict[str, str]:
    """The ids of the runs, by their names in the lesson."""
    images = len(fashion_mnist.load().train_labels)
    sweeps = Sweeps(store)
    planned = [(run.spec_for(images), run.name) for run in lesson.runs]
    sweep_id = sweeps.create(learner, lesson.title, "lesson", lesson.slug, planned)
    run_ids = {}
    for run in lesson.runs:
        run_ids[run.name] = str(sweeps.begin_next(sweep_id))
        while slices.advance_slice(request_for(store, run_ids[run.name])).outcome == "advanced":
            pass
    assert sweeps.begin_next(sweep_id) is None  # which notes that nothing is left to begin
    return run_ids
