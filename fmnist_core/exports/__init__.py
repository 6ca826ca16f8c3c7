"""What leaves the lab: a run as code that anyone can read, as a model for other tools, as curves."""
