"""A network is added by describing it: it trains on workers, is counted, drawn, and lends its encoder."""

import pytest
import torch
from distributed import Client

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.compute import cluster
from fmnist_core.nets.training import loop
from fmnist_core.spec import SpecError, read_spec
from pages.parts.results.network_drawing import operations
from tests.architecture import deep_autoencoder
from tests.engine.live_runs import finished, running
from tests.waiting import wait_for

SETTINGS = {"architecture": deep_autoencoder.NAME, "train_size": 1000, "validation_size": 200, "epochs": 3}


def test_a_new_network_trains_on_the_embedded_cluster(store, launched, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, deep_autoencoder.NAME, deep_autoencoder.ENTRY)
    spec = read_spec({**SETTINGS, "learning_rate": 0.003})
    with running(store, workers=1) as engine:
        unknown_there = finished(store, engine.submit(spec, "ada"))
        assert unknown_there.status == "failed"
        assert "Network can be ff_autoencoder" in str(unknown_there.reason)

        given = cluster.handover(launched[0])
        with Client(given.address, security=cluster.connection(given), set_as_default=False) as workers:
            workers.run(deep_autoencoder.register)
        run = finished(store, engine.submit(spec, "ada"))
        assert run.status == "finished"
        losses = [epoch.validation_loss for epoch in store.epochs(run.id)]
        assert losses == sorted(losses, reverse=True)
        weights = loop.read_weights(store.checkpoint(run.id))
        assert sum(weight.numel() for weight in weights.values()) == spec.parameter_count
        assert weights["encoder.latent.weight"].shape == torch.Size([8, 32])
        encoder = {"architecture": deep_autoencoder.NAME, "origin": "run", "id": run.id, "frozen": True}
        lent = {"architecture": "encoder_classifier", "hidden_sizes": [32, 8], "encoder": encoder}
        classifier = finished(store, engine.submit(read_spec({**SETTINGS, **lent}), "ada"))
        assert classifier.status == "finished"
        trained = loop.read_weights(store.checkpoint(classifier.id))
        assert all(
            torch.equal(trained[name], weights[name]) for name in trained if name.startswith("encoder.")
        )
        assert wait_for(lambda: engine.forecast(spec)).parameters == spec.parameter_count

    drawn = [(operation.part, operation.shape) for operation in operations(spec)]
    assert drawn == [
        ("input", (1, 28, 28)),
        ("encoder", (32,)),
        ("code", (8,)),
        ("decoder", (32,)),
        ("output", (1, 28, 28)),
    ]


def test_a_network_that_was_not_entered_is_refused_in_a_sentence():
    with pytest.raises(SpecError, match=r"Network can be ff_autoencoder, .*; you gave “deep_autoencoder”"):
        read_spec(SETTINGS)
