"""Which script draws which page, and where what was planned together is shown: a sweep, a race, a lesson."""

from __future__ import annotations

from fmnist_core.store.sweeps import Kind, Sweep, SweepOfRun

HOME = "pages/learn/home.py"
LESSONS = "pages/learn/lessons.py"
ASSIGNMENTS = "pages/learn/assignments.py"
DATA = "pages/learn/data.py"
CONVOLUTION = "pages/learn/convolution.py"
TRAINING_STEP = "pages/learn/training_step.py"
AGAINST = "pages/learn/against.py"
LUCK = "pages/learn/luck.py"
MISSING_SETTING = "pages/learn/missing_setting.py"
AUTOENCODER = "pages/lab/autoencoder.py"
CLASSIFIER = "pages/lab/classifier.py"
SWEEP = "pages/lab/sweep.py"
TRANSFER = "pages/lab/transfer.py"
LAYERS = "pages/inside/layers.py"
LATENT_SPACE = "pages/inside/latent_space.py"
TRY_IT = "pages/inside/try_it.py"
MISTAKES = "pages/inside/mistakes.py"
RUNS = "pages/results/runs.py"
REPORTS = "pages/results/reports.py"
CLAIMS = "pages/results/claims.py"
MY_REPORT = "pages/results/my_report.py"

LAB_PAGES = {"autoencoder": AUTOENCODER, "classifier": CLASSIFIER}  # where a run is trained, by its task

PLANNED_PAGES: dict[Kind, str] = {"sweep": SWEEP, "race": TRANSFER, "lesson": LESSONS}
PLANNED_PATHS: dict[Kind, str] = {"sweep": "sweep", "race": "transfer", "lesson": "lessons"}  # in addresses


# What an address says that a page has in view; a form of another kind has a run there.
RUN = "run"
IN_VIEW = {"sweep_autoencoder": "sweep", "sweep_classifier": "sweep", "transfer": "race"}
# The rest of an address says how that is looked at.
OPENED = (RUN, *dict.fromkeys(IN_VIEW.values()), "claim", "model", "lesson", "assignment")


def in_view(form: str) -> str:
    """The parameter that names what the form's page has in view."""
    return IN_VIEW.get(form, RUN)


def opening(planned: Sweep | SweepOfRun) -> dict[str, str]:
    """What the address of its page says to bring it into view; of a lesson, the step that trains."""
    if planned.kind == "lesson":
        return {"lesson": planned.varied, "step": "train"}
    return {planned.kind: planned.id}
