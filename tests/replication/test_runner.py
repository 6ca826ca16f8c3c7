"""Gathering on real workers: small runs on the sample, broken off in every way, against ones left in peace.

Most run on a Dask cluster that somebody else has started, whose one worker has one thread: there the weights
must be those of this process to the last bit.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from fmnist_core.__main__ import main
from fmnist_core.cli import verify
from fmnist_core.compute import client, cluster, lost_workers, memory
from fmnist_core.compute.client import ConnectionFailed
from fmnist_core.data import fashion_mnist
from fmnist_core.nets.training import loop
from fmnist_core.nets.worker.threads import use_threads
from fmnist_core.nets.worker.trial_run import fingerprint
from fmnist_core.replication.evidence import records, runner
from fmnist_core.replication.evidence.plan import Trial
from fmnist_core.replication.evidence.records import Record
from fmnist_core.replication.evidence.work_folder import WorkFolder
from fmnist_core.replication.recipes.report import Experiment
from fmnist_core.spec import RunSpec, read_spec
from fmnist_core.store.run_folder import CHECKPOINT
from tests.cluster_processes import kill_workers, workers
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

SMALL = {"train_size": 1500, "validation_size": 300, "batch_size": 50, "epochs": 2}
AUTOENCODER = {**SMALL, "architecture": "ff_autoencoder", "hidden_sizes": [16], "validation_size": 0}
CLASSIFIER = read_spec({**SMALL, "architecture": "ff_classifier", "hidden_sizes": [16]})
TRAINED = {"architecture": "ff_autoencoder", "origin": "model", "id": "auto"}
ON_ENCODER = {**SMALL, "architecture": "encoder_classifier", "encoder": TRAINED}
LONG = CLASSIFIER.changed(train_size=4000, hidden_sizes=[128], epochs=20)
# What others need stands last, so that order is not luck.
TINY = {
    "on-auto": Experiment("on-auto", read_spec({**ON_ENCODER, "hidden_sizes": [16]})),
    "more": Experiment("more", CLASSIFIER.changed(epochs=4), continues="some"),
    "some": Experiment("some", CLASSIFIER),
    "auto": Experiment("auto", read_spec(AUTOENCODER)),
}
MISFIT = read_spec({**ON_ENCODER, "hidden_sizes": [32]})
BROKEN = {
    **TINY,
    "misfit": Experiment("misfit", MISFIT),
    "on-misfit": Experiment("on-misfit", MISFIT.changed(epochs=4), continues="misfit"),
}
ONE = {"long": Experiment("long", LONG)}


@pytest.fixture(scope="module", autouse=True)
def _on_the_sample(sample_data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
        for name, seconds in {"SLICE_SECONDS": 0.05, "POLL_SECONDS": 0.02, "SAVE_SECONDS": 0.1}.items():
            patch.setattr(runner, name, seconds)
        yield


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of a scheduler of somebody else's, with one worker of one thread."""
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(cluster.PROJECT), "OMP_NUM_THREADS": "1"}
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    open_ = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    scheduler = subprocess.Popen([*dask, "scheduler", *open_, "--port", "0"], **quiet)
    try:
        wait_for(file.exists)
        options = ["--nthreads", "1", "--nworkers", "1", "--local-directory", str(file.parent)]
        worker = subprocess.Popen([*dask, "worker", *open_, *options], **quiet)
        try:
            yield wait_for(lambda: json.loads(file.read_text())["address"])
            assert (scheduler.poll(), worker.poll()) == (None, None), "another's cluster is not ours to end"
        finally:
            worker.terminate()
            worker.wait(20)
    finally:
        scheduler.terminate()
        scheduler.wait(20)


def trained_here(spec: RunSpec, encoder: bytes | None = None) -> str:
    """The fingerprint of a run that nothing has broken off, in this process, on one thread."""
    before = torch.get_num_threads()
    use_threads(spec, 1)
    weights = loop.read_weights(encoder) if encoder is not None else None
    state = loop.start(spec, encoder=weights)
    for _ in loop.advance(state):
        pass
    torch.set_num_threads(before)
    return fingerprint(loop.weights(state))


