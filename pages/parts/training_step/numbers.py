"""Numbers of a step, which may be very small: in text "1.2 × 10⁻⁵", in a formula the same in TeX."""

from __future__ import annotations

from pages.parts.base.formatting import figure

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def words(value: float, digits: int = 4) -> str:
    """Significant digits, with a sign where it is below zero."""
    mantissa, exponent = _written(value, digits)
    return mantissa if exponent is None else f"{mantissa} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def tex(value: float, digits: int = 4) -> str:
    mantissa, exponent = _written(value, digits)
    number = mantissa.replace("\N{MINUS SIGN}", "-").replace(",", "{,}")
    return number if exponent is None else rf"{number}\cdot 10^{{{exponent}}}"


def lines(*formulas: str) -> str:
    """One below the other, for a narrow page."""
    return r"\begin{array}{l}" + r" \\ ".join(formulas) + r"\end{array}"


def in_brackets(value: float, digits: int = 4) -> str:
    """In TeX, for behind another sign."""
    return rf"({tex(value, digits)})" if value < 0 else tex(value, digits)


def _written(value: float, digits: int) -> tuple[str, int | None]:
    value = value or 0.0  # no number is written −0
    mantissa, e, exponent = figure(value, f".{digits}g").partition("e")
    return mantissa, int(exponent.replace("\N{MINUS SIGN}", "-")) if e else None
