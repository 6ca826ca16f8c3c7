"""One run: its page, its live view, its snapshots, its toolbar."""
