"""Takes the optimizer's memory, with Adam two thirds, out of checkpoints of runs that ended some time ago.

A run that can be trained again has its memory again by that, bit for bit, when it is to go on. Functions work
inside the caller's transaction, and leave its end to the caller.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from safetensors import SafetensorError
from safetensors import numpy as safetensors
from sqlalchemy import Connection, select, update

from fmnist_core.spec import RunSpec
from fmnist_core.store import rows, schema
from fmnist_core.store.rows import Unreadable
from fmnist_core.store.status import OPEN

WHOLE_RUNS = 2  # the newest of a learner's runs that have ended: more epochs for them begin at once
AT_ONCE = 4  # runs looked at, so that a slice of training never waits long
MEMORY = "optimizer."


def lighten(connection: Connection, just_ended: str) -> bool:
    """Leaves whole states only to the newest runs that have ended of the learner whose run just has.

    Says whether any was made smaller. A damaged state is left as it is: whoever reads it is told so.
    """
    run, last = schema.runs.c, schema.checkpoints.c
    mine = schema.runs.alias().c
    learner = select(mine.learner).where(mine.id == just_ended)
    ended = (
        select(run.id, run.spec)
        .join_from(schema.runs, schema.checkpoints)
        .where(run.learner == learner.scalar_subquery(), run.id != just_ended, run.end_reason.is_not(None))
        .where(run.status.not_in((*OPEN, "paused")), run.repeatable, last.whole)
        .order_by(run.created.desc(), run.id)
    )
    older = [row.id for row in connection.execute(ended) if _remembers(row.spec)][WHOLE_RUNS - 1 :]
    some = False
    for run_id in _in_turn(older, just_ended):
        query = select(last.step, last.state, last.checksum).where(last.run_id == run_id)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None or not rows.is_intact(row.state, row.checksum):
            continue
        try:
            lighter = without_memory(row.state)
        except (SafetensorError, ValueError, KeyError):  # of before there were checksums
            continue
        values = {"state": lighter, "checksum": rows.checksum(lighter), "whole": False}
        connection.execute(update(schema.checkpoints).where(last.run_id == run_id).values(values))
        some = True
    return some


def _in_turn(older: Sequence[str], just_ended: str) -> list[str]:
    """`AT_ONCE` of them: others each time, so that damaged ones are not all that is ever looked at."""
    return random.Random(just_ended).sample(older, min(AT_ONCE, len(older)))


def without_memory(state: bytes) -> bytes:
    """A saved training state with everything in it but what its optimizer remembers."""
    length = int.from_bytes(state[:8], "little")
    header = json.loads(state[8 : 8 + length])["__metadata__"]
    tensors = safetensors.load(state)
    return safetensors.save(
        {name: tensor for name, tensor in tensors.items() if not name.startswith(MEMORY)}, header
    )


def _remembers(text: str) -> bool:
    try:
        spec: RunSpec = rows.spec_of(text)
    except Unreadable:
        return False
    return spec.optimizer == "adam" or spec.momentum > 0
