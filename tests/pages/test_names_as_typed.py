"""A name that is Markdown reaches no element that reads Markdown, on any page, but escaped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.sentences import Sentence
from fmnist_core.spec import read_spec
from pages.parts.base.services import engine, store
from pages.parts.base.typed_text import as_typed
from pages.parts.compare.comparison import MOST

APP = Path(__file__).parents[2] / "app.py"
NAME = "![x](http://127.0.0.1/p.png) :sunglasses: $a$ www.example.com"
SPEC = read_spec({"architecture": "ff_autoencoder", "epochs": 1})
READ_AS_MARKDOWN = (
    "markdown",
    "caption",
    "header",
    "subheader",
    "title",
    "warning",
    "error",
    "info",
    "success",
)


@pytest.fixture
def learner(visit: Callable[..., AppTest]) -> str:
    """A learner with a finished run, a paused one with a reason, and a sweep, all of the one name."""
    learner = visit().session_state["learner"]
    store().create_run(SPEC, learner, NAME, status="finished")
    paused = store().create_run(SPEC, learner, NAME, status="paused")
    store().set_status(paused, "paused", Sentence("No room for “{name}”.", name=NAME))
    sweeps = engine().sweep_queue.sweeps
    sweep = sweeps.create(learner, NAME, "sweep", "seed", [(SPEC, NAME), (SPEC.changed(seed=1), NAME)])
    failed = sweeps.begin_next(sweep)
    assert failed is not None
    store().set_status(failed, "failed", Sentence("No room for “{name}”.", name=NAME))
    sweeps.set_status(sweep, "stopped")
    return learner


def markdown_of(app: AppTest) -> list[str]:
    """Every text on the page that a browser reads as Markdown."""
    shown = [element.value for kind in READ_AS_MARKDOWN for element in getattr(app, kind)]
    labels = [element.label for element in app.button] + [
        element.proto.label for element in app.get("page_link")
    ]
    return [text for text in (*shown, *labels) if text]


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("learn/home", None),
        ("lab/autoencoder", "run"),
        ("lab/classifier", "run"),
        ("lab/sweep", "sweep"),
        ("lab/transfer", "race"),
        ("lab/transfer", "tr_encoder"),
        ("results/runs", "runs"),
    ],
)
def test_no_name_is_read_as_markdown(learner: str, page: str, link: str | None):
    runs = [run.id for run in store().runs(learner)]
    (sweep,) = engine().sweep_queue.sweeps.of_learner(learner, "sweep")
    targets = {"run": runs[0], "sweep": sweep.id, "race": sweep.id, "runs": ",".join(runs[:MOST])}
    app = AppTest.from_file(APP, default_timeout=30)
    app.session_state["learner"] = learner
    app.query_params[link or "lang"] = targets.get(link or "", NAME)
    app.run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    texts = markdown_of(app)
    assert [text for text in texts if NAME in text] == []
    if page != "results/runs":  # which shows names in its own table
        assert any(as_typed(NAME)[:20] in text for text in texts)
