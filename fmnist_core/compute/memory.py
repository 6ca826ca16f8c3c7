"""Says whether a worker ended because memory ran out: by the word of its limit, or of the kernel.

A worker's nanny ends it when it takes more than its limit, and logs that with the scheduler. The kernel
counts the processes that it has killed for want of memory, which says something of workers on this machine.
"""

from __future__ import annotations

from pathlib import Path

from fmnist_core.compute.client import Connection

LIMIT_EXCEEDED = "worker-restart-memory"  # the nanny's topic; its events name the worker's address
KERNEL_COUNTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control", "/proc/vmstat")


def kernel_kills() -> int:
    """How many processes the kernel has killed for want of memory, as far as it says so here.

    A container's own count is believed before the machine's, which has those of its neighbours, too.
    """
    counts = (_count(Path(file)) for file in KERNEL_COUNTS)
    return next((count for count in counts if count is not None), 0)


async def ran_out(connection: Connection, worker: str, kills_before: int) -> bool:
    """Whether memory ended the worker; `kills_before` is the kernel's count when its work began."""
    if connection.launched is not None and kernel_kills() > kills_before:
        return True
    events = await connection.client.get_events(LIMIT_EXCEEDED)
    return any(event["worker"] == worker for _time, event in events)


def _count(file: Path) -> int | None:
    """The kernel's `oom_kill` in a file of lines like `oom_kill 3`, if it is there and has one."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)
