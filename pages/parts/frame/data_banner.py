"""Which data is in use, when it is not all of it; and fetching the rest, in a process of its own.

A download outlives the page, the session and the click that began it. Whole files are kept, so one that was
interrupted goes on where it was.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fmnist_core.data import fashion_mnist, folders, idx
from pages.parts.base.i18n import _, say
from pages.parts.base.typed_text import as_typed

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "fmnist_core", "data")


@dataclass
class Download:
    """The one download of this server, if there is one."""

    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.running():
            return
        folders.home().mkdir(parents=True, exist_ok=True)
        with _log_file().open("wb") as output:
            self.process = subprocess.Popen(
                COMMAND, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def failed(self) -> bool:
        return self.process is not None and self.process.poll() not in (None, 0)

    def arrived(self) -> bool:
        """Whether a download has come to its end since this was last asked."""
        done = self.process is not None and self.process.poll() == 0
        if done:
            self.process = None
        return done


def _log_file() -> Path:
    return folders.home() / "download.log"


_download = (
    Download()
)  # owns a process, so it is not in Streamlit's cache, which any browser can have cleared


def data_banner() -> None:
    """A sentence about the data in use if it is the sample, or if better data was refused; else nothing."""
    if _download.arrived():
        fashion_mnist.forget()
    dataset = fashion_mnist.load()
    if dataset.problem:
        st.warning(as_typed(say(dataset.problem)), icon=":material/warning:")
    if not dataset.is_full:
        _sample(dataset, _download)


def _sample(dataset: fashion_mnist.Dataset, running: Download) -> None:
    with st.container(border=True, key="data_banner"):
        st.markdown(
            _(
                "The lab is using its sample of {images:,} images, enough to try everything. For results "
                "that compare with others, use all 70,000."
            ).format(images=len(dataset.train_labels) + len(dataset.test_labels))
        )
        if running.running():
            _progress()
            return
        st.button(
            _("Fetch all 70,000 images"),
            icon=":material/download:",
            key="data_fetch",
            on_click=running.start,
            help=_("About 30 MB, once. On Debian, the package dataset-fashion-mnist does as well."),
        )
        if running.failed():
            st.error(
                _(
                    "The download did not come to its end. Files that came whole are kept; check the "
                    "connection and the room on the disk, then try again. What happened is in {file}."
                ).format(file=_log_file())
            )


@st.fragment(run_every=1.0)
def _progress() -> None:
    if not _download.running():
        st.rerun()
    done = sum(idx.is_kept(file, folders.cache_folder()) for file in fashion_mnist.FULL.values())
    st.progress(
        done / len(fashion_mnist.FULL),
        text=_("Fetching: {kept} of {all} files are here. You can go on working.").format(
            kept=done, all=len(fashion_mnist.FULL)
        ),
    )
