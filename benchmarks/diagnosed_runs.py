"""The runs that the diagnosis is judged by: made to show each trouble, healthy, and pairs of settings.

`benchmarks/diagnosis.py` trains them. Half of each kind is set aside before any threshold is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import product
from typing import Any

from fmnist_core.spec import RunSpec, read_spec

FIRST_SEED = 100  # by runs with smaller seeds the rules were written
Settings = dict[str, Any]
Case = tuple[RunSpec, ...]  # a run, or the runs of two settings

AE: Settings = {"architecture": "ff_autoencoder", "dropout": 0.0}
CLF: Settings = {"architecture": "ff_classifier", "dropout": 0.0}
CONV_AE: Settings = {"architecture": "conv_autoencoder", "dropout": 0.0, "hidden_sizes": [32]}
CONV_CLF: Settings = {"architecture": "conv_classifier", "dropout": 0.0, "hidden_sizes": [64]}


def varied(base: Settings, **values: list[Any]) -> list[Settings]:
    """`base` with every combination of the values."""
    return [{**base, **dict(zip(values, chosen, strict=True))} for chosen in product(*values.values())]


def sizes(*numbers: int) -> list[list[int]]:
    return [[number] for number in numbers]


DEEP = [[64], [128, 64], [256]]
# Runs made to show each trouble, by the name of its rule. 1,000 validation images, unless said otherwise.
TROUBLES: dict[str, list[Settings]] = {
    "divergence": [
        *varied(
            CLF | {"train_size": 2000, "epochs": 4, "loss": "mse", "optimizer": "sgd", "learning_rate": 10.0},
            hidden_sizes=DEEP,
            seed=[0, 1, 2],
        ),
        *varied(
            CLF
            | {"train_size": 2000, "epochs": 2, "optimizer": "sgd", "momentum": 0.9, "learning_rate": 10.0},
            hidden_sizes=DEEP,
            seed=[2, 3, 4],
        ),
        *varied(
            CONV_CLF
            | {"train_size": 1000, "epochs": 2, "loss": "mse", "optimizer": "sgd", "learning_rate": 10.0},
            seed=[0, 1],
        ),
    ],
    "rate_too_high": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 10},
            hidden_sizes=DEEP,
            learning_rate=[0.03, 0.05],
            seed=[0, 1],
        ),
        *varied(
            CLF | {"train_size": 2000, "epochs": 10, "optimizer": "sgd"},
            hidden_sizes=[[64], [128, 64]],
            learning_rate=[0.7, 1.0],
            seed=[0],
        ),
        *varied(
            AE | {"train_size": 2000, "epochs": 10},
            hidden_sizes=sizes(32, 64, 128),
            learning_rate=[0.1, 0.2],
            seed=[0],
        ),
        *varied(CONV_CLF | {"train_size": 1000, "epochs": 8}, learning_rate=[0.02, 0.03], seed=[0]),
    ],
    "rate_too_low": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 12},
            hidden_sizes=DEEP,
            learning_rate=[3e-6, 1e-5, 3e-5],
            seed=[0],
        ),
        *varied(
            CLF | {"train_size": 5000, "epochs": 12, "optimizer": "sgd"},
            learning_rate=[1e-3, 3e-3],
            seed=[0, 1],
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 15},
            hidden_sizes=sizes(16, 64),
            learning_rate=[3e-6, 1e-5, 3e-5],
            seed=[0],
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 15, "optimizer": "sgd"}, learning_rate=[0.03, 0.1], seed=[1]
        ),
        *varied(CONV_CLF | {"train_size": 1000, "epochs": 8}, learning_rate=[1e-5, 2e-5], seed=[0]),
    ],
    "underfitting": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 30, "learning_rate": 0.005},
            hidden_sizes=sizes(1, 2),
            seed=[0, 1, 2, 3, 4],
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 40, "learning_rate": 0.01},
            hidden_sizes=sizes(2, 3, 4, 5),
            seed=[0, 1, 2],
        ),
    ],
    "overfitting": [
        *varied(
            CLF | {"epochs": 60},
            train_size=[500, 1000],
            hidden_sizes=[[256], [512, 128], [128, 64]],
            seed=[0, 1],
        ),
        *varied(CLF | {"epochs": 80, "train_size": 300}, hidden_sizes=[[128]], seed=[0, 1]),
        *varied(
            AE | {"epochs": 150, "batch_size": 20, "train_size": 200},
            hidden_sizes=sizes(256, 512),
            seed=[0, 1],
        ),
        *varied(
            CONV_CLF | {"epochs": 40, "train_size": 300, "batch_size": 50, "validation_size": 500},
            seed=[0, 1],
        ),
    ],
    "dropout_too_strong": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 15}, hidden_sizes=DEEP, dropout=[0.7, 0.8, 0.9], seed=[0]
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 25, "learning_rate": 0.002},
            hidden_sizes=sizes(32, 64),
            dropout=[0.6, 0.7, 0.8],
            seed=[0],
        ),
        *varied(CONV_CLF | {"train_size": 1000, "epochs": 12}, dropout=[0.7, 0.8], seed=[0]),
        *varied(
            CONV_AE | {"train_size": 1000, "epochs": 12, "learning_rate": 0.002, "batch_size": 50},
            dropout=[0.7],
            seed=[0],
        ),
    ],
    "dead_units": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 8},
            hidden_sizes=DEEP,
            learning_rate=[0.03, 0.05],
            seed=[3, 4],
        ),
        *varied(
            AE | {"train_size": 2000, "epochs": 12},
            hidden_sizes=sizes(64, 128),
            learning_rate=[0.03, 0.05],
            seed=[3, 4],
        ),
    ],
    "same_output": [
        *varied(
            CLF | {"train_size": 2000, "epochs": 10}, hidden_sizes=DEEP, learning_rate=[0.5, 1.0], seed=[0, 1]
        ),
        *varied(
            AE | {"train_size": 2000, "epochs": 25},
            hidden_sizes=sizes(4, 8),
            learning_rate=[0.2, 0.3],
            seed=[1, 2],
        ),
        *varied(
            AE | {"train_size": 2000, "epochs": 25, "learning_rate": 0.2}, hidden_sizes=sizes(16), seed=[1, 2]
        ),
    ],
    "still_improving": [
        *varied(AE | {"train_size": 5000}, hidden_sizes=sizes(32, 64, 128), epochs=[6, 12], seed=[0, 1]),
        *varied(CLF | {"train_size": 5000}, hidden_sizes=DEEP, epochs=[3, 4], seed=[0]),
        *varied(CONV_AE | {"train_size": 1000, "epochs": 8}, seed=[0]),
        *varied(CONV_CLF | {"train_size": 1000, "epochs": 4}, seed=[0, 1]),
    ],
    "plateau": [
        *varied(
            AE | {"train_size": 2000, "epochs": 80, "learning_rate": 0.01, "batch_size": 50},
            hidden_sizes=sizes(8, 16),
            seed=[0, 1, 2, 3],
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 80, "learning_rate": 0.005, "batch_size": 50},
            hidden_sizes=sizes(32),
            seed=[0, 1],
        ),
        *varied(
            CLF | {"train_size": 5000, "epochs": 70, "dropout": 0.5},
            hidden_sizes=sizes(64, 128, 256),
            seed=[0, 1, 2],
        ),
    ],
    "validation_below_training": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 8},
            hidden_sizes=[[32], [64], [128, 64]],
            dropout=[0.5, 0.6],
            seed=[0, 1],
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 20, "learning_rate": 0.002},
            hidden_sizes=sizes(32, 64),
            dropout=[0.3, 0.5],
            seed=[0],
        ),
    ],
    "batch_too_small": [
        *varied(
            CLF | {"train_size": 500, "epochs": 6, "learning_rate": 0.01},
            hidden_sizes=DEEP,
            batch_size=[1, 2],
            seed=[0, 1],
        ),
        *varied(
            AE | {"train_size": 500, "epochs": 6, "learning_rate": 0.02},
            hidden_sizes=sizes(32, 64),
            batch_size=[1, 2],
            seed=[0],
        ),
        *varied(
            CONV_CLF | {"train_size": 300, "epochs": 4, "learning_rate": 0.01}, batch_size=[1, 2], seed=[0]
        ),
    ],
    "batch_too_large": [
        *varied(
            CLF | {"train_size": 5000, "epochs": 12}, hidden_sizes=DEEP, batch_size=[2500, 5000], seed=[0]
        ),
        *varied(
            AE | {"train_size": 5000, "epochs": 15},
            hidden_sizes=sizes(32, 64, 128),
            batch_size=[2500, 5000],
            seed=[0],
        ),
        *varied(CLF | {"train_size": 2000, "epochs": 10, "batch_size": 2000}, hidden_sizes=DEEP, seed=[0]),
        *varied(CONV_CLF | {"train_size": 1000, "epochs": 8, "batch_size": 1000}, seed=[0, 1]),
    ],
}
HEALTHY: list[Settings] = [
    *varied(
        AE | {"train_size": 5000, "epochs": 30, "batch_size": 50, "learning_rate": 0.002},
        hidden_sizes=sizes(32, 64, 128),
        dropout=[0.0, 0.1],
        seed=[0, 1],
    ),
    *varied(
        AE | {"train_size": 2000, "epochs": 100, "batch_size": 50, "learning_rate": 0.002, "patience": 3},
        hidden_sizes=sizes(16, 32, 64),
        dropout=[0.0, 0.1],
        seed=[0, 1],
    ),
    *varied(
        CLF | {"train_size": 5000, "epochs": 40, "patience": 3},
        hidden_sizes=DEEP,
        dropout=[0.1, 0.2],
        seed=[0, 1, 2],
    ),
    *varied(CLF | {"train_size": 5000, "epochs": 12}, hidden_sizes=DEEP, dropout=[0.1, 0.2], seed=[3, 4]),
    *varied(
        CLF | {"train_size": 5000, "epochs": 20, "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.5},
        hidden_sizes=[[64], [128]],
        dropout=[0.1],
        seed=[0, 1],
    ),
    *varied(CONV_CLF | {"train_size": 2000, "batch_size": 50, "dropout": 0.1, "epochs": 10}, seed=[0, 1, 2]),
    *varied(
        CONV_CLF | {"train_size": 1000, "batch_size": 50, "dropout": 0.1, "epochs": 20, "patience": 3},
        seed=[3, 4, 5],
    ),
    *varied(
        CONV_AE | {"train_size": 2000, "batch_size": 32, "learning_rate": 0.003, "epochs": 16}, seed=[0, 1, 2]
    ),
    *varied(
        CLF | {"train_size": 1000, "epochs": 30, "patience": 3, "batch_size": 8, "learning_rate": 0.0003},
        hidden_sizes=[[64], [128, 64]],
        dropout=[0.1, 0.2],
        seed=[0],
    ),
    *varied(
        AE | {"train_size": 1000, "epochs": 100, "patience": 3, "batch_size": 8, "learning_rate": 0.001},
        hidden_sizes=sizes(32, 64),
        seed=[0, 1],
    ),
    *varied(
        CLF | {"train_size": 5000, "epochs": 40, "patience": 3, "batch_size": 500, "learning_rate": 0.003},
        hidden_sizes=[[64], [128, 64]],
        dropout=[0.1],
        seed=[0, 1],
    ),
]
# Settings, three seeds each: of a pair in the first list hardly anything differs, of one in the second much.
SEEDS = (0, 1, 2)
SHORT: Settings = {"train_size": 1000, "epochs": 5}
ALIKE: list[tuple[Settings, Settings]] = [
    *(
        (CLF | SHORT | {"hidden_sizes": [n]}, CLF | SHORT | {"hidden_sizes": [n + 1]})
        for n in (64, 80, 96, 112, 128, 160)
    ),
    *((CLF | SHORT | {"batch_size": n}, CLF | SHORT | {"batch_size": n + 1}) for n in (50, 60, 70, 80)),
    *((CLF | SHORT | {"dropout": p}, CLF | SHORT | {"dropout": p + 0.005}) for p in (0.1, 0.2, 0.3)),
    *(
        (AE | SHORT | {"hidden_sizes": [n]}, AE | SHORT | {"hidden_sizes": [n + 1]})
        for n in (32, 48, 64, 80, 96)
    ),
]
UNLIKE: list[tuple[Settings, Settings]] = [
    *(
        (CLF | SHORT | {"learning_rate": 0.001 * k}, CLF | SHORT | {"learning_rate": 0.0001 * k})
        for k in (1, 2, 3, 4)
    ),
    *(
        (
            CLF | SHORT | {"dropout": 0.0, "hidden_sizes": [n]},
            CLF | SHORT | {"dropout": 0.8, "hidden_sizes": [n]},
        )
        for n in (64, 96, 128, 160)
    ),
    *((CLF | SHORT | {"batch_size": 10 * k}, CLF | SHORT | {"batch_size": 200 * k}) for k in (1, 2, 4)),
    *((AE | SHORT | {"hidden_sizes": [n]}, AE | SHORT | {"hidden_sizes": [8 * n]}) for n in (8, 12, 16, 24)),
    *(
        (AE | SHORT | {"epochs": 2, "hidden_sizes": [n]}, AE | SHORT | {"epochs": 10, "hidden_sizes": [n]})
        for n in (32, 48, 64, 80)
    ),
]


def spec_of(settings: Settings) -> RunSpec:
    seed = FIRST_SEED + settings.get("seed", 0)
    return read_spec({"validation_size": 1000, **settings, "seed": seed})


def all_specs() -> list[RunSpec]:
    """Every run there is to train, each once, the quickest kinds first."""
    pairs = [side | {"seed": seed} for pair in (*ALIKE, *UNLIKE) for side in pair for seed in SEEDS]
    made = [settings for group in TROUBLES.values() for settings in group]
    return list(dict.fromkeys(spec_of(settings) for settings in (*made, *HEALTHY, *pairs)))


def halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Those of one kind by which thresholds may be chosen, and those set aside: by a hash of their specs."""
    in_order = sorted(
        cases, key=lambda case: sha256("|".join(spec.model_dump_json() for spec in case).encode()).digest()
    )
    return in_order[: len(cases) // 2], in_order[len(cases) // 2 :]


def cases(settings: list[Settings]) -> list[Case]:
    return [(spec_of(one),) for one in settings]


def pairs(settings: list[tuple[Settings, Settings]]) -> list[Case]:
    return [tuple(spec_of(side | {"seed": seed}) for side in pair for seed in SEEDS) for pair in settings]
