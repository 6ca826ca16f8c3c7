"""Learn › Convolution and pooling: what a filter and a pooling window do, number by number."""

from pages.parts.by_hand.page import by_hand_page

by_hand_page()
