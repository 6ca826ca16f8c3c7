"""One step of training, number by number, beside the source that the lab runs."""
