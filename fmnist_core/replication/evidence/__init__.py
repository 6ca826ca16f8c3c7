"""Evidence for the claims: what is to be trained, the training of it, and its records."""
