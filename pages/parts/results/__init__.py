"""The reports, their claims and their trained models."""
