"""Fashion-MNIST as memory-mapped arrays that all processes share, and the places where it is looked for.

What is loaded has been verified to the last byte. A file that is cut short, damaged or something else is
refused in a sentence that names it, and the next place is tried.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from fmnist_core.data import folders, idx
from fmnist_core.data.idx import DataError, IdxFile
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec, SpecError

CLASS_NAMES = (
    Sentence("T-shirt/top"),
    Sentence("Trouser"),
    Sentence("Pullover"),
    Sentence("Dress"),
    Sentence("Coat"),
    Sentence("Sandal"),
    Sentence("Shirt"),
    Sentence("Sneaker"),
    Sentence("Bag"),
    Sentence("Ankle boot"),
)
CLASSES = tuple(str(name) for name in CLASS_NAMES)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images are uint8 (N, 28, 28), labels uint8 (N,), read-only, in the order of the original files.

    `source` is "folder" (FMNIST_DATA), "cache" (a download, or what was unpacked before), "debian" or
    "sample", and `folder` where that is. `problem` says what is wrong with a place that came first.
    """

    source: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    problem: Sentence | None
    is_full: bool
    folder: str


FULL = {
    "train_images": IdxFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train_labels": IdxFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    "test_images": IdxFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "test_labels": IdxFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}
SAMPLE = {
    "train_images": IdxFile(
        "train-images-idx3-ubyte",
        (7_000, 28, 28),
        "70dc4ec56b109894b9cf4c5e744277df4b87454ec5cf1a5ff7145875f8b5fd11",
    ),
    "train_labels": IdxFile(
        "train-labels-idx1-ubyte",
        (7_000,),
        "e3b6f2df163328aabf3a4bebfb84aca9be946c9c83fcb420087dc4abb9115d0f",
    ),
    "test_images": IdxFile(
        "t10k-images-idx3-ubyte",
        (1_000, 28, 28),
        "7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef",
    ),
    "test_labels": IdxFile(
        "t10k-labels-idx1-ubyte", (1_000,), "3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909"
    ),
}
SAMPLE_FOLDER = Path(__file__).with_name("sample")
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
REMEDIES = {
    "folder": Sentence("Put the original files of Fashion-MNIST there, or unset FMNIST_DATA."),
    "cache": Sentence("Delete it, and run “python -m fmnist_core data” to fetch it again."),
    "debian": Sentence("Reinstall the package dataset-fashion-mnist."),
    "sample": Sentence("Install FMNIST Lab again."),
}


def load(strict: bool = False) -> Dataset:
    """The data in use; the same object for as long as the process lives.

    Looked for in the folder that FMNIST_DATA names, in the cache, where Debian's package puts it, and last
    in the project itself, whose sample is always there. A bad place is passed over and named in `problem`;
    if that place is FMNIST_DATA and `strict` holds, `DataError` is raised instead.
    """
    named = os.environ.get("FMNIST_DATA")
    folder = Path(os.path.expanduser(named)).absolute() if named else None
    dataset = _load(folder, folders.cache_folder(), DEBIAN_FOLDER)
    if strict and folder is not None and dataset.folder != str(folder) and dataset.problem is not None:
        raise DataError(dataset.problem)
    return dataset


def forget() -> None:
    """Makes the next `load` look again, because new data has come."""
    _load.cache_clear()


def split(
    dataset: Dataset, train_size: int, validation_size: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Disjoint int64 indices into the training images, in random order: (train_size,) and (validation_size,).

    They are the two ends of one shuffle, so that with one seed a larger training set holds the smaller one,
    and the validation set stays the same. Raises `DataError` if there are too few images.
    """
    available = len(dataset.train_labels)
    if train_size + validation_size > available:
        raise DataError(_too_few(train_size + validation_size, available))
    order = np.random.default_rng(seed).permutation(available)
    return order[:train_size], order[available - validation_size :]


def check(spec: RunSpec, dataset: Dataset) -> None:
    """Raises `SpecError` if the data in use has fewer images than the spec asks for."""
    asked, available = spec.train_size + spec.validation_size, len(dataset.train_labels)
    if asked > available:
        raise SpecError({"train_size": _too_few(asked, available)})


def input_scale(spec: RunSpec, dataset: Dataset) -> tuple[float, float]:
    """Mean and deviation, in units of [0, 1], by which a run's inputs are shifted and divided."""
    match spec.scaling:
        case "unit":
            return 0.0, 1.0
        case "symmetric":
            return 0.5, 0.5
        case "standard":
            train, _validation = split(dataset, spec.train_size, spec.validation_size, spec.seed)
            histogram = np.zeros(256)
            for start in range(0, len(train), 2000):
                chunk = dataset.train_images[train[start : start + 2000]]
                histogram += np.bincount(chunk.ravel(), minlength=256)
            share, values = histogram / histogram.sum(), np.arange(256) / 255
            mean = float(share @ values)
            return mean, float(np.sqrt(share @ (values - mean) ** 2))


def snapshot_indices(dataset: Dataset) -> np.ndarray:
    """(10,) indices of the first test garment of each class. The sample has the same ones."""
    return np.array([int(np.argmax(dataset.test_labels == k)) for k in range(len(CLASSES))])


def has_all_files(folder: Path) -> bool:
    """Whether the four files are there, packed or not; their content is another matter."""
    return all(
        os.path.exists(folder / file.name) or os.path.exists(folder / f"{file.name}.gz")
        for file in FULL.values()
    )


@lru_cache(maxsize=4)
def _load(named: Path | None, cache: Path, debian: Path) -> Dataset:
    problems: dict[str, Sentence] = {}
    for source, folder in (("folder", named), ("cache", cache), ("debian", debian)):
        if folder is None or (source != "folder" and not has_all_files(folder)):
            continue
        try:
            arrays, problem = _read(source, folder, cache)
        except DataError as refused:
            problems[source] = refused.sentences[0]
            continue
        if source == "debian":  # which has just replaced what was wrong in the cache
            problems.pop("cache", None)
        return _dataset(source, folder, arrays, [*problems.values(), problem])
    arrays, problem = _read("sample", SAMPLE_FOLDER, None)
    return _dataset("sample", SAMPLE_FOLDER, arrays, [*problems.values(), problem])


def _dataset(
    source: str, folder: Path, arrays: dict[str, np.ndarray], problems: list[Sentence | None]
) -> Dataset:
    problem = next((problem for problem in problems if problem is not None), None)
    is_full = len(arrays["train_labels"]) == FULL["train_labels"].shape[0]
    return Dataset(source=source, **arrays, problem=problem, is_full=is_full, folder=str(folder))


def _read(source: str, folder: Path, cache: Path | None) -> tuple[dict[str, np.ndarray], Sentence | None]:
    """The four arrays, and what kept them out of the cache if something did."""
    files, arrays, problem = FULL, {}, None
    if folder == SAMPLE_FOLDER:  # FMNIST_DATA may name it, to see what a learner sees who has nothing else
        files, cache = SAMPLE, None
    try:
        for part, file in files.items():
            arrays[part], kept_out = idx.read(folder, file, cache)
            problem = problem or kept_out
    except DataError as error:
        fault = error.sentences[0]
    except OSError as error:
        fault = Sentence(
            "{file} cannot be read ({reason}).", file=str(error.filename or folder), reason=error.strerror
        )
    else:
        return arrays, problem
    raise DataError(Sentence("{fault} {remedy}", fault=fault, remedy=REMEDIES[source]))


def _too_few(asked: int, available: int) -> Sentence:
    return Sentence(
        "{asked:,} training and validation images are asked for, and the data in use has {there:,}. "
        "Use fewer, or fetch the full data: python -m fmnist_core data",
        asked=asked,
        there=available,
    )
