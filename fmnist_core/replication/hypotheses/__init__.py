"""What authors may have done, where our figures differ: hypotheses as data, put to the test by training."""

from fmnist_core.replication.hypotheses import r2, r3, r4, r5
from fmnist_core.replication.hypotheses.hypothesis import AS_REPORTED, Hypothesis, Study, trained
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.replication.recipes.report import Experiment

STUDIES: tuple[Study, ...] = (*r2.STUDIES, r3.STUDY, r4.STUDY, r5.STUDY)
# All that is trained for them, by id; what each changes is in its spec.
TRAINED: dict[str, Experiment] = {
    experiment.id: experiment for study in STUDIES for experiment in trained(study, EXPERIMENTS)
}
# Of these, those of the finalists, which are trained with as many seeds as a report's own experiments.
FINALISTS: tuple[str, ...] = tuple(
    key
    for study in STUDIES
    for finalist in study.finalists
    for id in (*study.screened, *study.rest)
    if (key := f"{id}+{finalist}") in TRAINED
)

__all__ = ["AS_REPORTED", "FINALISTS", "STUDIES", "TRAINED", "Hypothesis", "Study"]
