"""The five course reports as data: what was asked, every experiment at full length, the published figures."""

from fmnist_core.replication.recipes import r1, r2, r3, r4, r5
from fmnist_core.replication.recipes.report import Experiment, Report

REPORTS: dict[str, Report] = {part.REPORT.id: part.REPORT for part in (r1, r2, r3, r4, r5)}
EXPERIMENTS: dict[str, Experiment] = {e.id: e for report in REPORTS.values() for e in report.experiments}

__all__ = ["EXPERIMENTS", "REPORTS"]
