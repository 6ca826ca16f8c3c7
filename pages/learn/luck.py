"""Learn › Luck: how often one run of each of two settings names the wrong winner."""

from pages.parts.luck.luck_page import luck_page

luck_page()
