"""Runs, sweeps, metrics, snapshots and checkpoints in SQL, and their files on disk."""
