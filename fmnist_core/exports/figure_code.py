"""A run's figures as Matplotlib code: curves, reconstructions, the confusion matrix."""

from __future__ import annotations

from collections.abc import Callable

from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec

Say = Callable[[Sentence], str]  # in the language of whoever reads


def loss_label(spec: RunSpec) -> Sentence:
    """What an axis of losses is called, with their unit."""
    return Sentence("Loss (nats)") if spec.loss == "cross_entropy" else Sentence("Mean squared error")


def curves(spec: RunSpec, say: Say) -> str:
    names = {
        "with dropout": Sentence("with dropout"),
        "training": Sentence("training"),
        "validation": Sentence("validation"),
    }
    if not spec.dropout:
        del names["with dropout"]
    if not spec.validation_size:
        del names["validation"]
    labels = {name: say(sentence) for name, sentence in names.items()}
    return "\n".join(
        [
            "figure, axes = plt.subplots(figsize=(6, 4))",
            f"names = {labels!r}",
            "for name, label in names.items():",
            "    losses = [figures[name] for figures in history]",
            '    axes.plot(range(1, len(losses) + 1), losses, label=label, marker=".")',
            f"axes.set(xlabel={say(Sentence('Epoch'))!r}, ylabel={say(loss_label(spec))!r})",
            "axes.legend()",
            'figure.savefig("losses.png", dpi=150, bbox_inches="tight")',
        ]
    )


def reconstructions(say: Say) -> str:
    rows = [say(Sentence("Original")), say(Sentence("Reconstruction"))]
    return "\n".join(
        [
            "first = [int((test_labels == k).nonzero()[0]) for k in range(10)]  # of each class",
            "figure, axes = plt.subplots(2, 10, figsize=(10, 2.4))",
            f"for row, pictures, title in zip(axes, (test_images, outputs), {rows!r}):",
            '    row[0].set_title(title, loc="left")',
            "    for place, k in zip(row, first):",
            '        place.imshow(pictures[k, 0].numpy(), cmap="gray", vmin=0, vmax=1)',
            '        place.axis("off")',
            'figure.savefig("reconstructions.png", dpi=150, bbox_inches="tight")',
        ]
    )


def confusion(say: Say) -> str:
    return "\n".join(
        [
            "confusion = np.zeros((10, 10), int)",
            "np.add.at(confusion, (test_labels.numpy(), outputs.argmax(1).numpy()), 1)",
            "figure, axes = plt.subplots(figsize=(7, 6))",
            'axes.imshow(confusion, cmap="Blues")',
            "for row in range(10):",
            "    for column in range(10):",
            '        colour = "white" if confusion[row, column] > confusion.max() / 2 else "black"',
            '        axes.text(column, row, confusion[row, column], ha="center", va="center", color=colour)',
            'axes.set_xticks(range(10), testing.classes, rotation=45, ha="right")',
            "axes.set_yticks(range(10), testing.classes)",
            f"axes.set(xlabel={say(Sentence('Predicted class'))!r}, ylabel={say(Sentence('True class'))!r})",
            'figure.savefig("confusion.png", dpi=150, bbox_inches="tight")',
        ]
    )
