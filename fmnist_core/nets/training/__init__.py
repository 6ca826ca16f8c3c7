"""One run: its state, its step, its evaluation, its checkpoints."""