class Verification:
    """A work folder, an evidence file, and the command on them."""

    def __init__(self, folder: Path, experiments: dict[str, Experiment]) -> None:
        self.work_folder = WorkFolder(folder / "work", experiments)
        self.file = folder / "evidence.jsonl"

    def records(self) -> dict[Trial, Record]:
        return {Trial(r.experiment, r.seed): r for r in records.read(self.file, self.work_folder.experiments)}

    def missing(self, seeds: int = 1) -> list:
        wanted = list(self.work_folder.experiments)
        return verify.planned(self.work_folder, wanted, seeds, set(self.records()))

    def run(self, seeds: int = 1, **more) -> int:
        return verify.run(self.missing(seeds), self.work_folder, self.file, set(self.records()), **more)


@pytest.fixture(scope="module")
def gathered(address, tmp_path_factory) -> Verification:
    verification = Verification(tmp_path_factory.mktemp("gathered"), TINY)
    assert verification.run(seeds=2, scheduler=address) == 0
    return verification


@pytest.fixture
def broken(tmp_path: Path) -> Verification:
    return Verification(tmp_path, ONE)


@pytest.fixture(scope="module")
def unbroken() -> str:
    return trained_here(LONG)


# What comes of it


def test_every_trial_has_a_record_and_nothing_is_missing_then(gathered):
    assert sorted(gathered.records()) == [Trial(id, seed) for id in sorted(TINY) for seed in range(2)]
    assert gathered.missing(seeds=2) == []
    assert all(gathered.work_folder.ready(trial) for trial in gathered.records())


@pytest.mark.parametrize("id", ["some", "more", "auto"])
def test_weights_are_those_of_a_run_in_this_process(gathered, id: str):
    for seed in range(2):
        trial = Trial(id, seed)
        assert gathered.records()[trial].weights == trained_here(gathered.work_folder.spec(trial))
        stored = (gathered.work_folder.folder(trial) / "model.safetensors").read_bytes()
        assert fingerprint(stored) == gathered.records()[trial].weights


def test_an_encoder_is_that_of_the_same_seed(gathered):
    for seed in range(2):
        trial, record = Trial("on-auto", seed), gathered.records()[Trial("on-auto", seed)]
        encoder = gathered.work_folder.encoder(trial)
        assert record.encoder == gathered.records()[Trial("auto", seed)].weights == fingerprint(encoder)
        assert record.weights == trained_here(gathered.work_folder.spec(trial), encoder)


