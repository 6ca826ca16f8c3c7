"""Runs and models to be taken away."""
