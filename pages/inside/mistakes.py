"""Inside › Mistakes: what a classifier takes for what, how sure it is of it, and which pixels mattered."""

from pages.parts.mistakes.mistakes_page import mistakes_page

mistakes_page()
