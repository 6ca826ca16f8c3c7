"""Small runs of every network to look into, queries about them, and what hooks on the plain network see."""

import numpy as np
import torch
from torch import nn

from fmnist_core.nets.training import loop
from fmnist_core.nets.worker import queries, slices
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Store
from tests.nets.plain_networks import copy_weights, plain_network
from tests.nets.worker.slice_requests import request_for

SMALL = {"train_size": 300, "validation_size": 100, "epochs": 2, "batch_size": 50, "dropout": 0.3}
NETWORKS = {
    "ff_autoencoder": {"hidden_sizes": [8]},
    "conv_autoencoder": {"hidden_sizes": [8]},
    "conv_autoencoder, no pooling": {"hidden_sizes": [8], "pooling": False},
    "ff_classifier": {"hidden_sizes": [12, 9], "scaling": "standard"},
    "conv_classifier": {"hidden_sizes": [16], "scaling": "symmetric"},
}


def trained_run(store: Store, spec: RunSpec) -> str:
    run_id = store.create_run(spec, "ana")
    train(store, run_id)
    return run_id


def train(store: Store, run_id: str) -> None:
    while slices.advance_slice(request_for(store, run_id)).outcome == "advanced":
        pass


def asked(query: str, store: Store, run_id: str, **arguments):
    return queries.QUERIES[query](store_url=store.url, run_id=run_id, **arguments)


def by_hooks(plain: nn.Sequential, image: torch.Tensor) -> list[np.ndarray]:
    """What comes out of each module, in order, that is no dropout."""
    seen: list[np.ndarray] = []
    modules = [module for module in plain if not isinstance(module, nn.Dropout)]
    for module in modules:
        module.register_forward_hook(lambda module, inputs, output: seen.append(output[0].numpy().copy()))
    with torch.inference_mode():
        plain.eval()(image)
    return seen


def plain_output(state: loop.TrainState, image: int) -> np.ndarray:
    images, _labels = state.parts.test_images.take(torch.tensor([image]))
    return by_hooks(copy_weights(state.model, plain_network(state.spec)), state.parts.scaled(images))[-1]
