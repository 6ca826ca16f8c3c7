"""The command line: what it prints for people and programs, exit codes, training that is broken off."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from fmnist_core.__main__ import main
from fmnist_core.cli import train
from fmnist_core.cli.progress import Console
from fmnist_core.data import fashion_mnist, folders
from fmnist_core.events import Epoch
from fmnist_core.spec import read_spec, snapshot_steps
from fmnist_core.store.runs import Store
from tests.store.flipped_bits import flip

ROOT = Path(__file__).parents[2]
CLASSIFIER = {
    "architecture": "ff_classifier",
    "train_size": 2000,
    "validation_size": 500,
    "epochs": 3,
    "hidden_sizes": [32],
}
AUTOENCODER = {**CLASSIFIER, "architecture": "ff_autoencoder"}


@pytest.fixture(autouse=True)
def _on_the_sample(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", Path("/nowhere/either"))


def written(folder: Path, settings: dict, name: str = "spec.json") -> str:
    path = folder / name
    path.write_text(json.dumps(settings))
    return str(path)


def run_module(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "fmnist_core", *arguments], text=True, **options)


@pytest.mark.parametrize("command", ["verify", "--help"])
def test_a_command_imports_no_other(command):
    script = (
        "import sys; from fmnist_core.__main__ import COMMANDS, main\n"
        f"try: main([{command!r}, '--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in COMMANDS if f'fmnist_core.cli.{name}' in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert printed.stdout.splitlines()[-1] == str([command] if command == "verify" else [])


# Data


def test_data_says_which_is_in_use_without_torch():
    asks = "import sys; from fmnist_core.__main__ import main; main(['data', '--no-download'])"
    printed = subprocess.run(
        [sys.executable, "-c", f"{asks}; print({{'torch', 'torchvision', 'streamlit'}} & set(sys.modules))"],
        capture_output=True,
        text=True,
    )
    first, second = printed.stdout.splitlines()
    assert first.startswith("The sample of Fashion-MNIST: 7,000 training and 1,000 test images, from")
    assert second == "set()"
    assert printed.stderr == ""


def test_full_data_is_not_fetched_again(full_data: fashion_mnist.Dataset, monkeypatch, capsys):
    monkeypatch.setenv("FMNIST_DATA", full_data.folder)
    assert main(["data"]) == 0
    assert "60,000 training and 10,000 test images" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["data"], ["train", "SPEC"], ["train", "SPEC", "--data", "/nowhere"]])
def test_a_bad_folder_is_a_sentence_and_not_passed_over(arguments, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("FMNIST_DATA", "/nowhere")
    spec = written(tmp_path, CLASSIFIER)
    assert main([spec if argument == "SPEC" else argument for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert "is not in the folder /nowhere" in printed.err
    assert printed.out == ""


def test_a_reader_that_goes_away_is_no_traceback():
    printed = run_module("data", "--no-download", stdout=open_pipe_without_reader(), stderr=subprocess.PIPE)
    assert (printed.returncode, printed.stderr) == (1, "")


def open_pipe_without_reader() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


# Specs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ('{"architecture": "resnet"}', "Network can be"),
        ('{"architecture": "ff_classifier", "epochs": 0}', "Epochs must be at least 1; you gave 0."),
        ('{"architecture": "ff_classifier"}', "60,000 training and validation images are asked for"),
    ],
)
def test_a_bad_spec_is_a_sentence(text: str, words: str, tmp_path: Path, capsys):
    path = tmp_path / "spec.json"
    path.write_text(text)
    assert main(["train", str(path)]) == 1
    assert words in capsys.readouterr().err


def test_a_spec_that_is_not_there_is_a_sentence(tmp_path: Path, capsys):
    assert main(["train", str(tmp_path)]) == 1
    assert "cannot be read (Is a directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["train"], ["train", "a.json", "--resume", "b"], ["train", "a.json", "--threads", "0"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys):
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2


# Training


def test_json_has_an_object_a_line_and_ends_with_the_test_figures(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CLASSIFIER).encode())))
    assert main(["train", "-", "--json"]) == 0
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert printed.err == ""
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [1, 2, 3]
    batches = [line for line in lines if line["event"] == "batches"]
    covered = [step for line in batches for step in range(line["first_step"], line["last_step"] + 1)]
    assert covered == list(range(1, 61))
    assert batches[-1]["mean_loss"] < batches[0]["mean_loss"]
    last = lines[-1]
    assert (last["event"], last["reason"], last["step"]) == ("finished", "epochs", 60)
    assert 0 < last["test_loss"] < 1.5
    confusion = np.array(last["test_confusion"])
    assert confusion.sum(1).tolist() == [100] * 10
    assert last["test_accuracy"] == pytest.approx(confusion.trace() / 1000)


def test_an_autoencoder_ends_with_its_test_loss_alone(tmp_path: Path, capsys):
    assert main(["train", written(tmp_path, AUTOENCODER), "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < last["test_loss"] < 0.2
    assert "test_accuracy" not in last


def test_people_read_lines_and_watch_a_bar(tmp_path: Path, capsys, monkeypatch):
    assert main(["train", written(tmp_path, CLASSIFIER)]) == 0
    printed = capsys.readouterr()
    assert [line.split("   ")[0] for line in printed.out.splitlines()[:3]] == [
        f"epoch {n}/3" for n in (1, 2, 3)
    ]
    assert "test accuracy" in printed.out.splitlines()[-1]
    assert printed.err == ""

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["train", written(tmp_path, CLASSIFIER)]) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 4
    assert "60" in printed.err
    assert "batches" in printed.err


def test_a_run_that_diverges_fails_and_says_why(tmp_path: Path, capsys):
    settings = {**AUTOENCODER, "architecture": "ff_classifier", "loss": "mse", "optimizer": "sgd"}
    settings |= {"learning_rate": 10.0, "momentum": 0.99, "hidden_sizes": [512, 512]}
    assert main(["train", written(tmp_path, settings), "--json", "--out", str(tmp_path / "out")]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[-1]["reason"], lines[-1]["test_loss"]) == ("diverged", None)
    assert any("lower learning rate" in (line.get("sentence") or "") for line in lines)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["test_loss"] is None


def test_a_folder_holds_the_whole_run(tmp_path: Path, capsys):
    out = tmp_path / "out"
    assert main(["train", written(tmp_path, CLASSIFIER), "--out", str(out), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    spec = read_spec((out / "spec.json").read_bytes())
    assert spec == read_spec(CLASSIFIER)
    history = json.loads((out / "history.json").read_text())
    shown = [line for line in lines if line["event"] == "epoch"]
    assert [epoch["validation_loss"] for epoch in history] == [line["validation_loss"] for line in shown]
    assert "confusion" not in history[0]
    assert json.loads((out / "metrics.json").read_text())["test_accuracy"] == lines[-1]["test_accuracy"]
    with np.load(out / "film.npz") as film:
        assert tuple(film["steps"]) == snapshot_steps(spec)
        assert film["outputs"].shape == (len(film["steps"]), 10, 10)
        assert film["epochs"][-1] == 3
    weights = load_file(out / "model.safetensors")
    assert sum(weight.size for weight in weights.values()) == spec.parameter_count
    assert sorted(os.listdir(out)) == [
        "SHA256SUMS",
        "film.npz",
        "history.json",
        "metrics.json",
        "model.safetensors",
        "spec.json",
    ]

    assert main(["train", written(tmp_path, CLASSIFIER), "--out", str(out)]) == 1
    assert "holds a run already" in capsys.readouterr().err
    assert main(["train", "--resume", str(out)]) == 1
    assert "holds no checkpoint" in capsys.readouterr().err


def interrupt_after_epoch(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C, at the moment at which an epoch is printed."""
    show = Console.show

    def show_and_interrupt(terminal: Console, event) -> None:
        show(terminal, event)
        if isinstance(event, Epoch) and event.epoch == epoch:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Console, "show", show_and_interrupt)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [CLASSIFIER, {**AUTOENCODER, "patience": 1, "epochs": 8}])
