"""How a run stands, in words and numbers: for whoever looks at it, now or long after."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from fmnist_core.events import Epoch
from fmnist_core.spec import RunSpec
from fmnist_core.store.runs import Run
from pages.parts.base.formatting import NONE, duration, in_full, number, percent
from pages.parts.base.i18n import _, ngettext, say
from pages.parts.base.spec_words import WORDS, learning_rates, network_name, rates_in_words
from pages.parts.base.typed_text import as_typed, isolated
from pages.parts.run.watched import EngineStatus

COLOURS = {
    "queued": "gray",
    "running": "blue",
    "paused": "orange",
    "stopped": "gray",
    "finished": "green",
    "failed": "red",
}
ICONS = {
    "queued": ":material/hourglass_empty:",
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "stopped": ":material/stop:",
    "finished": ":material/check:",
    "failed": ":material/error:",
}


def status_name(status: str) -> str:
    return {
        "queued": _("Queued"),
        "running": _("Training"),
        "paused": _("Paused"),
        "stopped": _("Stopped"),
        "finished": _("Finished"),
        "failed": _("Failed"),
    }[status]


def badge(run: Run, stopping: bool) -> None:
    status = "stopped" if stopping else run.status
    st.badge(status_name(status), icon=ICONS[status], color=COLOURS[status])


def in_words(run: Run, engine_status: EngineStatus) -> str:
    """One sentence on where the run is now."""
    if engine_status.waits_for_workers:
        return _("The workers are starting; then your run begins.")
    if engine_status.replaying:
        return say(engine_status.replaying.in_words(is_branch=run.step == 0))
    if engine_status.is_stopping:
        return _("Training has ended; the test figures come in a moment.")
    return _status_in_words(run, engine_status.queue_place)


def _status_in_words(run: Run, queue_place: int | None) -> str:
    """`queue_place` is how many other learners share the workers, if that is known."""
    epochs = run.spec.epochs
    match run.status, run.end_reason:
        case "queued", _reason:
            if queue_place:
                return ngettext(
                    "Waiting for its turn: {n} learner shares the workers.",
                    "Waiting for its turn: {n} learners share the workers.",
                    queue_place,
                ).format(n=queue_place)
            return _("Starting: the first losses appear in a moment.")
        case "running", _reason:
            return _("Epoch {epoch} of {epochs} is under way.").format(
                epoch=min(run.epoch + 1, epochs), epochs=epochs
            )
        case "paused", _reason:
            return _("Paused after batch {step:,} of {all:,}. Resume, or go on one step at a time.").format(
                step=run.step, all=run.spec.total_steps
            )
        case "finished", "early_stopping":
            return _(
                "Ended early, after epoch {epoch}: the validation loss no longer improved. "
                "The weights of epoch {best} were kept."
            ).format(epoch=run.epoch, best=run.best_epoch)
        case "finished", _reason:
            return ngettext("Finished its {n} epoch.", "Finished all {n} epochs.", epochs).format(n=epochs)
        case "stopped", _reason:
            return _("Stopped after batch {step:,}, in epoch {epoch}.").format(
                step=run.step, epoch=-(-run.step // run.spec.steps_per_epoch)
            )
        case _status:
            return (
                as_typed(say(run.reason)) if run.reason else _("Failed, for a reason that was not recorded.")
            )


def spoken(run: Run) -> str:
    """What is read out of a run when it begins, rests, ends or fails."""
    if run.status == "running":
        sentence = _("Training has begun.")
    elif run.status == "failed" and run.reason:
        sentence = isolated(say(run.reason))
    else:
        sentence = _status_in_words(run, None)
    if run.status == "finished" and run.test_loss is not None:
        sentence += " " + _("Test loss: {loss}").format(loss=number(run.test_loss))
    return f"{isolated(run.name)}: {status_name(run.status)}. {sentence}"


def network(spec: RunSpec) -> str:
    """What a run is called unless its learner names it."""
    sizes = "–".join(map(str, spec.hidden_sizes))
    return f"{network_name(spec.architecture)} {sizes}"


def summary(spec: RunSpec, but: Collection[str] = ()) -> str:
    """A run's main settings in one line, without its network, and without those named in `but`."""
    momentum = _(", momentum {m}").format(m=in_full(spec.momentum)) if spec.momentum else ""
    rates = rates_in_words(learning_rates(spec))
    if "optimizer" in but:
        optimization = _("learning rate {rate}").format(rate=rates)
    elif "learning_rate" in but:
        optimization = say(WORDS[spec.optimizer])
    else:
        optimization = f"{say(WORDS[spec.optimizer])} {rates}"
    parts = {
        "dropout": _("dropout {p}").format(p=in_full(spec.dropout)),
        "optimization": optimization + momentum,
        "batch_size": _("batch {n:,}").format(n=spec.batch_size),
        "train_size": _("{n:,} images").format(n=spec.train_size),
        "validation_size": _("{n:,} for validation").format(n=spec.validation_size),
        "epochs": ngettext("{n} epoch", "{n} epochs", spec.epochs).format(n=spec.epochs),
        "patience": _("patience {n}").format(n=spec.patience),
        "seed": _("seed {n}").format(n=spec.seed),
    }
    if spec.architecture.startswith("conv") and not spec.pooling:
        parts = {"pooling": _("no pooling"), **parts}
    if spec.patience is None:
        del parts["patience"]
    return " · ".join(words for name, words in parts.items() if name not in but)


def metrics(run: Run, epochs: Sequence[Epoch], speed: tuple[float, float] | None) -> None:
    """The newest figures; once training has ended, the test figures take the place of speed and time left."""
    last = epochs[-1] if epochs else None
    figures = [
        (_("Epoch"), f"{run.epoch} / {run.spec.epochs}", None),
        (
            _("Training loss"),
            number(last and last.train_loss_eval),
            _("Over training images, with dropout off, at the end of the last epoch."),
        ),
        (
            _("Validation loss"),
            number(last and last.validation_loss),
            _("Over images held back from training, at the end of the last epoch."),
        ),
    ]
    if run.spec.task == "classifier":
        figures.append(
            (
                _("Validation accuracy"),
                percent(last and last.validation_accuracy),
                _("The share of validation images classified rightly."),
            )
        )
    if run.closed and run.status == "finished":
        figures.append((_("Test loss"), _("closed"), _("It is opened with the claim on its sweep.")))
        figures.append((_("Time taken"), duration(run.seconds), None))
    elif run.test_loss is None:
        figures.append((_("Images a second"), _("{n:,}").format(n=round(speed[0])) if speed else NONE, None))
        figures.append((_("Time left"), duration(speed and speed[1]), None))
    else:
        help_text = _("Over the test images, which played no part in training: the figure to report.")
        figures.append((_("Test loss"), number(run.test_loss), help_text))
        if run.spec.task == "classifier":
            figures.append((_("Test accuracy"), percent(run.test_accuracy), help_text))
        else:
            figures.append((_("Time taken"), duration(run.seconds), None))
    with st.grid(
        len(figures), min_column_width=100, gap="xsmall", vertical_alignment="bottom", key=f"metrics_{run.id}"
    ):
        for label, value, help_text in figures:
            st.metric(label, value, help=help_text)
