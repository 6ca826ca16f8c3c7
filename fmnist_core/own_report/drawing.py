"""Draws charts as files, in a process of their own, since that takes more memory than a server can spare.

`python -m fmnist_core.own_report.drawing` reads charts from its input, as JSON, and answers with pictures.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fmnist_core.own_report.pin import Content, PinError
from fmnist_core.sentences import Sentence

SECONDS = 60.0
WIDTH, HEIGHT = 420, 260
FONT = "Liberation Sans, Arial, sans-serif"
PROJECT = Path(__file__).parents[2]
CANNOT = Sentence("The charts of this report cannot be drawn just now. Try again in a moment.")


def whole(chart: Content) -> dict[str, Any]:
    """A pinned chart as Vega-Lite that stands by itself, on white: the page's own spec and rows."""
    spec = json.loads(json.dumps(chart.data["spec"]))
    spec["data"] = {"values": chart.data["rows"]}
    spec.setdefault("width", WIDTH)
    if spec["width"] == "container":
        spec["width"] = WIDTH
    spec.setdefault("height", HEIGHT)
    config = spec.setdefault("config", {})
    config |= {"background": "white", "font": FONT}
    for part in ("axis", "legend", "header"):
        config[part] = {**config.get(part, {}), "labelColor": "#1B2330", "titleColor": "#1B2330"}
        config[part] |= {"labelFontSize": 12, "titleFontSize": 12}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec}


def drawn(charts: Sequence[Content], formats: Sequence[str]) -> list[dict[str, bytes]]:
    """For each chart its file in each of the formats "pdf" and "svg"; none of one that cannot be drawn.

    Raises `PinError` if nothing can be drawn here at all.
    """
    if not charts:
        return []
    order = {"charts": [whole(chart) for chart in charts], "formats": list(formats)}
    command = [sys.executable, "-m", "fmnist_core.own_report.drawing"]
    try:
        answer = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            cwd=PROJECT,
            check=True,
            timeout=SECONDS,
        ).stdout
        return [
            {name: base64.b64decode(content) for name, content in files.items()}
            for files in json.loads(answer)
        ]
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise PinError(CANNOT) from error


def _files(spec: Mapping[str, Any], formats: Sequence[str]) -> dict[str, str]:
    try:
        return {name: base64.b64encode(_draw(spec, name)).decode() for name in formats}
    except ValueError as error:
        print(error, file=sys.stderr)
        return {}


def _draw(spec: Mapping[str, Any], name: str) -> bytes:
    import vl_convert

    locale = spec.get("config", {}).get("locale", {}).get("number")
    options: dict[str, Any] = {"vl_version": "6.4", "vl_spec": dict(spec), "allowed_base_urls": []}
    if locale:
        options["format_locale"] = locale
    if name == "pdf":
        content: bytes = vl_convert.vegalite_to_pdf(**options)
        return content
    text: str = vl_convert.vegalite_to_svg(**options)
    return text.encode()


def main() -> None:
    order = json.load(sys.stdin)
    answer = [_files(spec, order["formats"]) for spec in order["charts"]]
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
