"""Small steps are left to one thread, whatever there is."""

import pytest
import torch

from fmnist_core.nets.worker.threads import use_threads
from fmnist_core.spec import read_spec


@pytest.mark.parametrize(
    ("settings", "threads"),
    [
        ({"architecture": "ff_autoencoder"}, 1),
        ({"architecture": "ff_autoencoder", "batch_size": 1000}, 2),
        ({"architecture": "ff_autoencoder", "hidden_sizes": [512]}, 2),
        ({"architecture": "conv_autoencoder", "batch_size": 10}, 1),
        ({"architecture": "conv_autoencoder"}, 2),
    ],
)
def test_small_steps_take_one_thread(settings, threads):
    use_threads(read_spec(settings), 2)
    assert torch.get_num_threads() == threads
    use_threads(read_spec(settings), 1)
    assert torch.get_num_threads() == 1
