"""A learner's progress in lessons outlasts the process, and two tabs lose nothing of each other's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from fmnist_core.lessons.progress import MOST_CHARACTERS, STEPS, Progress, ProgressInLessons
from fmnist_core.store.runs import Store
from fmnist_core.store.schema import alembic_version, lesson_progress


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def test_what_was_done_is_kept_and_nothing_is_taken_back(store: Store):
    ada = ProgressInLessons(store, "ada")
    assert ada.of("small") == Progress()
    ada.reach("small", 2)
    ada.predict("small", [0.1, None, 0.05])
    ada.reach("small", 1)
    ada.answer("small", 3)
    again = ProgressInLessons(Store(store.url), "ada")
    kept = again.of("small")
    assert (kept.furthest, kept.prediction, kept.answer) == (2, [0.1, None, 0.05], 3)
    ada.predict("small", None)
    assert again.of("small").prediction is None
    assert ProgressInLessons(store, "bob").all() == {}
    again.store.close()


def test_the_lesson_last_worked_at_comes_first(store: Store):
    ada = ProgressInLessons(store, "ada")
    for lesson in ("one", "two", "three"):
        ada.reach(lesson, 0)
    ada.answer("one", 0)
    assert list(ada.all()) == ["one", "three", "two"]
    assert ada.of("one").changed == ada.all()["one"].changed


def test_looking_at_a_step_again_changes_nothing(store: Store):
    ada = ProgressInLessons(store, "ada")
    ada.reach("one", 3)
    ada.reach("one", 0)
    before = ada.of("one")
    ada.reach("one", 3)
    ada.reach("one", 0)
    assert ada.of("one") == before


def test_a_step_that_a_link_led_past_is_not_visited(store: Store):
    ada = ProgressInLessons(store, "ada")
    ada.reach("one", STEPS.index("explain"))
    assert (ada.of("one").furthest, ada.of("one").visited) == (STEPS.index("explain"), {"explain"})
    ada.reach("one", STEPS.index("predict"))
    assert ada.of("one").visited == {"predict", "explain"}
    ada.reach("one", STEPS.index("compare"), visited=False)
    assert ada.of("one").visited == {"predict", "explain"}
    ada.predict("one", "lower")
    assert ada.of("one").visited == {"predict", "explain"}


def test_what_was_begun_before_visits_were_kept_counts_up_to_the_furthest_step(url: str):
    store = Store(url)
    ProgressInLessons(store, "ada").reach("one", STEPS.index("compare"))
    with store.database.writing() as connection:  # as format 12 had it
        for table, later in (("lesson_progress", "visited"), ("pins", "language"), ("pins", "is_draft")):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {later}")
        connection.execute(alembic_version.update().values(version_num="12"))
    store.close()
    store = Store(url)
    assert ProgressInLessons(store, "ada").of("one").visited == set(STEPS[: STEPS.index("compare") + 1])
    store.close()


def test_two_tabs_lose_nothing_of_each_others(store: Store):
    ada = ProgressInLessons(store, "ada")
    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(ada.reach, "one", step) for step in range(len(STEPS))]
        done += [threads.submit(ada.predict, "one", "lower"), threads.submit(ada.answer, "one", 1)]
        for future in done:
            future.result()  # which raises what went wrong
    kept = ada.of("one")
    assert (kept.furthest, kept.prediction, kept.answer) == (len(STEPS) - 1, "lower", 1)
    assert kept.visited == set(STEPS)


def test_a_prediction_of_any_length_is_not_kept(store: Store):
    ada = ProgressInLessons(store, "ada")
    ada.predict("one", ["narrow"])
    ada.predict("one", "x" * MOST_CHARACTERS)
    assert ada.of("one").prediction == ["narrow"]


def test_a_row_that_cannot_be_read_costs_the_prediction_and_not_the_lesson(store: Store):
    ada = ProgressInLessons(store, "ada")
    ada.reach("one", 4)
    with store.database.writing() as connection:
        connection.execute(lesson_progress.update().values(prediction="[0.1,", furthest=99))
    assert (ada.of("one").prediction, ada.of("one").furthest) == (None, len(STEPS) - 1)
