"""How the lab bears many learners, measured by a client of Streamlit's own protocol.

    python -m benchmarks.load --learners 30 --seconds 300    each trains a run and looks at it once a second
    python -m benchmarks.load --watchers 100                 of one run, by its link
    python -m benchmarks.load --watchers 100 --webs 3        web processes on one store, behind nginx
    python -m benchmarks.load --soak 3600                    learners come and go; memory of every process
    python -m benchmarks.load --faults 7 --seconds 1200      the faults of a seed's plan, in the middle of it
    python -m benchmarks.load --faults 7 --postgres          the same on Postgres, which has faults of its own

A server of its own with a store of its own, on this machine, which the client shares.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.load import scenarios
from benchmarks.load.faults import Lab
from fmnist_core.data import fashion_mnist
from tests.browser import driver
from tests.databases import running_postgres
from tests.server.proxy import nginx


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.splitlines()[0])
    scenario = parser.add_mutually_exclusive_group(required=True)
    scenario.add_argument("--learners", type=int, metavar="N", help="each with a run of its own")
    scenario.add_argument("--watchers", type=int, metavar="N", help="of one run")
    scenario.add_argument("--soak", type=float, metavar="SECONDS", help="ten learners who come and go")
    scenario.add_argument("--faults", type=int, metavar="SEED", help="thirty learners, and faults")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--postgres", action="store_true", help="a store in Postgres, for faults")
    parser.add_argument("--webs", type=int, default=1, metavar="N", help="web processes on one store")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server ends, too
    fashion_mnist.load()
    print(f"{os.cpu_count()} cores; load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as home, serve(Path(home), options.webs, options.postgres) as lab:
        server = lab.server
        if options.learners:
            test = scenarios.learners(server, options.learners, options.seconds)
        elif options.watchers:
            test = scenarios.watchers(server, options.watchers, options.seconds)
        elif options.soak:
            test = scenarios.soak(server, options.soak)
        else:
            test = scenarios.faults(lab, options.faults, options.seconds)
        result = asyncio.run(test)
    wrong = [f"WRONG: {sentence}" for sentence in result.figures.wrong]
    print("\n".join(result.lines + wrong))
    return 1 if wrong or (result.figures.dropped and options.faults is None) else 0


@contextmanager
def serve(home: Path, webs: int, on_postgres: bool) -> Iterator[Lab]:
    """The lab, once its workers are up. Several web processes share a store; the first one stands for all."""
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres()) if on_postgres else None
        shared = {"DATABASE_URL": postgres.url} if postgres else {}
        if webs > 1:
            shared = {"DATABASE_URL": f"sqlite:///{home / '0' / 'lab.db'}", "FMNIST_WORKERS": "1"} | shared
        servers = [stack.enter_context(driver.serve(home / str(k), **shared)) for k in range(webs)]
        for server in servers:
            asyncio.run(scenarios.ready(server))
        if webs > 1:
            ports = [int(server.url.rsplit(":", 1)[1]) for server in servers]
            servers[0].url = stack.enter_context(nginx(home, ports))
        yield Lab(servers[0], postgres)


if __name__ == "__main__":
    sys.exit(main())