def test_records_hold_what_was_measured(gathered):
    classifier, autoencoder = gathered.records()[Trial("more", 0)], gathered.records()[Trial("auto", 1)]
    assert (classifier.epochs, classifier.reason, classifier.spec.seed) == (4, "epochs", 0)
    both = {"train_loss", "train_loss_eval"}
    accuracies = {"train_accuracy", "validation_accuracy"}
    assert set(classifier.history) == both | accuracies | {"validation_loss"}
    assert set(autoencoder.history) == both | {"test_loss"}
    assert autoencoder.history["test_loss"][-1] == pytest.approx(autoencoder.test_loss, rel=1e-5)
    assert sum(map(sum, classifier.confusion)) == 1000
    assert classifier.hardware.endswith(", 1 thread, float32")
    assert classifier.versions["torch"] == torch.__version__
    assert classifier.seconds > 0
    history = json.loads((gathered.work_folder.folder(Trial("more", 0)) / "history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == [1, 2, 3, 4]
    assert classifier.history["validation_loss"] == records.column(e["validation_loss"] for e in history)


def test_a_run_whose_last_file_is_missing_runs_again_and_is_recorded_once(gathered, address):
    """As after a kill between the evidence and the weights."""
    before = gathered.file.read_bytes()
    weights = gathered.work_folder.folder(Trial("some", 1)) / "model.safetensors"
    right = weights.read_bytes()
    weights.unlink()
    assert [step.trial for step in gathered.missing(seeds=2)] == [Trial("some", 1)]
    assert gathered.run(seeds=2, scheduler=address) == 0
    assert weights.read_bytes() == right
    assert gathered.file.read_bytes() == before


def test_a_damaged_folder_ends_its_own_run_only(address, tmp_path: Path, capsys):
    verification = Verification(tmp_path, TINY)
    trial = Trial("some", 0)
    folder = verification.work_folder.folder(trial)
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(verification.work_folder.spec(trial).to_json())
    begun = loop.start(verification.work_folder.spec(trial))
    for _ in loop.advance(begun, loop.Budget(epochs=1)):
        pass
    (folder / CHECKPOINT).write_bytes(loop.save(begun))
    (folder / "history.json").write_text("[{")
    assert verification.run(scheduler=address) == 1
    printed = capsys.readouterr()
    assert f"some/0 failed: The files in {folder} cannot be read" in printed.err
    assert "more/0 failed: It needs some/0, which failed." in printed.err
    assert sorted(verification.records()) == [Trial("auto", 0), Trial("on-auto", 0)]


def test_a_run_that_fails_fails_alone(address, tmp_path: Path, capsys):
    verification = Verification(tmp_path, BROKEN)
    assert verification.run(scheduler=address) == 1
    printed = capsys.readouterr()
    assert "misfit/0 failed: The chosen encoder does not fit this network." in printed.err
    assert "on-misfit/0 failed: It needs misfit/0, which failed." in printed.err
    assert sorted(verification.records()) == [Trial(id, 0) for id in sorted(TINY)]
    assert "4 of 6" in printed.out
    assert [step.trial for step in verification.missing()] == [Trial("misfit", 0), Trial("on-misfit", 0)]


# Broken off


def when(condition: Callable, act: Callable) -> threading.Thread:
    """Does something from another thread, as soon as it is time."""

    def watch() -> None:
        wait_for(condition)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def progress(verification: Verification) -> float:
    return verification.work_folder.progress(Trial("long", 0))


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def equals(verification: Verification, fingerprint: str) -> None:
    (record,) = verification.records().values()
    assert record.weights == fingerprint
    history = json.loads((verification.work_folder.folder(Trial("long", 0)) / "history.json").read_text())
    assert [epoch["epoch"] for epoch in history] == list(range(1, LONG.epochs + 1))
    assert len(record.history["train_loss"]) == LONG.epochs


def test_interrupted_and_gone_on_with_equals_never_interrupted(broken, address, unbroken, capsys):
    """By Ctrl-C, and then because its time is up."""
    watcher = when(lambda: progress(broken) > 0, interrupt)
    assert broken.run(scheduler=address) == 130
    watcher.join()
    printed = capsys.readouterr()
    assert "Interrupted; 0 runs done, 1 left. Saved; the same command goes on." in printed.err
    assert "Traceback" not in printed.err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert broken.records() == {}
    assert 0 < (reached := progress(broken)) < 1
    assert " % done)" in verify.listing(broken.missing(), broken.work_folder, 1)

    assert broken.run(scheduler=address, hours=0.1 / 3600) == 0
    assert "Time is up; 0 runs done, 1 left." in capsys.readouterr().err
    assert reached <= progress(broken) < 1

    assert broken.run(scheduler=address) == 0
    assert "long, seed 0" in capsys.readouterr().out
    equals(broken, unbroken)


def test_a_killed_worker_costs_no_more_than_what_was_not_saved(broken, unbroken):
    """Of a cluster of the command's own."""
    watcher = when(lambda: progress(broken) > 0, kill_workers)
    assert broken.run(workers=1) == 0
    watcher.join()
    wait_for(lambda: workers() == [])
    equals(broken, unbroken)


@pytest.fixture
def killing(broken, monkeypatch, tmp_path: Path) -> Iterator[Callable[[int, bool], None]]:
    """Kills the workers as soon as the run has had a time slice, at most so many times, each time anew.

    With or without the kernel's word that memory ran out. Nothing of the run is saved between. A kill that
    falls between two time slices is no fault of the run's, and does not count against it.
    """
    monkeypatch.setattr(runner, "SAVE_SECONDS", 60.0)
    monkeypatch.setattr(lost_workers, "FIRST_PAUSE", 0.05)
    kernel, spec = tmp_path / "memory.events", broken.work_folder.folder(Trial("long", 0)) / "spec.json"
    monkeypatch.setattr(memory, "KERNEL_COUNTS", (str(kernel),))
    threads, over = [], threading.Event()

    def keep_killing(times: int, out_of_memory: bool) -> None:
        for time in range(times):
            wait_for(lambda: over.is_set() or spec.exists())
            if over.is_set():
                return
            spec.unlink()
            present = wait_for(lambda: workers() or over.is_set())
            if out_of_memory:
                kernel.write_text(f"oom_kill {time + 1}\n")
            for process in [] if over.is_set() else present:
                process.kill()

    def begin(times: int, out_of_memory: bool) -> None:
        threads.append(threading.Thread(target=keep_killing, args=(times, out_of_memory), daemon=True))
        threads[0].start()

    yield begin
    over.set()
    threads[0].join()


def test_a_run_whose_workers_are_killed_again_and_again_goes_on(broken, unbroken, killing, monkeypatch):
    """Nothing proves that the run is at fault. Meanwhile it is said what it waits for."""
    shown = []
    monkeypatch.setattr(verify.Screen, "show", lambda screen, state: shown.extend(state.put_off()))
    killing(times=4, out_of_memory=False)
    assert broken.run(workers=1) == 0
    equals(broken, unbroken)
    assert Trial("long", 0) in shown


def test_a_run_whose_workers_run_out_of_memory_is_given_up(broken, killing, capsys):
    killing(times=20, out_of_memory=True)
    assert broken.run(workers=1) == 1
    assert "long/0 failed: It has ended its worker three times" in capsys.readouterr().err


# The command


def test_an_unreachable_scheduler_is_a_sentence(broken, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1.0)
    with pytest.raises(ConnectionFailed, match="Dask scheduler does not answer"):
        broken.run(scheduler="tcp://127.0.0.1:9")
    assert not broken.file.exists()


def test_the_sample_is_not_enough_for_the_reports(tmp_path: Path, capsys):
    arguments = ["--work", str(tmp_path / "work"), "--evidence", str(tmp_path / "evidence.jsonl")]
    assert main(["verify", "--experiments", "r3-1", *arguments]) == 1
    assert "python -m fmnist_core data" in capsys.readouterr().err


def test_evidence_that_is_cut_short_is_not_added_to(tmp_path: Path, capsys):
    file = tmp_path / "evidence.jsonl"
    file.write_bytes(b'{"experiment": "r3-1", "se')
    arguments = ["--work", str(tmp_path / "work"), "--evidence", str(file)]
    assert main(["verify", *arguments]) == 1
    assert "is cut short: line 1" in capsys.readouterr().err
    assert file.read_bytes() == b'{"experiment": "r3-1", "se'


def test_two_verifications_in_one_folder_are_refused(tmp_path: Path, capsys):
    with WorkFolder(tmp_path / "work", {}).alone():
        arguments = ["--work", str(tmp_path / "work"), "--evidence", str(tmp_path / "evidence.jsonl")]
        assert main(["verify", "--claims", "C16", *arguments]) == 1
    assert "Another verification is at work" in capsys.readouterr().err


def test_the_list_says_what_is_missing_and_what_it_costs(tmp_path: Path, capsys):
    arguments = ["--work", str(tmp_path / "work"), "--evidence", str(tmp_path / "evidence.jsonl")]
    assert main(["verify", "--list", "--claims", "C16,c17", "--seeds", "2", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "r3-3                       seeds 0, 1" in printed
    assert "6 runs are missing: at most" in printed
    assert not (tmp_path / "work").exists()


def test_evidence_of_older_recipes_can_be_renewed(tmp_path: Path, capsys):
    from tests.replication.synthetic_records import record

    file = tmp_path / "evidence.jsonl"
    line = json.loads(record("r3-1").to_line())
    line["spec"]["dropout"] = 0.7
    file.write_text(json.dumps(line) + "\n")
    arguments = ["--list", "--work", str(tmp_path / "work"), "--evidence", str(file)]
    assert main(["verify", *arguments]) == 1
    assert main(["verify", "--renew", *arguments]) == 0
    assert "1 records are out of date and were set aside." in capsys.readouterr().err
    assert file.read_bytes() == b""


def test_names_select_experiments_and_wrong_ones_are_refused(capsys):
    assert verify.selected(TINY) == list(TINY)
    assert verify.selected(TINY, ids=["Some", "auto"]) == ["some", "auto"]
    assert main(["verify", "--list", "--reports", "R6"]) == 1
    assert "There is no “R6”. There are: R1, R2, R3, R4, R5." in capsys.readouterr().err
