"""A small lesson as the text of a file, for tests to change; the lab's own lessons with short trainings."""

import re

from fmnist_core.lessons.reading import SHIPPED

LESSON = """\
slug = "small"
title = "A small lesson"
question = "Does a wider waist draw better?"
minutes = 5
claims = ["C1"]
seconds = 10
beginning = ["Two networks, one with a wider waist."]

[[runs]]
name = "narrow"
[runs.spec]
architecture = "ff_autoencoder"
hidden_sizes = [2]
epochs = 2
train_size = 400
validation_size = 100

[[runs]]
name = "wide"
[runs.spec]
architecture = "ff_autoencoder"
hidden_sizes = [32]
epochs = 2
train_size = 400
validation_size = 100

[prediction]
form = "order"
ask = "Rank them by their loss, lowest first."
quantity = "validation_loss"

[explanation]
text = ["A wider waist lets more through."]
play = "film"

[check]
question = "What passes the waist?"
[[check.answers]]
text = "A few numbers."
right = true
reply = "Yes: as many as the waist is wide."
[[check.answers]]
text = "The picture itself."
reply = "No: the picture has 784 pixels, the waist far fewer."
"""


def short_copies() -> dict[str, str]:
    """The files of the lab's own lessons, all of their texts and forms kept, but each run trains for moments.

    Their slugs end in "-short". By the name of a file.
    """
    return {path.name: _short(path.read_text("utf-8")) for path in sorted(SHIPPED.glob("*.toml"))}


def _short(text: str) -> str:
    text = re.sub(r'^slug = "(.{1,26}).*"$', r'slug = "\1-short"', text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^epochs = (\d+)$", lambda n: f"epochs = {2 + int(n[1]) // 10}", text, flags=re.MULTILINE)
    return re.sub(
        r"^(train_size|validation_size) = (\d+)$",
        lambda size: f"{size[1]} = {100 + int(size[2]) // 20}",
        text,
        flags=re.MULTILINE,
    )
