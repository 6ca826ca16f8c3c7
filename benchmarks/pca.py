"""Whether principal components of our own are worth their lines: time and memory beside scikit-learn's.

python benchmarks/pca.py [ROUNDS]

Both compute what a page asks for, on all images there are, on one thread, as a worker answers; taking turns,
each time in a process of its own. Accuracy is the distance from the same in float64.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def ours(train_size, validation_size, seed):
    import torch

    from fmnist_core.nets.worker import pca

    torch.set_num_threads(1)
    return pca.errors(train_size, validation_size, seed)


def scikit_learns(train_size, validation_size, seed, exact=False):
    import numpy as np
    from sklearn.decomposition import PCA

    from fmnist_core.data import fashion_mnist

    dataset = fashion_mnist.load()
    train, validation = fashion_mnist.split(dataset, train_size, validation_size, seed)
    number = np.float64 if exact else np.float32
    parts = {
        "train": dataset.train_images[np.sort(train)],
        "validation": dataset.train_images[np.sort(validation)],
        "test": np.asarray(dataset.test_images),
    }
    flat = {name: np.divide(images.reshape(-1, 784), 255, dtype=number) for name, images in parts.items()}
    fitted = PCA(svd_solver="full" if exact else "covariance_eigh").fit(flat["train"])
    errors = {}
    for name, images in flat.items():
        explained = np.square(fitted.transform(images), dtype=np.float64).mean(0)
        total = np.square(images - fitted.mean_, dtype=np.float64).sum(1).mean()
        errors[name] = (total - np.concatenate([[0], explained.cumsum()])) / 784
    return errors


def measure(which: str) -> None:
    """Prints seconds of processor time, megabytes beyond those before, and the errors, as JSON."""
    import sklearn.decomposition  # noqa: F401  (imports are not what is compared)
    import torch  # noqa: F401

    from fmnist_core.data import fashion_mnist

    dataset = fashion_mnist.load()
    validation = min(10_000, len(dataset.train_labels) // 6)
    sizes = (len(dataset.train_labels) - validation, validation, 0)
    work = {"ours": ours, "scikit-learn": scikit_learns, "float64": lambda *s: scikit_learns(*s, exact=True)}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    errors = work[which](*sizes)
    seconds = time.process_time() - began
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"seconds": seconds, "MB": peak, "errors": {k: v.tolist() for k, v in errors.items()}}))


def in_a_process(which: str) -> dict:
    command = [sys.executable, __file__, "--measure", which]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": os.getcwd()}
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def main() -> None:
    if "--measure" in sys.argv:
        measure(sys.argv[-1])
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    exact = in_a_process("float64")["errors"]
    results: dict[str, list[dict]] = {"ours": [], "scikit-learn": []}
    for _ in range(rounds):
        for which, measured in results.items():
            measured.append(in_a_process(which))
    for which, measured in results.items():
        off = max(
            abs(value - wanted)
            for part in exact
            for value, wanted in zip(measured[0]["errors"][part], exact[part], strict=True)
        )
        seconds = [run["seconds"] for run in measured]
        print(
            f"{which:13} {statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
            f"{statistics.median(run['MB'] for run in measured):5.0f} MB, off by {off:.1e} at most"
        )


if __name__ == "__main__":
    main()
