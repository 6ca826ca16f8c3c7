"""Learn › You against the network: label the garments that a classifier labels, and compare."""

from pages.parts.against.against_page import against_page

against_page()
