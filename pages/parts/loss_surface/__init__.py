"""The loss around a network's weights: a slice of the loss surface, and a run's path over it."""
