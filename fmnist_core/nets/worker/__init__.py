"""A worker's side of the lab: slices of training, and queries beside them."""
