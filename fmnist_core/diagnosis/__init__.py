"""What a run's curves say of its training: rules, what they find, and what to try."""
