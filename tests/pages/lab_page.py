"""What a test reads off a lab page, and how it waits for what the page trains."""

import re

from streamlit.testing.v1 import AppTest

from fmnist_core.store.runs import Run
from pages.parts.base.services import store
from pages.parts.sweep.progress import Progress, progress_of
from tests.waiting import wait_for

SECONDS = 240.0  # a sweep of six runs beside other tests
POLL = 0.1


def watch_run(app: AppTest, *statuses: str) -> Run:
    """Poll the page as a browser would, until its run has one of these statuses and the page says so."""

    def ended() -> Run | None:
        app.run()
        assert not app.exception
        run = store().run(app.query_params["run"])
        return run if run.status in statuses else None

    run = wait_for(ended, SECONDS, POLL)
    app.run()
    return run


def watch_sweep(app: AppTest, kind: str) -> Progress:
    """Poll the page as a browser would, until the "sweep" or "race" in its address has come to rest."""

    def at_rest() -> Progress | None:
        app.run()
        assert not app.exception
        progress = progress_of(app.query_params[kind])
        return None if progress.moving else progress

    progress = wait_for(at_rest, SECONDS, POLL)
    app.run()
    return progress


def enabled_buttons(app: AppTest) -> set[str]:
    """The keys of the buttons above the form that can be pressed."""
    return {
        element.key
        for element in app.button
        if element.key and element.key.startswith("bar_") and not element.disabled
    }


def metric_value(app: AppTest, label: str) -> str:
    return next(element.value for element in app.metric if element.label == label)


def page_text(app: AppTest) -> str:
    """Every sentence on the page: notices, paragraphs, captions and headings; characters as shown."""
    kinds = (app.warning, app.error, app.info, app.markdown, app.caption, app.header)
    return breakable("\n".join(unescaped(element.value) for kind in kinds for element in kind))


def breakable(text: str) -> str:
    """With spaces that a line may end at."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def unescaped(markdown: str) -> str:
    """Markdown without the escapes of `as_typed`."""
    return re.sub(r"\\(.)", r"\1", re.sub(r":color\[(\\.)\]", r"\1", markdown))
