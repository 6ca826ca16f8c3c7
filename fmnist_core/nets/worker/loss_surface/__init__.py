"""A slice of the loss surface around a network's weights: its two directions, and the losses on its grid."""
