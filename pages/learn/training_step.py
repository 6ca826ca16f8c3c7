"""Learn › One training step: forward, loss, gradient and update, with the numbers of a trained network."""

from pages.parts.training_step.page import training_step_page

training_step_page()
