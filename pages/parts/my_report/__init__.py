"""A learner's own report: writing it, reading another's, sharing it, taking it away."""
