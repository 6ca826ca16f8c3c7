"""What runs take of the disk: trained as a worker trains them, then finished, then deleted.

python -m benchmarks.disk
"""

import sqlite3
import tempfile
from pathlib import Path

from fmnist_core.messages import SliceRequest
from fmnist_core.nets.worker.slices import advance_slice
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.runs import Store

RUNS = {
    "feed-forward autoencoder": read_spec({"architecture": "ff_autoencoder"}),
    "convolutional classifier": read_spec(
        {"architecture": "conv_classifier", "train_size": 5000, "validation_size": 1000, "epochs": 3}
    ),
}


def train(store: Store, spec: RunSpec) -> str:
    """A whole run, in slices of half a second."""
    run_id = store.create_run(spec, "learner")
    lease, number, outcome = store.claim(run_id), 0, "advanced"
    while outcome == "advanced":
        number += 1
        request = SliceRequest(str(number), store.url, run_id, lease, 2, 0.5, spec.epochs, True)
        outcome = advance_slice(request).outcome
    if outcome != "ended":
        raise RuntimeError(f"the run came out as “{outcome}”")
    return run_id


def tables(file: Path) -> str:
    """Bytes of the largest tables, indexes apart."""
    with sqlite3.connect(file) as connection:
        sizes = connection.execute(
            "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
        ).fetchall()
    connection.close()
    return ", ".join(f"{name} {size / 1e6:.2f}" for name, size in sizes[:4])


def on_disk(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.glob("lab.db*")) / 1e6


def main() -> None:
    print("megabytes                        with its WAL   database alone; its largest tables")
    for name, spec in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "lab.db"
            store = Store(f"sqlite:///{file}")
            run_id = train(store, spec)
            both = on_disk(file.parent)
            label = f"{name}, {spec.parameter_count:,} parameters"
            with sqlite3.connect(file) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            print(f"{label}: {both:.2f}, {file.stat().st_size / 1e6:.2f}; {tables(file)}")
            store.delete(run_id)
            print(f"{'after deleting it':>32}: {on_disk(file.parent):.2f}")
            store.close()


if __name__ == "__main__":
    main()
