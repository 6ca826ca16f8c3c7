"""The README of a model on the Hugging Face Hub: what it is, how well it does, how to load it."""

from __future__ import annotations

import json

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.exports.exported_run import RESULTS, ExportedRun
from fmnist_core.exports.figure_code import Say
from fmnist_core.exports.network_code import network_code
from fmnist_core.sentences import Sentence, loss_text
from fmnist_core.spec import SCALINGS

TASKS = {"autoencoder": "image-feature-extraction", "classifier": "image-classification"}
METRICS = {"test_loss": "loss", "test_accuracy": "accuracy"}


def model_card(run: ExportedRun, say: Say) -> str:
    """Markdown with the Hub's YAML ahead of it, https://huggingface.co/docs/hub/model-cards."""
    spec = run.spec
    label = say(ARCHITECTURES[spec.architecture].label)
    head: dict[str, object] = {
        "library_name": "pytorch",
        "pipeline_tag": TASKS[spec.task],
        "datasets": ["zalando-datasets/fashion_mnist"],
        "tags": ["fashion-mnist", spec.task, spec.architecture.replace("_", "-"), "fmnist-lab"],
    }
    if spec.task == "classifier":
        head["metrics"] = ["accuracy"]
    if run.results:
        head["model-index"] = [{"name": run.name, "results": [_results(run)]}]
    # JSON is YAML, and needs no escapes of its own.
    yaml = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items())
    return "\n".join(
        [
            "---",
            yaml,
            "---",
            "",
            f"# {label}",
            "",
            say(
                Sentence(
                    "Trained on Fashion-MNIST in FMNIST Lab. Training images: {images:,}; epochs: {epochs}; "
                    "seed: {seed}; weights and biases: {count:,}. All settings are in spec.json.",
                    images=spec.train_size,
                    epochs=run.trained_epochs,
                    seed=spec.seed,
                    count=spec.parameter_count,
                )
            ),
            "",
            *_table(run, say),
            say(Sentence("To load it:")),
            "",
            "```python",
            loading_code(run),
            "```",
            "",
            say(
                Sentence(
                    "Images go in as float32 (count, 1, 28, 28), scaled to {scaling}.",
                    scaling=SCALINGS[spec.scaling],
                )
            ),
            "",
        ]
    )


def loading_code(run: ExportedRun) -> str:
    """Five statements: what is to be imported, the network, its weights, and no dropout."""
    return "\n".join(
        [
            "from collections import OrderedDict",
            "from safetensors.torch import load_file",
            "from torch import nn",
            "",
            network_code(run.spec),
            'model.load_state_dict(load_file("model.safetensors"))',
            "model.eval()",
        ]
    )


def _results(run: ExportedRun) -> dict[str, object]:
    return {
        "task": {"type": TASKS[run.spec.task]},
        "dataset": {"name": "Fashion-MNIST", "type": "zalando-datasets/fashion_mnist", "split": "test"},
        "metrics": [{"type": METRICS[name], "value": value} for name, value in run.results.items()],
    }


def _table(run: ExportedRun, say: Say) -> list[str]:
    rows = [f"| {say(RESULTS[name])} | {say(loss_text(value))} |" for name, value in run.results.items()]
    return [f"| {say(Sentence('Figure'))} | |", "|---|---|", *rows, ""] if rows else []
