"""Whether the server is well, for those who look after it: `/healthz` in JSON, `/metrics` for Prometheus.

Both answer from memory, so they answer at once whatever the database and the workers do. And a test garment,
`/garments/7.png`, so that a chart of thousands can name their pictures instead of carrying them.
"""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from fmnist_core.data import fashion_mnist
from pages.parts.base import services
from pages.parts.widgets.mosaics import png
from pages.server.middleware import COUNTS

STATES = ("starting", "ready", "failed")
ENLARGED = 3  # a browser would blur what it enlarges itself


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


def garment(request: Request) -> Response:
    """A test image of the data in use as PNG, 84 pixels a side; 404 where there is no such image."""
    images, index = fashion_mnist.load().test_images, request.path_params["index"]
    if index >= len(images):
        return PlainTextResponse("There is no such garment.", 404)
    large = np.kron(images[index], np.ones((ENLARGED, ENLARGED), np.uint8))
    return Response(png(large), media_type="image/png", headers={"Cache-Control": "max-age=3600"})


def _metric(name: str, kind: str, meaning: str, value: int) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value}"]


def _state() -> str:
    engine = services.started()
    return "starting" if engine is None else engine.state


ROUTES: list[BaseRoute] = [
    Route("/healthz", healthz),
    Route("/metrics", metrics),
    Route("/garments/{index:int}.png", garment),
]
