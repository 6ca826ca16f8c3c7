"""Whether memory ended a worker: by the kernel's counts, in the formats it writes, and by a real limit."""

import asyncio
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

from fmnist_core.compute import cluster, memory
from fmnist_core.compute.client import Connection

CGROUP_2 = "low 0\nhigh 12\nmax 408\noom 4\noom_kill {}\noom_group_kill 0\n"
CGROUP_1 = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"
OLD_CGROUP_1 = "oom_kill_disable 0\nunder_oom 0\n"  # before Linux 4.13 it did not count
VMSTAT = "nr_free_pages 81542\npgfault 199271\noom_kill {}\ncompact_stall 3\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where cgroups of version 2 and 1, and the machine, would have their counts."""
    places = [tmp_path / name for name in ("memory.events", "memory.oom_control", "vmstat")]
    monkeypatch.setattr(memory, "KERNEL_COUNTS", tuple(map(str, places)))
    return places


def test_each_format_is_read(files: list[Path]):
    assert memory.kernel_kills() == 0, "where the kernel says nothing"
    files[2].write_text(VMSTAT.format(5))
    assert memory.kernel_kills() == 5
    files[1].write_text(OLD_CGROUP_1)
    assert memory.kernel_kills() == 5
    files[1].write_text(CGROUP_1.format(2))
    assert memory.kernel_kills() == 2
    files[1].unlink()
    files[0].write_text(CGROUP_2.format(1))
    assert memory.kernel_kills() == 1


def test_a_kill_next_door_is_no_word_about_this_container(files: list[Path]):
    files[0].write_text(CGROUP_2.format(1))
    files[2].write_text(VMSTAT.format(5))
    before = memory.kernel_kills()
    files[2].write_text(VMSTAT.format(6))
    assert memory.kernel_kills() == before


def test_this_machines_own_files_are_read():
    """Linux has counted since 4.13, in `/proc/vmstat` at least."""
    assert "oom_kill " in Path("/proc/vmstat").read_text()
    assert memory.kernel_kills() >= 0


def devour() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(20_000_000))


@pytest.mark.slow
def test_a_worker_over_its_limit_is_known_by_its_nannys_word_and_no_other_is():
    """With Dask's own nanny under the lab's settings, which ends what takes more than 95 % of its limit."""

    async def over_the_limit() -> tuple[bool, bool]:
        async with (
            LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                memory_limit="600MB",
                dashboard_address=":0",
                asynchronous=True,
            ) as both,
            Client(both, asynchronous=True, set_as_default=False) as client,
        ):
            greedy, modest = [worker.worker_address for worker in both.workers.values()]
            connection = Connection(client, launched=None)
            assert not await memory.ran_out(connection, greedy, 0)
            future = client.submit(devour, workers=[greedy], pure=False)
            for _ in range(600):
                if await memory.ran_out(connection, greedy, 0):
                    break
                await asyncio.sleep(0.1)
            del future
            return await memory.ran_out(connection, greedy, 0), await memory.ran_out(connection, modest, 0)

    with dask.config.set(cluster.SETTINGS):
        assert asyncio.run(over_the_limit()) == (True, False)
