"""A spec of every kind of chart that has words within it."""

from typing import Any

from pages.parts.widgets import confusion_matrix, curves, seed_bands, seed_curves, seed_points, seed_values

CLASSES = ("a", "b")


def specs() -> dict[str, dict[str, Any]]:
    """By its name."""
    levels = ((0.1, "PCA, 8 components"),)
    titles = "true", "predicted"
    return {
        "curves": curves._spec(("a",), (), "x", "y", False, True, "", 300, levels),
        "bands": seed_bands._spec(("a",), ("x", "y", "low", "high"), "", 300, levels),
        "seed curves": seed_curves._spec(("a",), ("b",), "x", "y", "", 300, levels),
        "seed points": seed_points._spec(("a",), ("seed 0",), (), "x", "y", "", False),
        "seed values": seed_values._spec(("a",), ("1",), "", "x", "y", "", 300),
        "confusion": confusion_matrix._confusion_spec(CLASSES, *titles, None, "share", 300),
        "difference": confusion_matrix._difference_spec(CLASSES, *titles, "change", 300),
    }
