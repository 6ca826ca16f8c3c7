"""The reports' sweeps, ready to be filled in: each in a length for a lesson, and in the report's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from fmnist_core.sentences import Sentence
from fmnist_core.spec import RunSpec
from pages.parts.base.i18n import _, say
from pages.parts.forms import form_values
from pages.parts.sweep import form

# A lesson takes minutes on a small laptop, and the effect can still be seen. Feed-forward networks are quick,
# and R1 trains them slowly, by plain SGD in large batches: so smaller batches, and more epochs.
LESSON = {"train_size": 4000, "validation_size": 1000, "epochs": 4}
LESSON_R1 = {**LESSON, "epochs": 20, "batch_size": 50}
SEEDS = 3
MENU = "sweep_presets"


@dataclass(frozen=True)
class Preset:
    """A study of a report that varies one setting of an autoencoder."""

    report: str
    title: Sentence
    vary: str
    specs: tuple[RunSpec, ...]

    def values(self, full: bool) -> dict[str, Any]:
        """What the form of an autoencoder's sweep then holds."""
        base = form_values.values_of(self.specs[0] if full else self._short())
        listed = sorted(self.specs, key=lambda spec: form.order(self.vary, spec))
        texts = ", ".join(form.text_of(self.vary, spec) for spec in listed)
        return {**base, "vary": self.vary, "values": texts, "seeds": str(SEEDS)}

    def _short(self) -> RunSpec:
        base = self.specs[0]
        wanted = LESSON if base.convolves else LESSON_R1
        others = {name: value for name, value in wanted.items() if name != self.vary}
        return base.changed(**others, patience=None)


@cache
def presets() -> tuple[Preset, ...]:
    listed = []
    for report in REPORTS.values():
        for study in report.studies:
            experiments = [EXPERIMENTS[id] for id in study.experiments]
            vary = study.varied[0]
            if (
                len(study.varied) == 1
                and vary in form.SUGGESTED
                and all(e.spec.task == "autoencoder" and not e.ours for e in experiments)
            ):
                listed.append(Preset(report.id, study.title, vary, tuple(e.spec for e in experiments)))
    return tuple(listed)


def preset_menu(fill: Callable[[dict[str, Any]], None]) -> None:
    """A menu under one button; `fill` takes the values of the form."""
    menu = st.popover(
        _("Sweeps of the reports"),
        icon=":material/menu_book:",
        key=MENU,
        width="stretch",
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu, st.container(gap="xxsmall"):
        full = st.segmented_control(
            _("Length"),
            (False, True),
            format_func={False: _("For a lesson"), True: _("Full length")}.get,
            default=False,
            key="sweep_full",
            required=True,
            width="stretch",
            help=_(
                "For a lesson: 4,000 images and a few epochs, which take minutes. Full length: as in the "
                "report, which can take hours; the forecast says how long."
            ),
            wrap=True,
        )
        for k, preset in enumerate(presets()):
            st.button(
                f"{preset.report} · {say(preset.title)}",
                key=f"sweep_preset_{k}",
                type="tertiary",
                on_click=_take,
                args=(fill, preset, bool(full)),
            )


def _take(fill: Callable[[dict[str, Any]], None], preset: Preset, full: bool) -> None:
    st.session_state[MENU] = False
    fill(preset.values(full))
