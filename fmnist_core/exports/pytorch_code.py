"""A run written out in plain PyTorch, cell by cell: data, network, training, test, figures.

It reads none of the lab's code, and draws the same split, first weights and order of images from the run's
seed. What it says is in the language of `say`; the code is in English.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.figure_code import Say, confusion, curves, reconstructions
from fmnist_core.exports.network_code import network_code
from fmnist_core.sentences import Sentence
from fmnist_core.spec import SCALINGS, TRAIN_EVAL_SIZE, RunSpec

START = "start.safetensors"  # the file with first weights that no seed gives


@dataclass(frozen=True)
class Cell:
    """`text` is Python, or Markdown of what the next cell does."""

    kind: Literal["code", "words"]
    text: str


def cells(run: ExportedRun, say: Say) -> list[Cell]:
    """From top to bottom; they run in this order, in one namespace."""
    return list(_cells(run, say))


def _cells(run: ExportedRun, say: Say) -> Iterator[Cell]:
    spec = run.spec
    yield _words(say, *_beginning(run))
    yield _code(IMPORTS + (LOAD_FILE if run.start else ""), _settings(run))
    yield _words(
        say,
        Sentence("## Data"),
        Sentence(
            "Training and validation images are drawn from the 60,000 by the seed; the 10,000 test images "
            "stay aside until the end. What goes into the network is scaled to {scaling}.",
            scaling=SCALINGS[spec.scaling],
        ),
    )
    yield _code(DATA, SCALES[spec.scaling])
    yield _words(say, Sentence("## Network"), *_about_first_weights(run))
    yield _code(f"torch.manual_seed(SEED)\n{network_code(spec)}", _first_weights(run))
    yield _words(say, Sentence("## Training"), *_about_training(run))
    yield _code(_losses(spec), EVALUATION)
    yield _code(_optimizer(spec), _training_loop(spec))
    yield _words(
        say,
        Sentence("## Test"),
        Sentence("Beside each figure stands the one that the lab measured for this run."),
    )
    yield _code(_test(spec))
    yield _words(say, Sentence("## Figures"))
    yield _code(curves(run.spec, say))
    yield _code(reconstructions(say) if spec.task == "autoencoder" else confusion(say))


def _words(say: Say, *sentences: Sentence) -> Cell:
    return Cell("words", "\n\n".join(map(say, sentences)))


def _code(*pieces: str) -> Cell:
    """Pieces a line apart, functions two."""
    text = ""
    for piece in (piece.strip("\n") for piece in pieces if piece):
        is_function = piece.startswith(("def ", "@")) or text.rpartition("\n")[2].startswith(" ")
        text += ("\n\n\n" if is_function else "\n\n") * bool(text) + piece
    return Cell("code", text)


def _beginning(run: ExportedRun) -> Iterator[Sentence]:
    yield Sentence("# {name}", name=_as_code(run.name))
    packages = "torch, torchvision, numpy, matplotlib"
    yield Sentence(
        "One run of FMNIST Lab in plain PyTorch: it fetches Fashion-MNIST, trains the network, and draws its "
        "figures. It needs {packages}.",
        packages=f"{packages}, safetensors" if run.start else packages,
    )
    if run.start is not None:
        yield Sentence("It also needs the file {file} that came with it, in the same folder.", file=START)
    yield Sentence(
        "On the processor, in float32 and on one thread, two goes give the same numbers. From the lab's own "
        "they differ by rounding, which training makes larger, and, where there is dropout, by other random "
        "masks: as two seeds differ, no more."
    )
    if run.ended == "stopped":
        yield Sentence(
            "This run was stopped by hand. Whole epochs until then, and here: {n}.",
            n=run.trained_epochs,
        )
    if run.ended == "diverged":
        yield Sentence(
            "In the lab this run's numbers overflowed. Here they may do so a little earlier or later."
        )


def _as_code(name: str) -> str:
    """In one line, and such that no Markdown in it counts."""
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


IMPORTS = """
import os
from collections import OrderedDict

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.datasets import FashionMNIST
"""
LOAD_FILE = "from safetensors.torch import load_file"


def _settings(run: ExportedRun) -> str:
    spec = run.spec
    epochs = max(1, run.trained_epochs) if run.ended == "stopped" else spec.epochs
    patience = [f"PATIENCE = {spec.patience}  # epochs without a lower validation loss"]
    lines = [
        f"SEED = {spec.seed}",
        f"TRAIN_SIZE, VALIDATION_SIZE = {spec.train_size}, {spec.validation_size}",
        f"EPOCHS, BATCH_SIZE = {epochs}, {spec.batch_size}",
        *(patience if spec.patience else []),
        _rates(spec),
        f"LAB = {dict(run.results)!r}  # measured by the lab",
        "torch.set_num_threads(1)",
    ]
    return "\n".join(lines)


def _rates(spec: RunSpec) -> str:
    if not spec.learning_rate_changes:
        return f"LEARNING_RATE = {spec.learning_rate!r}"
    changes = {0: spec.learning_rate} | {c.step: c.learning_rate for c in spec.learning_rate_changes}
    return f"LEARNING_RATES = {changes!r}  # from which batch on, counted from 0"


DATA = '''
def stream_seed(purpose, number=0):
    """Separate streams of randomness: drawing more from one leaves the others alone."""
    words = np.random.SeedSequence([SEED, number, *purpose.encode()]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


folder = os.environ.get("FASHION_MNIST", "data")
training, testing = (FashionMNIST(folder, train=train, download=True) for train in (True, False))
images, test_images = (part.data.float().div(255).unsqueeze(1) for part in (training, testing))
labels, test_labels = training.targets, testing.targets

order = torch.from_numpy(np.random.default_rng(SEED).permutation(len(images)))
train, validation = order[:TRAIN_SIZE], order[len(order) - VALIDATION_SIZE :]
'''
SCALES = {
    "unit": """
