"""Lessons as data: a question, a prediction, runs to train, an explanation and a check, each in one file."""
