"""The folders of the lab: its home, what lies there, what it serves, and the trained models that it ships."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

# What `streamlit run` serves: `app.py` and what stands beside it. A wheel has it in the folder `fmnist_lab`,
# so that neither `app` nor `pages` becomes a package of that name; a checkout is that folder itself.
PROJECT = Path(__file__).resolve().parents[2]
LAB = PROJECT / "fmnist_lab" if (PROJECT / "fmnist_lab").is_dir() else PROJECT
SHIPPED_MODELS = LAB / "models_pretrained"


def home() -> Path:
    """Where everything lies that outlives a process: FMNIST_HOME, or else the user's data folder."""
    return Path(os.environ.get("FMNIST_HOME") or platformdirs.user_data_dir("fmnist-lab")).absolute()


def cache_folder() -> Path:
    """Where the unpacked files of the data set lie that every process maps."""
    return home() / "data"
