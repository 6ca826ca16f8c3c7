"""A claim's picture, small: every seed of its own, as SVG that takes its ink from the text around it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.replication.claims import Claim, picture
from fmnist_core.replication.claims.claim import Confusion, Curves, Points
from fmnist_core.replication.evidence.records import Records

WIDTH, HEIGHT, PAD = 280, 72, 7
DASHES = ("", "5 2", "1.5 2", "6 2 1.5 2", "8 3", "3 1.5")


def thumbnail(claim: Claim, records: Records) -> str:
    """The claim's first picture of which there is evidence, as an SVG element; nothing if there is none."""
    for drawn in claim.pictures:
        match drawn:
            case Points():
                shapes = _points(claim, drawn, records)
            case Curves():
                shapes = _curves(claim, drawn, records)
            case Confusion():
                shapes = _matrix(claim, drawn, records)
        if shapes:
            return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{shapes}</svg>'
    return ""


def _points(claim: Claim, drawn: Points, records: Records) -> str:
    """A line and dots for each seed, from left to right in the order of the experiments."""
    points = [point for point in picture.points(claim, drawn, records) if math.isfinite(point.y)]
    if not points:
        return ""
    columns = [drawn.experiments.index(point.experiment) for point in points]
    xs = _fitted(columns, WIDTH, 0, max(len(drawn.experiments) - 1, 1))
    ys = [HEIGHT - y for y in _fitted([point.y for point in points], HEIGHT)]
    seeds = sorted({point.seed for point in points})
    shapes = ""
    for k, seed in enumerate(seeds):
        of_seed = [(x, y) for point, x, y in zip(points, xs, ys, strict=True) if point.seed == seed]
        shapes += _line(sorted(of_seed), k, 0.6)
        colour = _colour(k)
        shapes += "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in of_seed)
    return shapes


def _curves(claim: Claim, drawn: Curves, records: Records) -> str:
    """A thin line for each run, coloured by experiment."""
    lines = [line for line in picture.lines(claim, drawn, records) if np.isfinite(line.values).sum() > 1]
    if not lines:
        return ""
    # The first epochs may tower over all that matters.
    every = np.concatenate([line.values[np.isfinite(line.values)] for line in lines])
    low, high = np.quantile(every, [0.0, 0.98])
    longest = max(len(line.values) for line in lines)
    shapes = ""
    for line in lines:
        points = np.unique(np.linspace(0, len(line.values) - 1, 40).round().astype(int))
        values = np.clip(np.nan_to_num(line.values[points], nan=high), low, high)
        xs = _fitted(points.tolist(), WIDTH, 0, max(longest - 1, 1))
        ys = [HEIGHT - y for y in _fitted(values.tolist(), HEIGHT, low, high)]
        shapes += _line(list(zip(xs, ys, strict=True)), drawn.experiments.index(line.experiment), 0.9)
    return shapes


def _matrix(claim: Claim, drawn: Confusion, records: Records) -> str:
    """Each seed's matrix, side by side."""
    shapes, side = "", (HEIGHT - 2) / 10
    for k, matrix in enumerate(picture.matrices(claim, drawn, records)[:3]):
        shares = matrix.counts / np.maximum(matrix.counts.sum(axis=1, keepdims=True), 1)
        shapes += "".join(
            f'<rect x="{k * (WIDTH - 10 * side) / 2 + j * side:.1f}" y="{1 + i * side:.1f}" '
            f'width="{side:.1f}" height="{side:.1f}" fill="{_colour(0)}" fill-opacity="{share:.2f}"/>'
            for (i, j), share in np.ndenumerate(shares)
            if share >= 0.02
        )
    return shapes


def _line(places: Sequence[tuple[float, float]], k: int, opacity: float) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return (
        f'<polyline points="{path}" fill="none" stroke="{_colour(k)}" stroke-width="1.4" '
        f'stroke-opacity="{opacity}" stroke-dasharray="{DASHES[k % len(DASHES)]}"/>'
    )


def _colour(k: int) -> str:
    colours = st.get_option("theme.chartCategoricalColors")
    return colours[k % len(colours)]


def _fitted(
    values: Sequence[float], room: float, low: float | None = None, high: float | None = None
) -> list[float]:
    """Numbers as places between the edges of the picture; what does not vary goes to the middle."""
    low = min(values) if low is None else low
    high = max(values) if high is None else high
    if high <= low:
        return [room / 2] * len(values)
    return [PAD + (room - 2 * PAD) * (value - low) / (high - low) for value in values]
