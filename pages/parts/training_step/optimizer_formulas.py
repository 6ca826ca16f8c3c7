"""The rules of SGD, momentum and Adam, each with the numbers of one weight in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.parts.training_step.numbers import in_brackets, lines, tex

BETA_M, BETA_V, EPSILON = 0.9, 0.999, 1e-8  # as the lab's Adam has them
Found = dict[str, np.ndarray]


def _sgd(found: Found, rate: float, momentum: float, step: int) -> None:
    w, g = float(found["value"]), float(found["gradient"])
    _show(r"w \leftarrow w - \eta\, g", rf"{tex(w)} - {tex(rate)}\cdot {in_brackets(g)}")


def _momentum(found: Found, rate: float, momentum: float, step: int) -> None:
    w, g = float(found["value"]), float(found["gradient"])
    (ahead,), (behind,) = found["momentum.memory"].tolist()
    mixed = rf"{tex(momentum)}\cdot {in_brackets(ahead)} + {in_brackets(g)}"
    _show(r"v \leftarrow \mu\, v + g", mixed, tex(behind))
    _show(r"w \leftarrow w - \eta\, v", rf"{tex(w)} - {tex(rate)}\cdot {in_brackets(behind)}")


def _adam(found: Found, rate: float, momentum: float, step: int) -> None:
    w, g = float(found["value"]), float(found["gradient"])
    (m_ahead, v_ahead), (m, v) = found["adam.memory"].tolist()
    m_hat, v_hat = m / (1 - BETA_M**step), v / (1 - BETA_V**step)
    mixed = rf"{tex(BETA_M)}\cdot {in_brackets(m_ahead)} + {tex(1 - BETA_M)}\cdot {in_brackets(g)}"
    _show(r"m \leftarrow \beta_1 m + (1-\beta_1)\, g", mixed, tex(m))
    mixed = rf"{tex(BETA_V)}\cdot {in_brackets(v_ahead)} + {tex(1 - BETA_V)}\cdot ({tex(g)})^2"
    _show(r"v \leftarrow \beta_2 v + (1-\beta_2)\, g^2", mixed, tex(v))
    _show(r"\hat m = m \,/\, (1-\beta_1^t)", rf"{tex(m)} \,/\, (1 - {tex(BETA_M)}^{{{step}}})", tex(m_hat))
    _show(r"\hat v = v \,/\, (1-\beta_2^t)", rf"{tex(v)} \,/\, (1 - {tex(BETA_V)}^{{{step}}})", tex(v_hat))
    step_size = m_hat / (v_hat**0.5 + EPSILON)
    divided = rf"{tex(m_hat)} \,/\, (\sqrt{{{tex(v_hat)}}} + {tex(EPSILON)})"
    _show(r"d = \hat m \,/\, (\sqrt{\hat v} + \varepsilon)", divided, tex(step_size))
    _show(r"w \leftarrow w - \eta\, d", rf"{tex(w)} - {tex(rate)}\cdot {in_brackets(step_size)}")


def _show(rule: str, *numbers: str) -> None:
    st.latex(lines(rule, *(f"= {number}" for number in numbers)))


FORMULAS: dict[str, Callable[[Found, float, float, int], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "adam": _adam,
}
