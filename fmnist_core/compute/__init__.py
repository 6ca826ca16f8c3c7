"""Dask workers: the embedded cluster, the connection to it, and what they are given to run."""
