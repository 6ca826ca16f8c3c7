"""The evidence that the lab ships, parsed and judged once, for every page that shows results.

A file that cannot be relied on is no reason to show nothing: pages get no evidence, and why.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist_core.exports.manifest import provenance_of_record
from fmnist_core.replication.claims import CLAIMS
from fmnist_core.replication.claims.judge import Verdict, arranged, judge
from fmnist_core.replication.claims.published import Comparison, comparisons
from fmnist_core.replication.evidence import records
from fmnist_core.replication.evidence.records import EvidenceError, Records
from fmnist_core.replication.hypotheses import STUDIES, TRAINED, Study
from fmnist_core.replication.hypotheses.screening import Tried, screen
from fmnist_core.replication.recipes import EXPERIMENTS, REPORTS
from pages.parts.base.i18n import _, say

FILE, SCREENED = records.SHIPPED, records.SCREENED


@dataclass(frozen=True, eq=False)
class Evidence:
    """`records` by experiment and seed; `verdicts` by claim, `compared` by report.

    `screened` are the runs for hypotheses, and `tried` what came of these, by study.
    """

    records: Records = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    compared: dict[str, list[Comparison]] = field(default_factory=dict)
    screened: Records = field(default_factory=dict)
    tried: dict[str, tuple[Tried, ...]] = field(default_factory=dict)

    def behind(self, experiments: Sequence[str]) -> list[Mapping[str, Any]]:
        """Where the figures of these come from, run by run."""
        runs = (run for id in experiments for run in self.records.get(id, {}).values())
        return [provenance_of_record(run) for run in runs]

    def behind_study(self, study: Study) -> list[Mapping[str, Any]]:
        """The same of what was tried to explain a study's figures."""
        ids = (*study.screened, *study.rest)
        tried = [id for id in self.screened if id.partition("+")[0] in ids]
        runs = (run for id in tried for run in self.screened[id].values())
        return [*self.behind(ids), *(provenance_of_record(run) for run in runs)]


def shipped_evidence() -> Evidence:
    """What there is; of a file that is damaged a sentence on the page, and nothing."""
    known = _read_or_say(
        FILE, _("The evidence that this lab ships cannot be read, so nothing below has figures of ours.")
    )
    screened = _read_or_say(
        SCREENED,
        _("The runs that test why figures differ cannot be read, so nothing below would explain them."),
    )
    return _judged(known, screened, _edition(FILE), _edition(SCREENED))


def _read_or_say(path: Path, trouble: str) -> Records:
    try:
        return _read(path, _edition(path))
    except EvidenceError as error:
        # The folder is nobody's business but the deployer's.
        where = say(error).replace(f"{path.parent}{os.sep}", "")
        st.warning(f"{trouble}\n\n{where}", icon=":material/broken_image:")
        return {}


def _edition(path: Path) -> tuple[int, int] | None:
    """What changes whenever the file does."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


@st.cache_resource(show_spinner=False, max_entries=4)
def _read(path: Path, edition: tuple[int, int] | None) -> Records:
    experiments, command = (TRAINED, records.SCREENS) if path == SCREENED else (EXPERIMENTS, "verify")
    return arranged(records.read(path, experiments, command))


@st.cache_resource(show_spinner=False, max_entries=2)
def _judged(_known: Records, _screened: Records, *editions: tuple[int, int] | None) -> Evidence:
    return Evidence(
        _known,
        {id: judge(claim, _known) for id, claim in CLAIMS.items()},
        {id: comparisons(report, _known) for id, report in REPORTS.items()},
        _screened,
        {study.id: screen(study, _known, _screened) for study in STUDIES},
    )
