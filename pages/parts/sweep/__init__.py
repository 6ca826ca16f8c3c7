"""A sweep: one setting over several values and seeds."""
