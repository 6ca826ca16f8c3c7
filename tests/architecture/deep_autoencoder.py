"""A network that the lab does not have, as somebody would add it: a function, and an entry in a dict."""

from fmnist_core.architecture.layers import Flatten, Layer, Layers, Linear, ReLUDropout, Sigmoid, Unflatten
from fmnist_core.architecture.networks import ARCHITECTURES, IMAGE, PIXELS, Architecture, Settings
from fmnist_core.sentences import Sentence

NAME = "deep_autoencoder"


def deep_autoencoder(settings: Settings) -> Layers:
    """784 → the hidden sizes, of which the last is the code's, and back the same way."""
    *outer, code = settings.hidden_sizes
    encoder: dict[str, Layer] = {"flatten": Flatten()}
    decoder: dict[str, Layer] = {}
    for place, units in enumerate(outer):
        encoder |= {f"hidden{place}": Linear(units), f"activate{place}": ReLUDropout(settings.dropout)}
    for place, units in enumerate(reversed(outer)):
        decoder |= {f"hidden{place}": Linear(units), f"activate{place}": ReLUDropout(settings.dropout)}
    encoder |= {"latent": Linear(code), "activate": ReLUDropout(settings.dropout)}
    decoder |= {"output": Linear(PIXELS), "sigmoid": Sigmoid(), "unflatten": Unflatten(IMAGE)}
    return {"encoder": encoder, "decoder": decoder}


ENTRY = Architecture(
    task="autoencoder",
    label=Sentence("Deep autoencoder"),
    in_sentence=Sentence("deep autoencoder"),
    short=Sentence("Deep"),
    default_hidden_sizes=(32, 8),
    most_hidden_sizes=4,
    layers=deep_autoencoder,
)


def register() -> None:
    """In another process; here, tests take it out again."""
    ARCHITECTURES[NAME] = ENTRY
