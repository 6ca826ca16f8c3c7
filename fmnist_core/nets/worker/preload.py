"""What workers are forked from: a process that has imported, for seconds, all that a first time slice needs.

It starts no threads and touches no GPU, since neither would survive the fork.
"""

import gc

import torch

from fmnist_core.nets.worker import slices

__all__ = ["slices"]

# The first optimizer of a process makes PyTorch import its compiler, though nothing is compiled.
torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
gc.freeze()  # all this stays: no worker's garbage collector need look through it, nor copy it by looking
