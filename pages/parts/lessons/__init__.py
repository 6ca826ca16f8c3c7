"""Lessons: a question, a prediction, live training, the comparison, an explanation to play with, a check."""
