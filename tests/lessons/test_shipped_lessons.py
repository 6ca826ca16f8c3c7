"""Laws of the lessons that the lab ships, in both languages."""

import pytest

from fmnist_core.lessons.lesson import MOST_WORDS, Lesson
from fmnist_core.lessons.reading import SHIPPED, shipped
from pages.parts.base import i18n

LESSONS = shipped()
SAMPLE_IMAGES = 7_000  # that the sample has to train and validate on


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_no_paragraph_is_long_in_any_language(lesson: Lesson):
    """A file's own language is counted where it is read; a translation may need more words, not many."""
    for language in i18n.LANGUAGES:
        for text in lesson.texts:
            assert len(i18n.phrase(text, language).split()) <= MOST_WORDS, (language, text)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_every_text_is_translated(lesson: Lesson):
    catalogue = i18n.read_catalogue(i18n.catalogue_path("es"), "es")
    assert [text for text in lesson.texts if not (entry := catalogue.get(text)) or not entry.string] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_every_run_fits_the_sample(lesson: Lesson):
    for run in lesson.runs:
        spec = run.spec_for(SAMPLE_IMAGES)
        assert spec.train_size + spec.validation_size <= SAMPLE_IMAGES


def test_files_stand_in_the_order_of_their_numbers():
    names = sorted(path.name for path in SHIPPED.glob("*.toml"))
    assert [name[:2] for name in names] == [f"{k:02}" for k in range(1, len(names) + 1)]
    assert len({lesson.slug for lesson in LESSONS}) == len(names)
