"""The data set: classes, galleries, pixel values."""
