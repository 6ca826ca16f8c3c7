"""What runs take of the disk: when they have ended, when two newer runs have ended, too, and when deleted.

python -m benchmarks.disk
"""

import sqlite3
import tempfile
from pathlib import Path

from fmnist_core.messages import SliceRequest
from fmnist_core.nets.worker.slices import advance_slice
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.checkpoints import WHOLE_RUNS
from fmnist_core.store.runs import Store

RUNS = {
    "feed-forward autoencoder": read_spec({"architecture": "ff_autoencoder"}),
    "wide feed-forward autoencoder": read_spec({"architecture": "ff_autoencoder", "hidden_sizes": [512]}),
    "convolutional classifier": read_spec(
        {"architecture": "conv_classifier", "train_size": 5000, "validation_size": 1000, "epochs": 3}
    ),
}

NEWER = read_spec(
    {
        "architecture": "ff_autoencoder",
        "hidden_sizes": [2],
        "train_size": 200,
        "validation_size": 0,
        "epochs": 1,
    }
)


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


def of_run(file: Path, run_id: str) -> float:
    """Megabytes of its states and its film."""
    with sqlite3.connect(file) as connection:
        sizes = [
            connection.execute(f"SELECT SUM(LENGTH({column})) FROM {table} WHERE run_id = ?", (run_id,))
            for table, column in (
                ("checkpoints", "state"),
                ("snapshot_states", "state"),
                ("snapshots", "outputs"),
            )
        ]
        total = sum(size.fetchone()[0] or 0 for size in sizes)
    connection.close()
    return total / 1e6


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
            alone = of_run(file, run_id)
            label = f"{name}, {spec.parameter_count:,} parameters"
            with sqlite3.connect(file) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            print(f"{label}: {both:.2f}, {file.stat().st_size / 1e6:.2f}; {tables(file)}")
            print(f"{'states and film':>32}: {alone:.2f} of this run")
            newer = [train(store, NEWER.changed(seed=seed)) for seed in range(WHOLE_RUNS)]
            print(f"{'after newer runs':>32}: {of_run(file, run_id):.2f} of this run")
            for ended in (run_id, *newer):
                store.delete(ended)
            print(f"{'after deleting all':>32}: {on_disk(file.parent):.2f}")
            store.close()


if __name__ == "__main__":
    main()
