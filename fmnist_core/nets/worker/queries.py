"""What may be asked of a worker beside training: a plain dict of functions, by name.

Each takes and returns what travels well (texts, numbers, NumPy arrays), and refuses with a `LabError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from fmnist_core.nets.training import device, evaluation, loop
from fmnist_core.nets.worker import (
    inspection,
    latent_space,
    lesson_plays,
    mistakes,
    network_at,
    own_image,
    pca,
    saliency,
    tsne,
)
from fmnist_core.nets.worker.loss_surface import query as loss_surface
from fmnist_core.nets.worker.one_step import ahead, chain, masks, scatter, sources, updates
from fmnist_core.nets.worker.state_cache import STATE_CACHE
from fmnist_core.nets.worker.threads import on_one_thread, use_threads
from fmnist_core.spec import read_spec

CUT_SHORT: set[str] = set()
WARM_UP_SECONDS, MEASURE_SECONDS = 0.15, 0.3


def warm_up() -> None:
    """Loads what the first time slice would wait for: the data, and the kernels of each kind of layer."""
    for architecture in ("ff_autoencoder", "conv_classifier"):
        spec = read_spec({"architecture": architecture, "train_size": 100, "validation_size": 0})
        for _ in loop.advance(loop.start(spec), loop.Budget(batches=1)):
            pass


def device_and_dtype() -> tuple[str, str]:
    """On what this worker trains and how it calculates: a GPU's name, or none, and a kind of number."""
    preferred = device.preferred()
    if preferred.type == "cuda":
        return torch.cuda.get_device_name(preferred), device.precision()
    return "", device.processor_precision()


def cut_short(time_slice: str) -> None:
    """Ends a time slice under way, or one that is about to begin, after the batch in hand."""
    if len(CUT_SHORT) > 100:  # of time slices that had ended before the word came
        CUT_SHORT.clear()
    CUT_SHORT.add(time_slice)


def forget(run_id: str) -> None:
    """Drops the state of a run that was deleted."""
    STATE_CACHE.pop(run_id, None)
    network_at.forget(run_id)
    loss_surface.forget(run_id)


def reconstruct(store_url: str, run_id: str, indices: Sequence[int]) -> np.ndarray:
    """Test images through a run's network, as it is now.

    uint8 (count, 28, 28) from an autoencoder, float32 probabilities (count, 10) from a classifier.
    """
    network = network_at.of_run(store_url, run_id)
    device = network.parts.snapshot.device
    chosen = replace(network.parts, snapshot=torch.tensor(list(indices), dtype=torch.int64, device=device))
    predict = evaluation.predictor(network.spec, network.weights)
    return evaluation.snapshot_outputs(network.spec, predict, chosen)


@on_one_thread
def forecast(spec: str, threads: int) -> tuple[float, float]:
    """Seconds to train a batch and to evaluate an image, in a time slice that is given `threads`.

    A trained encoder takes as long as a random one.
    """
    read = read_spec(spec)
    use_threads(read, threads)
    if read.encoder is not None:
        read = read.changed(encoder=read.encoder.untrained())
    state = loop.start(read.changed(branch=None))
    state.snapshot_steps = frozenset()  # frames are many among the first batches and few in an epoch
    predict = evaluation.predictor(state.spec, state.model.state_dict())

    def evaluate() -> int:
        tally = evaluation.Tally()
        evaluation.add_chunk(tally, state.spec, predict, state.parts, "train_eval")
        tally.collect()  # a GPU still has to get there
        return tally.seen

    batch, chunk = _mean_seconds(lambda: loop.train_batch(state)), _mean_seconds(evaluate)
    return batch, chunk / evaluate()


def _mean_seconds(work: Callable[[], Any]) -> float:
    """Over some goes, once others have warmed up memory and caches; of long ones, the first will do."""
    began = time.perf_counter()
    work()
    if (first := time.perf_counter() - began) > MEASURE_SECONDS:
        return first
    while time.perf_counter() - began < WARM_UP_SECONDS:
        work()
    goes, began = 0, time.perf_counter()
    while goes == 0 or time.perf_counter() - began < MEASURE_SECONDS:
        work()
        goes += 1
    return (time.perf_counter() - began) / goes


QUERIES: dict[str, Callable[..., Any]] = {
    "warm_up": warm_up,
    "device_and_dtype": device_and_dtype,
    "cut_short": cut_short,
    "forget": forget,
    "reconstruct": reconstruct,
    "forecast": forecast,
    "pca": pca.errors,
    "still": inspection.still,
    "train_again": network_at.train_again,
    "activations": inspection.activations,
    "layer_weights": inspection.layer_weights,
    "use_of_units": inspection.use_of_units,
    "dropout_draws": inspection.dropout_draws,
    "surgery": inspection.surgery,
    "loss_surface": loss_surface.loss_surface,
    "surface_outputs": loss_surface.surface_outputs,
    "latent_map": latent_space.latent_map,
    "latent_places": latent_space.latent_places,
    "decode": latent_space.decode,
    "tsne": tsne.tsne,
    "own_image": own_image.own_image,
    "own_image_of_models": own_image.own_image_of_models,
    "usual_values": own_image.usual_values,
    "robustness": own_image.robustness,
    "test_probabilities": mistakes.test_probabilities,
    "nearest_training": mistakes.nearest_training,
    "saliency": saliency.saliency,
    "saliency_of_random": saliency.saliency_of_random,
    "step_ahead": ahead.step_ahead,
    "value_ahead": ahead.value_ahead,
    "clear_weight": chain.clear_weight,
    "weight_gradient": chain.weight_gradient,
    "step_updates": updates.step_updates,
    "losses_by_rate": updates.losses_by_rate,
    "gradient_scatter": scatter.gradient_scatter,
    "dropout_mask": masks.dropout_mask,
    "step_source": sources.step_source,
    "loss_with_dropout": lesson_plays.loss_with_dropout,
    "few_labels": lesson_plays.few_labels,
}
