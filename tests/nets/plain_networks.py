"""The networks once more, from torch.nn alone and straight from the reports: the oracle."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fmnist_core.nets.training.batches import shuffled
from fmnist_core.spec import RunSpec

# Settings of every family, with what changes its layers.
ALL = [
    {"architecture": "ff_autoencoder"},
    {"architecture": "conv_autoencoder"},
    {"architecture": "conv_autoencoder", "pooling": False},
    {"architecture": "ff_classifier"},
    {"architecture": "conv_classifier"},
    {"architecture": "conv_classifier", "pooling": False, "hidden_sizes": [16]},
    {"architecture": "encoder_classifier"},
    {"architecture": "encoder_classifier", "pooling": False, "hidden_sizes": [16]},
    {"architecture": "encoder_classifier", "encoder": {"architecture": "ff_autoencoder"}},
    {"architecture": "conv_autoencoder_output_dropout"},
    {"architecture": "conv_autoencoder_two_sigmoids"},
    {"architecture": "conv_autoencoder_padded"},
    {"architecture": "conv_autoencoder_encoder_unpooled"},
    {"architecture": "conv_autoencoder_pool_dropout"},
    {"architecture": "conv_classifier_pool_dropout"},
    {"architecture": "conv_classifier_one_dropout"},
    {"architecture": "conv_classifier_linear_hidden"},
]


def plain_network(spec: RunSpec) -> nn.Sequential:
    """Its parameters come in the same order and shapes as those of `models.build(spec)`."""
    return nn.Sequential(*LAYERS[spec.architecture](spec))


def copy_weights(source: nn.Module, target: nn.Module) -> nn.Module:
    names = list(target.state_dict())
    target.load_state_dict(dict(zip(names, source.state_dict().values(), strict=True)))
    return target


def train_plainly(
    plain: nn.Module, spec: RunSpec, train: Tensor, pixels: Tensor, labels: Tensor, scale: tuple[float, float]
) -> list[float]:
    """A loop of torch alone over the lab's batches of the images `train`. Returns every batch's loss."""
    optimizer = (
        torch.optim.Adam(plain.parameters(), lr=spec.learning_rate)
        if spec.optimizer == "adam"
        else torch.optim.SGD(plain.parameters(), lr=spec.learning_rate, momentum=spec.momentum)
    )
    (mean, deviation), losses = scale, []
    for epoch in range(spec.epochs):
        for batch in shuffled(train, spec.seed, epoch).split(spec.batch_size):
            outputs = plain((pixels[batch] - mean) / deviation)
            loss = loss_of(spec)(outputs, (pixels if spec.task == "autoencoder" else labels)[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def loss_of(spec: RunSpec) -> Callable[[Tensor, Tensor], Tensor]:
    """Of outputs and images, or labels (count,)."""
    if spec.task == "autoencoder":
        return F.mse_loss
    if spec.loss == "mse":
        return lambda outputs, labels: F.mse_loss(outputs, F.one_hot(labels, 10).to(outputs.dtype))
    return F.cross_entropy


def activation(spec: RunSpec, pool: bool = False) -> list[nn.Module]:
    return [nn.ReLU(), nn.Dropout(spec.dropout), *([nn.MaxPool2d(2)] if pool else [])]


def ff_encoder(spec: RunSpec) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(784, spec.hidden_sizes[0]), *activation(spec)]


def conv_encoder(spec: RunSpec) -> list[nn.Module]:
    flat = 800 if spec.pooling else 18432
    return [
        *[nn.Conv2d(1, 16, 3), *activation(spec, spec.pooling)],
        *[nn.Conv2d(16, 32, 3), *activation(spec, spec.pooling)],
        *[nn.Flatten(), nn.Linear(flat, spec.hidden_sizes[0]), *activation(spec)],
    ]


def conv_decoder(spec: RunSpec) -> list[nn.Module]:
    side = 5 if spec.pooling else 24
    hidden = [
        nn.Linear(spec.hidden_sizes[0], 32 * side**2),
        *activation(spec),
        nn.Unflatten(1, (32, side, side)),
    ]
    if spec.pooling:
        up1 = nn.ConvTranspose2d(32, 16, 5, stride=2, padding=2, dilation=2)
        up2 = nn.ConvTranspose2d(16, 1, 6, stride=2, padding=1)
    else:
        up1, up2 = nn.ConvTranspose2d(32, 16, 3), nn.ConvTranspose2d(16, 1, 3)
    return [*hidden, up1, *activation(spec), up2, nn.Sigmoid()]


def hidden(inputs: int, spec: RunSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for size in spec.hidden_sizes:
        layers += [nn.Linear(inputs, size), *activation(spec)]
        inputs = size
    return [*layers, nn.Linear(inputs, 10)]


def ff_autoencoder(spec: RunSpec) -> list[nn.Module]:
    decoder = [nn.Linear(spec.hidden_sizes[0], 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28))]
    return [*ff_encoder(spec), *decoder]


def conv_classifier(spec: RunSpec) -> list[nn.Module]:
    side = 6 if spec.pooling else 26
    return [
        *[nn.Conv2d(1, 32, 3, padding=1), *activation(spec, spec.pooling)],
        *[nn.Conv2d(32, 64, 3), *activation(spec, spec.pooling)],
        *[nn.Flatten(), *hidden(64 * side**2, spec)],
    ]


def encoder_classifier(spec: RunSpec) -> list[nn.Module]:
    encoder = ff_encoder if spec.encoder.architecture == "ff_autoencoder" else conv_encoder
    return [*encoder(spec), nn.Linear(spec.hidden_sizes[0], 10)]


def padded_autoencoder(spec: RunSpec) -> list[nn.Module]:
    return [
        *[nn.Conv2d(1, 16, 3, padding=1), *activation(spec, pool=True)],
        *[nn.Conv2d(16, 32, 3, padding=1), *activation(spec, pool=True)],
        *[nn.Flatten(), nn.Linear(1568, spec.hidden_sizes[0]), *activation(spec)],
        *[nn.Linear(spec.hidden_sizes[0], 1568), *activation(spec), nn.Unflatten(1, (32, 7, 7))],
        *[nn.ConvTranspose2d(32, 16, 2, stride=2), *activation(spec)],
        *[nn.ConvTranspose2d(16, 1, 2, stride=2), nn.Sigmoid()],
    ]


def two_sigmoids(spec: RunSpec) -> list[nn.Module]:
    layers = [*conv_encoder(spec), *conv_decoder(spec)]
    relu = max(place for place, layer in enumerate(layers) if isinstance(layer, nn.ReLU))
    return [*layers[:relu], nn.Sigmoid(), *layers[relu + 1 :]]


def pooled_then_dropped(layers: list[nn.Module]) -> list[nn.Module]:
    for place, layer in enumerate(layers):
        if isinstance(layer, nn.MaxPool2d):
            layers[place - 1], layers[place] = layers[place], layers[place - 1]
    return layers


def unpooled_encoder(spec: RunSpec) -> list[nn.Module]:
    encoder = conv_encoder(spec.changed(pooling=False))
    return [*encoder, *conv_decoder(spec)]


def one_dropout(spec: RunSpec, relu: bool) -> list[nn.Module]:
    first, second = spec.hidden_sizes
    between = [nn.ReLU()] if relu else []
    return [
        *[nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)],
        *[nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
        *[nn.Linear(2304, first), *between, nn.Dropout(spec.dropout)],
        *[nn.Linear(first, second), *between, nn.Linear(second, 10)],
    ]


LAYERS = {
    "ff_autoencoder": ff_autoencoder,
    "conv_autoencoder": lambda spec: [*conv_encoder(spec), *conv_decoder(spec)],
    "ff_classifier": lambda spec: [nn.Flatten(), *hidden(784, spec)],
    "conv_classifier": conv_classifier,
    "encoder_classifier": encoder_classifier,
    "conv_autoencoder_output_dropout": lambda spec: [
        *conv_encoder(spec),
        *conv_decoder(spec),
        nn.Dropout(spec.dropout),
    ],
    "conv_autoencoder_two_sigmoids": two_sigmoids,
    "conv_autoencoder_padded": padded_autoencoder,
    "conv_autoencoder_encoder_unpooled": unpooled_encoder,
    "conv_autoencoder_pool_dropout": lambda spec: [
        *pooled_then_dropped(conv_encoder(spec)),
        *conv_decoder(spec),
    ],
    "conv_classifier_pool_dropout": lambda spec: pooled_then_dropped(conv_classifier(spec)),
    "conv_classifier_one_dropout": lambda spec: one_dropout(spec, relu=True),
    "conv_classifier_linear_hidden": lambda spec: one_dropout(spec, relu=False),
}
