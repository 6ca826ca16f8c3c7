"""Assignments: reading one, doing it, handing one out."""
