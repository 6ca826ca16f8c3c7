"""The formats in which runs leave the lab: each a zip of files, with `lab.json` beside them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fmnist_core.data import fashion_mnist
from fmnist_core.exports import manifest
from fmnist_core.exports.exported_run import ExportedRun
from fmnist_core.exports.figure_code import Say
from fmnist_core.exports.pytorch_code import START
from fmnist_core.sentences import Sentence

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Format:
    """`label` says what it is, `contents` what is in the zip; `files` are in the language given."""

    label: Sentence
    contents: Sentence
    files: Callable[[Sequence[ExportedRun], Say, str], Files]


def package(runs: Sequence[ExportedRun], format: Format, say: Say, language: str) -> bytes:
    """The zip of a format."""
    return zipped([manifest.provenance(run) for run in runs], format.files(runs, say, language))


def stem(name: str, id: str, letters: int = 4) -> str:
    """A run's name as a file's, with so many letters of its id, since names repeat."""
    words = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60]
    return "-".join(filter(None, (words, id[:letters])))


def zipped(runs: Sequence[Mapping[str, object]], files: Files) -> bytes:
    """The files, and `lab.json` that says where they come from."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
        for file, content in {**files, manifest.NAME: manifest.manifest(runs, files).encode()}.items():
            written.writestr(file, content)
    return packed.getvalue()


def _each(
    files: Callable[[ExportedRun, Say, str], Files],
) -> Callable[[Sequence[ExportedRun], Say, str], Files]:
    """The files of each run, in a folder of its own where there are several."""

    def of_all(runs: Sequence[ExportedRun], say: Say, language: str) -> Files:
        if len(runs) == 1:
            return files(runs[0], say, language)
        return {
            f"{folder}/{file}": content
            for folder, run in zip(_folders(runs), runs, strict=True)
            for file, content in files(run, say, language).items()
        }

    return of_all


def _folders(runs: Sequence[ExportedRun]) -> list[str]:
    """Their names, with the whole id where less tells them not apart, nor where capitals do not count."""
    short = [stem(run.name, run.id) for run in runs]
    if len({name.casefold() for name in short}) == len(runs):
        return short
    return [stem(run.name, run.id, len(run.id)) for run in runs]


def _notebook(run: ExportedRun, say: Say, language: str) -> Files:
    from fmnist_core.exports.notebook import notebook  # nbformat, only when asked for

    return {"notebook.ipynb": notebook(run, say).encode(), **_start(run)}


def _script(run: ExportedRun, say: Say, language: str) -> Files:
    from fmnist_core.exports.script import script

    return {"train.py": script(run, say).encode(), **_start(run)}


def _onnx(run: ExportedRun, say: Say, language: str) -> Files:
    from fmnist_core.exports.onnx_model import onnx_model  # onnx, only when asked for

    dataset = fashion_mnist.load()
    return {"model.onnx": onnx_model(run, *fashion_mnist.input_scale(run.spec, dataset))}


def _tensorboard(run: ExportedRun, say: Say, language: str) -> Files:
    from fmnist_core.exports.event_files import NAME, event_file  # tensorboard, only when asked for

    return {NAME: event_file(run)}


def _hub(run: ExportedRun, say: Say, language: str) -> Files:
    from fmnist_core.exports.model_card import model_card

    return {
        "README.md": model_card(run, say).encode(),
        "model.safetensors": run.weights,
        "spec.json": run.spec.to_json().encode(),
    }


def _start(run: ExportedRun) -> Files:
    return {} if run.start is None else {START: run.start}


FORMATS: dict[str, Format] = {
    "notebook": Format(
        Sentence("Notebook"),
        Sentence("Plain PyTorch that trains this run again, for Jupyter or Colab."),
        _each(_notebook),
    ),
    "script": Format(Sentence("Script"), Sentence("The same as one Python file."), _each(_script)),
    "onnx": Format(Sentence("ONNX"), Sentence("The trained network for other programs."), _each(_onnx)),
    "tensorboard": Format(
        Sentence("TensorBoard"), Sentence("The curves as event files."), _each(_tensorboard)
    ),
    "hub": Format(
        Sentence("Hugging Face"),
        Sentence("Weights with a model card that says how to load them."),
        _each(_hub),
    ),
}
