"""Networks and their training: the only package that imports torch, and so the one that runs on workers."""