def scaled(images):
    return images
""",
    "symmetric": """
def scaled(images):
    return (images - 0.5) / 0.5
""",
    "standard": """
mean, deviation = images[train].double().mean().item(), images[train].double().std(correction=0).item()


def scaled(images):
    return (images - mean) / deviation
""",
}


def _about_first_weights(run: ExportedRun) -> Iterator[Sentence]:
    spec = run.spec
    if run.start is not None and run.started_from == "encoder":
        yield Sentence("It begins with the weights of a trained encoder, which lie in {file}.", file=START)
    elif run.start is not None:
        yield Sentence(
            "It begins with the weights of a moment of another run, which lie in {file}. What the optimizer "
            "remembered then is not in it, so it begins anew here.",
            file=START,
        )
    elif run.started_from is not None:
        yield Sentence(
            "In the lab it began with weights of another run that are no longer kept. Here it begins with "
            "random ones, so expect other figures."
        )
    else:
        yield Sentence("PyTorch draws the first weights from the seed: the same as in the lab.")
    if spec.encoder is not None and spec.encoder.frozen:
        yield Sentence("The encoder is frozen: training leaves its weights as they are.")


def _first_weights(run: ExportedRun) -> str:
    lines = []
    if run.start is not None and run.started_from == "encoder":
        lines.append(f'model.load_state_dict(load_file("{START}"), strict=False)  # the encoder\'s')
    elif run.start is not None:
        lines.append(f'model.load_state_dict(load_file("{START}"))')
    if run.spec.encoder is not None and run.spec.encoder.frozen:
        lines.append("model.encoder.requires_grad_(False)")
    lines.append('print(sum(weights.numel() for weights in model.parameters()), "weights and biases")')
    return "\n".join(lines)


def _about_training(run: ExportedRun) -> Iterator[Sentence]:
    spec = run.spec
    yield Sentence(
        "Each epoch takes every training image once, in a new order. Then the loss is measured with dropout "
        "off, on {n:,} of the training images and on the validation images.",
        n=min(TRAIN_EVAL_SIZE, spec.train_size),
    )
    if spec.patience is not None:
        yield Sentence(
            "Training ends early after {n} epochs without a lower validation loss, and the best weights are "
            "kept.",
            n=spec.patience,
        )


def _losses(spec: RunSpec) -> str:
    loss = {
        ("autoencoder", "mse"): "F.mse_loss(outputs, images)",
        ("classifier", "cross_entropy"): "F.cross_entropy(outputs, labels)",
        ("classifier", "mse"): "F.mse_loss(outputs, F.one_hot(labels, 10).float())",
    }[spec.task, spec.loss]
    return f"def loss_of(outputs, images, labels):\n    return {loss}\n"


EVALUATION = '''

@torch.no_grad()
def evaluate(images, labels):
    """The mean loss with dropout off, and the outputs."""
    model.eval()
    total, outputs = 0.0, []
    for batch, wanted in zip(images.split(1000), labels.split(1000)):
        outputs.append(model(scaled(batch)))
        total += loss_of(outputs[-1], batch, wanted).item() * len(batch)
    return total / len(images), torch.cat(outputs)


def accuracy(outputs, labels):
    return (outputs.argmax(1) == labels).double().mean().item()
'''


def _optimizer(spec: RunSpec) -> str:
    rate = "LEARNING_RATES[0]" if spec.learning_rate_changes else "LEARNING_RATE"
    if spec.optimizer == "adam":
        made = f"torch.optim.Adam(learning, lr={rate})"
    else:
        momentum = f", momentum={spec.momentum!r}" if spec.momentum else ""
        made = f"torch.optim.SGD(learning, lr={rate}{momentum})"
    return (
        "learning = [weights for weights in model.parameters() if weights.requires_grad]\n"
        f"optimizer = {made}\n"
        'torch.manual_seed(stream_seed("dropout"))'
    )


def _training_loop(spec: RunSpec) -> str:
    classifier, validated = spec.task == "classifier", spec.validation_size > 0
    lines = [
        "history, step = [], 0",
        "best = None" if spec.patience else "",
        "for epoch in range(EPOCHS):",
        "    model.train()",
        '    shuffled = torch.Generator().manual_seed(stream_seed("shuffle", epoch))',
        "    total = 0.0",
        "    for batch in train[torch.randperm(len(train), generator=shuffled)].split(BATCH_SIZE):",
        *(_rate_of_a_batch() if spec.learning_rate_changes else []),
        "        optimizer.zero_grad()",
        "        loss = loss_of(model(scaled(images[batch])), images[batch], labels[batch])",
        "        loss.backward()",
        "        optimizer.step()",
        "        total += loss.item() * len(batch)",
        "        step += 1",
        f"    some = train[:{TRAIN_EVAL_SIZE}]",
        "    train_loss, outputs = evaluate(images[some], labels[some])",
        '    figures = {"with dropout": total / len(train), "training": train_loss}',
        *(['    figures["training accuracy"] = accuracy(outputs, labels[some])'] if classifier else []),
        *(_validation(classifier) if validated else []),
        "    history.append(figures)",
        '    print(f"epoch {epoch + 1:3}", *(f"{name} {value:.4f}" for name, value in figures.items()), '
        'sep="   ")',
        *(_early_stopping() if spec.patience else []),
    ]
    return "\n".join(line for line in lines if line)


def _rate_of_a_batch() -> list[str]:
    return [
        "        if step in LEARNING_RATES:",
        "            for group in optimizer.param_groups:",
        '                group["lr"] = LEARNING_RATES[step]',
    ]


def _validation(classifier: bool) -> list[str]:
    lines = [
        '    figures["validation"], outputs = evaluate(images[validation], labels[validation])',
        '    figures["validation accuracy"] = accuracy(outputs, labels[validation])',
    ]
    return lines if classifier else lines[:1]


def _early_stopping() -> list[str]:
    return [
        '    if best is None or figures["validation"] < best[1]:',
        "        weights = {name: weight.clone() for name, weight in model.state_dict().items()}",
        '        best = epoch, figures["validation"], weights',
        "    if epoch - best[0] >= PATIENCE:",
        "        break",
        "if best is not None:",
        "    model.load_state_dict(best[2])",
    ]


def _test(spec: RunSpec) -> str:
    lines = ["test_loss, outputs = evaluate(test_images, test_labels)", 'here = {"test_loss": test_loss}']
    if spec.task == "classifier":
        lines.append('here["test_accuracy"] = accuracy(outputs, test_labels)')
    return "\n".join(
        [
            *lines,
            "for name, value in here.items():",
            '    measured = f"{LAB[name]:.4f}" if name in LAB else "not measured"',
            '    print(f"{name}: {value:.4f} here, {measured} in the lab")',
        ]
    )
