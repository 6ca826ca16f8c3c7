"""The sample that ships with the project, 8,000 images, so that it works at once with nothing else."""