def test_interrupted_and_resumed_equals_never_interrupted(settings, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr(train, "SLICE_SECONDS", 0.001)
    spec = written(tmp_path, settings)
    assert main(["train", spec, "--out", str(tmp_path / "whole")]) == 0
    with monkeypatch.context() as patch:
        interrupt_after_epoch(2, patch)
        assert main(["train", spec, "--out", str(tmp_path / "broken")]) == 130
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    printed = capsys.readouterr().err
    assert "Interrupted in epoch 3 of" in printed
    assert f"--resume {tmp_path / 'broken'}" in printed
    assert (tmp_path / "broken" / "checkpoint.safetensors").exists()
    assert main(["train", "--resume", str(tmp_path / "broken"), "--out", "x"]) == 1

    assert main(["train", "--resume", str(tmp_path / "broken")]) == 0
    for name in ("spec.json", "metrics.json", "model.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes()
    histories = [json.loads((tmp_path / run / "history.json").read_text()) for run in ("whole", "broken")]
    for history in histories:
        for epoch in history:
            del epoch["seconds"]
    assert histories[0] == histories[1]
    with (
        np.load(tmp_path / "whole" / "film.npz") as whole,
        np.load(tmp_path / "broken" / "film.npz") as broken,
    ):
        for name in ("steps", "epochs", "outputs"):
            assert np.array_equal(whole[name], broken[name])


def test_a_damaged_folder_is_a_sentence(tmp_path: Path, capsys, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(train, "SLICE_SECONDS", 0.001)  # so that even a fast machine is interrupted
    with monkeypatch.context() as patch:
        interrupt_after_epoch(1, patch)
        assert main(["train", written(tmp_path, CLASSIFIER), "--out", str(out)]) == 130
    capsys.readouterr()
    for name in ("checkpoint.safetensors", "history.json", "film.npz"):
        right = (out / name).read_bytes()
        for content in (b"", b"[1]", b"PK\x03\x04", right[:50]):
            (out / name).write_bytes(content)
            assert main(["train", "--resume", str(out)]) == 1, (name, content)
            printed = capsys.readouterr()
            assert printed.out == ""
            assert printed.err.strip().endswith(".")
        (out / name).write_bytes(flip(right))
        assert main(["train", "--resume", str(out)]) == 1
        assert f"The file {name} in {out} is damaged" in capsys.readouterr().err
        (out / name).write_bytes(right)
    assert main(["train", "--resume", str(out)]) == 0
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=out, check=True)


@pytest.mark.slow
def test_ctrl_c_says_where_things_stand(tmp_path: Path):
    spec = written(tmp_path, {**CLASSIFIER, "epochs": 500})
    process = subprocess.Popen(
        [sys.executable, "-m", "fmnist_core", "train", spec, "--json", "--threads", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while '"epoch"' not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "interrupted"
    assert last["step"] > 0
    assert err.startswith("Interrupted in epoch")
    assert "Traceback" not in err


# Trained weights from elsewhere


@pytest.fixture
def autoencoder_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Path:
    """A shipped model named “one”."""
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path / "models")
    settings = {**AUTOENCODER, "epochs": 1}
    assert main(["train", written(tmp_path, settings), "--out", str(tmp_path / "models" / "one")]) == 0
    return tmp_path / "models" / "one"


def on_encoder(**source) -> dict:
    encoder = {"architecture": "ff_autoencoder", "frozen": True, **source}
    return {**CLASSIFIER, "architecture": "encoder_classifier", "epochs": 1, "encoder": encoder}


def test_a_frozen_encoder_of_a_shipped_model_stays_as_it_was(autoencoder_folder: Path, tmp_path: Path):
    settings = on_encoder(origin="model", id="one")
    assert main(["train", written(tmp_path, settings), "--out", str(tmp_path / "out")]) == 0
    before = load_file(autoencoder_folder / "model.safetensors")
    after = load_file(tmp_path / "out" / "model.safetensors")
    shared = [name for name in after if name in before]
    assert shared
    for name in shared:
        assert np.array_equal(before[name], after[name])


def test_encoder_and_branch_come_from_the_lab_s_runs(tmp_path: Path, capsys):
    from fmnist_core.nets.training import loop

    spec = read_spec({**AUTOENCODER, "epochs": 1})
    state = loop.start(spec)
    events = list(loop.advance(state))
    store = Store()
    run = store.create_run(spec, "learner")
    store.write_slice(
        run,
        store.claim(run),
        events,
        step=state.step,
        epoch=state.epoch,
        seconds=state.seconds,
        checkpoint=loop.save(state),
    )
    store.close()

    settings = on_encoder(origin="run", id=run)
    assert main(["train", written(tmp_path, settings), "--out", str(tmp_path / "encoder")]) == 0
    after = load_file(tmp_path / "encoder" / "model.safetensors")
    for name, weight in state.model.state_dict().items():
        if name.startswith("encoder."):
            assert np.array_equal(weight.numpy(), after[name])

    branch = {**AUTOENCODER, "epochs": 1, "branch": {"run": run, "step": state.step}, "learning_rate": 1e-6}
    assert main(["train", written(tmp_path, branch), "--out", str(tmp_path / "branch")]) == 0
    after = load_file(tmp_path / "branch" / "model.safetensors")
    for name, weight in state.model.state_dict().items():
        assert np.allclose(weight.numpy(), after[name], atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        on_encoder(origin="model", id="two"),
        on_encoder(origin="model", id="../models/one"),
        on_encoder(origin="run", id="nobodysrun00"),
        {**AUTOENCODER, "branch": {"run": "nobodysrun00", "step": 3}},
    ],
)
def test_weights_that_are_not_kept_are_a_sentence(settings, autoencoder_folder, tmp_path: Path, capsys):
    capsys.readouterr()
    assert main(["train", written(tmp_path, settings)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip().endswith(".")


# Terminals and shells


@pytest.mark.slow
def test_every_command_prints_under_an_encoding_that_lacks_its_signs(tmp_path: Path):
    """A Windows console's cp1252 has no →, plain ASCII no ±: the rest of the table must come out."""
    for encoding in ("cp1252", "ascii"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        table = run_module("verify", "--check", env=environment, capture_output=True, encoding=encoding)
        assert (table.returncode, table.stderr) == (0, "")
        assert "42 claims:" in table.stdout
        spec = tmp_path / "→.json"
        refused = run_module("train", str(spec), env=environment, capture_output=True, encoding=encoding)
        assert refused.returncode == 1
        assert "cannot be read (No such file or directory)" in refused.stderr
        usage = run_module("→", env=environment, capture_output=True, encoding=encoding)
        assert usage.returncode == 2
        assert "invalid choice" in usage.stderr
        listed = run_module("recipes", env=environment, capture_output=True, encoding=encoding)
        assert listed.returncode == 0
        assert "r1-n64 " in listed.stdout


@pytest.mark.slow
def test_the_line_that_ctrl_c_prints_goes_on_wherever_it_is_pasted(tmp_path: Path):
    out = tmp_path / "out 1 ñ 'quoted' $HOME"
    spec = written(tmp_path, {**CLASSIFIER, "epochs": 500})
    command = [sys.executable, "-m", "fmnist_core", "train", spec, "--out", out.name]
    first, line = interrupted(command, tmp_path)
    assert first.startswith("epoch ")
    assert line.startswith("Saved; go on with: ")
    pasted = ["sh", "-c", line.replace("Saved; go on with:", "exec")]  # so that the signal meets no shell
    second, line_again = interrupted(pasted, ROOT)
    assert epoch_number(second) > epoch_number(first)
    assert line_again == line


def interrupted(command: list[str], folder: Path) -> tuple[str, str]:
    """The first line on stdout and the last on stderr of a training that Ctrl-C broke off after an epoch."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    first = process.stdout.readline()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    return first, err.splitlines()[-1]


def epoch_number(line: str) -> int:
    """Of a line such as “epoch  12/500   training loss …”."""
    return int(line.split()[1].split("/")[0])


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_a_shell_reads_a_line_back_as_its_words(system: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(train.os, "name", system)
    assert train.shell_line(["a", "out 1 ñ"]) == {"posix": "a 'out 1 ñ'", "nt": 'a "out 1 ñ"'}[system]
