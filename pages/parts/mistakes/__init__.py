"""What a classifier takes for what, how sure it is of it, and which pixels mattered."""
