"""The processes of clusters that tests launch: found, killed as the system would, and none left behind.

One that outlives its tests takes the cores of others, and its workers pass for theirs.
"""

from collections.abc import Iterator

import psutil
import pytest

from tests.waiting import wait_for


def clusters() -> list[psutil.Process]:
    """Those that this process has launched."""
    return [p for p in psutil.Process().children() if "fmnist_core.compute.cluster" in _command(p)]


def workers() -> list[psutil.Process]:
    """Those of its clusters: they have made themselves nicer than this process is."""
    mine = psutil.Process().nice()
    return [p for cluster in clusters() for p in _below(cluster) if _is_nicer(p, mine)]


def kill_workers() -> None:
    """As the system does when memory runs out."""
    for process in wait_for(workers):
        process.kill()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Fails the last test of a module after which a cluster lives on."""
    result = yield
    if nextitem is None or nextitem.path != item.path:
        wait_for(lambda: not clusters(), seconds=5)
    return result


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _is_nicer(process: psutil.Process, nice: int) -> bool:
    try:
        return process.nice() > nice and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
