"""Inside › Try it: a garment of the learner's own, from the photo to what trained networks make of it."""

from pages.parts.try_it.page import try_it_page

try_it_page()
