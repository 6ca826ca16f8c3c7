"""The folders of the lab: its home, what lies there, and the trained models that it ships."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

SHIPPED_MODELS = Path(__file__).parents[2] / "models_pretrained"


def home() -> Path:
    """Where everything lies that outlives a process: FMNIST_HOME, or else the user's data folder."""
    return Path(os.environ.get("FMNIST_HOME") or platformdirs.user_data_dir("fmnist-lab")).absolute()


def cache_folder() -> Path:
    """Where the unpacked files of the data set lie that every process maps."""
    return home() / "data"
