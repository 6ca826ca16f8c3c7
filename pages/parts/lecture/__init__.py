"""A run alone on the wall of a lecture hall, large, steered by keys."""
