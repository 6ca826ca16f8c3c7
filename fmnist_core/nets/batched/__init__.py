"""Several runs of one shape trained as one network."""
