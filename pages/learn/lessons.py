"""Learn › Lessons: predict what training will show, train, compare, understand."""

from pages.parts.lessons.page import lessons_page

lessons_page()
