"""Words in charts can be read: at least 4.5 to 1 against what they stand on, computed from spec and theme."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pages.parts.widgets import chart, confusion_matrix
from pages.parts.widgets.chart import INKS, NOTED, QUIET_INKS, by_theme
from tests.pages.chart_samples import specs

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text())["theme"]


LEAST = 4.5


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def luminance(colour: np.ndarray) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def inks(spec: dict[str, Any], scheme: str, ground: np.ndarray) -> Iterator[np.ndarray]:
    """The colour of every text in the spec on this ground."""
    for layer in spec.get("layer", (spec,)):
        mark, encoded = layer["mark"], layer["encoding"].get("color", {})
        if mark["type"] != "text":
            continue
        if mark.get("style") == NOTED:
            yield rgb(QUIET_INKS[scheme])
        elif "condition" in encoded:
            (pale,) = encoded["condition"]
            limit = float(re.fullmatch(r"luminance\(scale\(.+\)\) > ([\d.]+)", pale["test"])[1])
            yield rgb(pale["value"] if luminance(ground) > limit else encoded["value"])
        else:
            assert mark["color"] == by_theme(INKS)
            yield rgb(INKS[scheme])


def grounds(name: str, theme: dict[str, Any]) -> list[np.ndarray]:
    """All colours that text may stand on in this chart."""
    page = rgb(theme["backgroundColor"])
    if name == "confusion":
        ramp = np.array([rgb(colour) for colour in theme["chartSequentialColors"]])
        places = np.linspace(0, len(ramp) - 1, 500)
        return list(np.stack([np.interp(places, range(len(ramp)), ramp[:, k]) for k in range(3)], axis=1))
    if name == "difference":
        fills = rgb(confusion_matrix.MORE), rgb(confusion_matrix.LESS)
        return [page + strength * (fill - page) for fill in fills for strength in np.linspace(0.04, 0.7, 50)]
    return [page]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_in_a_chart_can_be_read(scheme: str):
    seen = set()
    for name, spec in specs().items():
        for ground in grounds(name, THEMES[scheme]):
            for ink in inks(spec, scheme, ground):
                assert contrast(ink, ground) >= LEAST, name
                seen.add(name)
    assert seen == {"curves", "confusion", "difference"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axes_and_legends_can_be_read(scheme: str):
    assert contrast(rgb(QUIET_INKS[scheme]), rgb(THEMES[scheme]["backgroundColor"])) >= LEAST


def test_notes_have_their_ink_as_a_colour_which_alone_replaces_the_black_of_text():
    """Vega-Lite looks for a fill only after its own default colour."""
    assert chart._text({}, large=False)["style"][NOTED]["color"] == by_theme(QUIET_INKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_tells_the_themes_apart_by_their_ground(scheme: str):
    """0.5 is where `by_theme` divides them."""
    assert (luminance(rgb(THEMES[scheme]["backgroundColor"])) > 0.5) == (scheme == "light")


def test_contrast_is_that_of_the_standard():
    white, black, grey = rgb("#FFFFFF"), rgb("#000000"), rgb("#767676")
    assert contrast(white, black) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ring_of_the_focus_stands_out(scheme: str):
    """3 to 1, as the standard asks of what is no text; on the page and on what is chosen."""
    styles = (Path(__file__).parents[2] / "pages/parts/frame/frame.css").read_text()
    ring = rgb(re.search(r"--lab-focus: (#\w{6})", styles)[1])
    assert contrast(ring, rgb(THEMES[scheme]["backgroundColor"])) >= 3
    assert contrast(ring, rgb(THEMES[scheme]["secondaryBackgroundColor"])) >= 3
