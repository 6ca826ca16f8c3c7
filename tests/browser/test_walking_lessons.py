"""Every lesson is walked through in both languages, and a small one, trained live, by keyboard alone.

The lab's own lessons are walked through as copies that keep texts and forms, and whose runs were trained for
moments on the sample before the server starts.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist_core.data import fashion_mnist
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.progress import STEPS
from fmnist_core.lessons.reading import read_lesson
from fmnist_core.store.runs import Store
from pages.parts.base.i18n import phrase
from pages.parts.base.learner import COOKIE
from tests.browser import driver
from tests.browser.axe import assert_nothing_serious
from tests.browser.driver import Server
from tests.browser.keyboard import focused, tab_to
from tests.lessons.lesson_files import LESSON, short_copies
from tests.lessons.lesson_runs import train_lesson

COPIES = short_copies()
LESSONS = [read_lesson(text.encode(), name) for name, text in COPIES.items()]
LEARNER = "a-learner-of-all-eight"  # as long as an id is
STEP_SECONDS = 0.5


@pytest.fixture(scope="module")
def classroom(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab on the sample with the small lesson and the copies, whose runs `LEARNER` has trained."""
    home, lessons = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("lessons")
    for name, text in {**COPIES, "small.toml": LESSON}.items():
        (lessons / name).write_text(text, "utf-8")
    sample = str(fashion_mnist.SAMPLE_FOLDER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_DATA", sample)
        store = Store(f"sqlite:///{home / 'lab.db'}")
        for lesson in LESSONS:
            train_lesson(store, lesson, LEARNER)
        store.close()
    with driver.serve(home, FMNIST_DATA=sample, FMNIST_LESSONS=str(lessons)) as server:
        yield server


def step_in_view(page: Page, step: str, language: str) -> None:
    """Until the line of steps says so, and no script runs."""
    title = phrase({"question": "Question"}.get(step, step.capitalize()), language)
    expect(driver.keyed(page, "lesson_steps").get_by_role("radio", name=title)).to_be_checked()
    expect(page).to_have_url(re.compile(f"step={step}"))
    driver.settle(page)


def in_words(text: str, language: str) -> str:
    """A text of a lesson as a page shows it, without the marks of Markdown."""
    return re.sub(r"[*`]", "", phrase(text, language))


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("es", "es-AR")])
def test_every_lesson_is_walked_through(classroom: Server, open_learner, promise, language: str, locale: str):
    page: Page = open_learner(locale=locale)
    cookie = {"name": COOKIE, "value": LEARNER, "url": classroom.url}
    page.context.add_cookies([cookie])
    slowest = max(walk(page, classroom.url, lesson, language) for lesson in LESSONS)
    promise(f"a step of a lesson, the slowest, {language}", slowest, STEP_SECONDS)


def walk(page: Page, url: str, lesson: Lesson, language: str) -> float:
    """From the question to the check; how many seconds the slowest step took to answer."""
    seconds = []
    driver.open_page(page, f"{url}/lessons?lesson={lesson.slug}&step={STEPS[0]}")
    expect(page.get_by_role("heading", level=1)).to_have_text(in_words(lesson.title, language))
    for step in STEPS:
        if step != STEPS[0]:
            seconds.append(seconds_to_answer(page, lesson, step, language))
        step_in_view(page, step, language)
        on_page(page, lesson, step, language)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    return max(seconds)


def seconds_to_answer(page: Page, lesson: Lesson, step: str, language: str) -> float:
    """From the click that leads on until the step has its own end: the way on from it, or its answers.

    What a play asks of workers may still be on its way.
    """
    key, words = "lesson_next", phrase("Next: {step}", language)
    match step:
        case "predict":
            words = phrase("Go on without", language)
        case "check":
            key, words = f"check_{lesson.slug}", in_words(lesson.check.answers[-1].text, language)
        case _:
            following = STEPS[STEPS.index(step) + 1].capitalize()
            words = words.format(step=phrase(following, language))
    drawn = "([key, words]) => document.querySelector(`.st-key-${key}`)?.innerText.includes(words)"
    driver.button(page, "lesson_next").click(trial=True)
    began = time.perf_counter()
    driver.button(page, "lesson_next").click()
    page.wait_for_function(drawn, arg=[key, words], polling="raf")
    return time.perf_counter() - began


def on_page(page: Page, lesson: Lesson, step: str, language: str) -> None:
    """What a step cannot do without."""
    main = page.get_by_test_id("stMain")
    match step:
        case "question":
            for paragraph in lesson.beginning:
                expect(main).to_contain_text(in_words(paragraph, language))
        case "predict":
            expect(main).to_contain_text(in_words(lesson.prediction.ask, language))
        case "train":
            n = len(lesson.runs)
            expect(driver.keyed(page, "run_now")).to_contain_text(re.compile(rf"{n} (of|de) {n}"))
        case "compare":
            expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
        case "explain":
            for paragraph in lesson.explanation.text:
                expect(main).to_contain_text(in_words(paragraph, language))
        case "check":
            for answer in lesson.check.answers:
                choice = main.get_by_role("radio", name=in_words(answer.text, language), exact=True)
                choice.evaluate("choice => choice.click()")
                expect(main).to_contain_text(in_words(answer.reply, language))


def test_a_lesson_is_taken_by_keyboard_alone(classroom: Server, open_learner):
    page: Page = open_learner()
    driver.open_page(page, f"{classroom.url}/lessons")
    press(page, name=f"Begin lesson {1 + 2 * len(LESSONS)}")
    step_in_view(page, "question", "en")
    press(page, key="lesson_next")
    step_in_view(page, "predict", "en")
    tab_to(page, name="narrow, place 1 of 2")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="narrow, place 2 of 2")).to_be_focused()
    press(page, name="Next: Train")
    step_in_view(page, "train", "en")
    assert_nothing_serious(page)
    press(page, key="lesson_train")
    expect(driver.keyed(page, "run_now")).to_contain_text("2 of 2 runs have ended")
    press(page, key="lesson_next")
    step_in_view(page, "compare", "en")
    expect(page.get_by_text("Your order is right.")).to_be_visible()
    assert_nothing_serious(page)
    press(page, key="lesson_next")
    step_in_view(page, "explain", "en")
    tab_to(page, name="Film")
    page.keyboard.press("Home")
    expect(page.get_by_text("batch 0 (epoch 0)")).to_be_visible()
    press(page, key="lesson_next")
    step_in_view(page, "check", "en")
    tab_to(page, key="check_small")
    page.keyboard.press("Space")
    expect(page.get_by_text("Yes: as many as the waist is wide.")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("No: the picture has 784 pixels")).to_be_visible()
    assert_nothing_serious(page)
    driver.open_page(page, f"{classroom.url}/lessons")
    expect(driver.keyed(page, "lesson_small")).to_contain_text("Done")


def press(page: Page, **what: str) -> None:
    tab_to(page, **what)
    assert focused(page) is not None
    page.keyboard.press("Enter")


def test_the_browser_goes_back_step_by_step_and_to_where_it_came_from(classroom: Server, open_learner):
    page: Page = open_learner()
    driver.open_page(page, classroom.url)
    driver.button(page, "lesson_begin").click()
    step_in_view(page, "question", "en")
    for step in STEPS[1:3]:
        press(page, key="lesson_next")
        step_in_view(page, step, "en")
    for step in STEPS[1::-1]:
        page.go_back()
        step_in_view(page, step, "en")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Watch a neural network learn")
    assert "lesson=" not in page.url
    for step in STEPS[:3]:
        page.go_forward()
        step_in_view(page, step, "en")
