"""One step of training, number by number: what goes forward, what comes back, how a weight moves."""
