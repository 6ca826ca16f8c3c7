"""A learner's own report: what is pinned, what is written, who may read it, and how it leaves the lab."""
