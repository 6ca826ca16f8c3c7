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
    result: SliceResult = import_module("fmnist_core.nets.worker.slices").advance_slice(request)
    return result


def answer(query: str, arguments: Mapping[str, Any]) -> Answer:
    answered: Answer = import_module("fmnist_core.nets.worker.slices").ask(query, arguments)
    return answered


def advance_run(request: TrialRequest, start: TrialStart | None = None) -> TrialResult:
    result: TrialResult = import_module("fmnist_core.nets.worker.trial_run").advance_run(request, start)
    return result


def fingerprint(weights: bytes) -> str:
    digest: str = import_module("fmnist_core.nets.worker.trial_run").fingerprint(weights)
    return digest
