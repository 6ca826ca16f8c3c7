"""Whether the server is well, for those who look after it: `/healthz` in JSON, `/metrics` for Prometheus.

Both answer from memory, so they answer at once whatever the database and the workers do.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route

from pages.parts.base import services
from pages.server.middleware import COUNTS

STATES = ("starting", "ready", "failed")


async def healthz(_request: Request) -> JSONResponse:
    """200 as long as pages are served; `engine` says whether training goes on."""
    return JSONResponse({"status": "ok", "engine": _state()})


async def metrics(_request: Request) -> PlainTextResponse:
    """Counters and gauges in Prometheus' text format, version 0.0.4."""
    lines = [
        *_metric("fmnist_sockets", "gauge", "Open websockets, one a browser tab.", COUNTS["sockets"]),
        *_metric("fmnist_requests_total", "counter", "Requests handed to Streamlit.", COUNTS["passed"]),
        *_metric(
            "fmnist_requests_replaced_total",
            "counter",
            "Requests left out since a newer one said everything.",
            COUNTS["replaced"],
        ),
        *_metric(
            "fmnist_looks_left_out_total",
            "counter",
            "Looks by a tab's timer that would have shown nothing new, or came too early for the load.",
            COUNTS["skipped"],
        ),
        *_metric(
            "fmnist_requests_dropped_total",
            "counter",
            "Requests of a kind that the lab does not answer.",
            COUNTS["dropped"],
        ),
        *_metric(
            "fmnist_sockets_hung_up_total",
            "counter",
            "Websockets that sent more than a browser does.",
            COUNTS["hung_up"],
        ),
        *_metric(
            "fmnist_sockets_refused_total",
            "counter",
            "Websockets beyond what one address may hold.",
            COUNTS["refused"],
        ),
        "# HELP fmnist_engine How the engine is.",
        "# TYPE fmnist_engine gauge",
        *(f'fmnist_engine{{state="{state}"}} {int(state == _state())}' for state in STATES),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _metric(name: str, kind: str, meaning: str, value: int) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value}"]


def _state() -> str:
    engine = services.started()
    return "starting" if engine is None else engine.state


ROUTES: list[BaseRoute] = [Route("/healthz", healthz), Route("/metrics", metrics)]
