"""Prints the events of a run: one JSON object a line for programs, lines and a progress bar for people."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import NoReturn

from tqdm import tqdm

from fmnist_core.events import Batches, Epoch, Event, Finished, Notice, Snapshot
from fmnist_core.sentences import duration_text, loss_text, share_text
from fmnist_core.spec import RunSpec
from fmnist_core.store.run_folder import as_json, fields


@dataclass
class Console:
    """Events go to stdout, one object a line with `as_json`; the bar to stderr if it is a terminal."""

    spec: RunSpec
    as_json: bool
    bar: tqdm[NoReturn]

    def show(self, event: Event) -> None:
        step = event.first_step + len(event.losses) - 1 if isinstance(event, Batches) else event.step
        self.bar.update(max(0, step - self.bar.n))
        text = json_line(event) if self.as_json else readable(event, self.spec)
        if text:
            self.write(text)

    def write(self, text: str) -> None:
        with tqdm.external_write_mode(file=sys.stdout):
            print(text, flush=True)

    def close(self) -> None:
        self.bar.close()


def console(spec: RunSpec, as_json: bool, step: int = 0) -> Console:
    """For a run that has trained `step` batches already."""
    watched = sys.stderr.isatty() and not (as_json and sys.stdout.isatty())
    bar = tqdm(
        total=spec.total_steps,
        initial=step,
        unit=" batches",
        disable=not watched,
        leave=False,
        mininterval=0.25,
    )
    return Console(spec, as_json, bar)


def json_line(event: Event) -> str:
    """An event as one line of JSON; a snapshot, which is an image, has none."""
    match event:
        case Snapshot():
            return ""
        case Batches():
            content = {
                "first_step": event.first_step,
                "last_step": event.first_step + len(event.losses) - 1,
                "mean_loss": as_json(event.losses.mean()),
            }
        case _:
            content = fields(event)
    if isinstance(event, Finished) and event.test_accuracy is None:
        del content["test_accuracy"], content["test_confusion"]
    return json.dumps({"event": type(event).__name__.lower(), **content}, allow_nan=False)


def readable(event: Event, spec: RunSpec) -> str:
    """An event as a line for people; batches, which the bar shows, have none."""
    match event:
        case Epoch():
            parts = [
                f"epoch {event.epoch:{len(str(spec.epochs))}}/{spec.epochs}",
                f"training loss {loss_text(event.train_loss)} "
                f"(dropout off {loss_text(event.train_loss_eval)})",
            ]
            if event.validation_loss is not None:
                parts.append(f"validation loss {loss_text(event.validation_loss)}")
            if event.validation_accuracy is not None:
                parts.append(f"validation accuracy {share_text(event.validation_accuracy)}")
            return "   ".join([*parts, str(duration_text(event.seconds))])
        case Notice(sentence=sentence):
            return str(sentence) if sentence else ""
        case Finished(test_loss=loss) if loss is not None:
            parts = [f"test loss {loss_text(loss)}"]
            if event.test_accuracy is not None:
                parts.append(f"test accuracy {share_text(event.test_accuracy)}")
            parts.append(f"after {event.epoch} epochs")
            if event.best_epoch is not None:
                parts.append(f"with the weights of epoch {event.best_epoch}")
            return "   ".join(parts)
        case Finished():
            return f"ended after {event.step} batches"
    return ""
