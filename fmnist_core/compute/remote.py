"""The functions that Dask is given to run on a worker.

They name the modules of `nets` instead of importing them, so that the process that sends a request never
loads torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from fmnist_core.messages import Answer, SliceRequest, SliceResult, TrialRequest, TrialResult, TrialStart


def advance(request: SliceRequest) -> SliceResult:
    return import_module("fmnist_core.nets.worker.slices").advance_slice(request)


def answer(query: str, arguments: Mapping[str, Any]) -> Answer:
    return import_module("fmnist_core.nets.worker.slices").ask(query, arguments)


def advance_run(request: TrialRequest, start: TrialStart | None = None) -> TrialResult:
    return import_module("fmnist_core.nets.worker.trial_run").advance_run(request, start)


def fingerprint(weights: bytes) -> str:
    return import_module("fmnist_core.nets.worker.trial_run").fingerprint(weights)
