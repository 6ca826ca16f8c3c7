"""What workers are forked from: a process that has imported, for seconds, all that a first time slice needs.

It starts no threads and touches no GPU, since neither would survive the fork.
"""

import gc

from fmnist_core.nets.worker import slices

__all__ = ["slices"]

gc.freeze()  # all this stays: no worker's garbage collector need look through it, nor copy it by looking
