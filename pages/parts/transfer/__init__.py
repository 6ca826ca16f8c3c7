"""A race of classifiers on trained and random encoders."""
