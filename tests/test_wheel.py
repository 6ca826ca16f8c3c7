"""The wheel, installed on its own, is the whole lab: command line, pages, data, trained models.

What it depends on comes from this environment instead of an index; a test of its own sees that the wheel
asks for it.
"""

import subprocess
import sys
import sysconfig
import venv
from email.message import Message
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.sync_api import expect, sync_playwright

from fmnist_core.replication.evidence import records
from tests.browser import driver
from tests.browser.driver import ROOT

pytestmark = pytest.mark.deployment
SITE_PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh virtual environment that holds the wheel, and borrows its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "venv"
    venv.create(environment, symlinks=True)
    (environment / SITE_PACKAGES / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(environment),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return environment


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def run(installed: Path, folder: Path, *words: str) -> str:
    done = subprocess.run([installed / "bin/fmnist-lab", *words], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_commands_work_from_an_empty_folder(installed: Path, empty_folder: Path):
    assert "r1-n64 " in run(installed, empty_folder, "recipes")
    runs = len(records.SHIPPED.read_bytes().splitlines())
    assert f"{runs} runs in " in run(installed, empty_folder, "verify", "--check")
    spec = empty_folder / "spec.json"
    spec.write_text(
        '{"architecture": "ff_autoencoder", "epochs": 1, "train_size": 500, "validation_size": 100}'
    )
    assert "test loss" in run(installed, empty_folder, "train", str(spec))


def test_the_app_serves_pages_and_trained_models(installed: Path, empty_folder: Path, tmp_path: Path):
    command = [str(installed / "bin/fmnist-lab"), "app"]
    with (
        driver.serve(tmp_path / "home", command=command, folder=empty_folder) as server,
        sync_playwright() as playwright,
    ):
        page = driver.new_learner(driver.launch(playwright), locale="es-AR").new_page()
        driver.open_page(page, server.url)
        expect(page.get_by_role("link", name="Los datos", exact=True)).to_be_visible()
        expect(page.get_by_alt_text("Original, reconstrucción y error").first).to_be_visible()
    assert list(empty_folder.iterdir()) == []


def test_no_general_name_is_taken(installed: Path):
    """Neither `app` nor `pages` can be imported where the lab is installed."""
    names = {path.name for path in (installed / SITE_PACKAGES).iterdir() if path.name != "borrowed.pth"}
    assert {name for name in names if not name.startswith("fmnist_")} == set()


def test_the_wheel_asks_for_what_is_pinned(installed: Path):
    (folder,) = (installed / SITE_PACKAGES).glob("fmnist_lab-*.dist-info")
    metadata: Message = PathDistribution(folder).metadata
    wanted = {Requirement(text) for text in metadata.get_all("Requires-Dist")}
    development = {r for r in wanted if "extra" in str(r.marker)}
    assert {pinned(r) for r in wanted - development} == pins("requirements.txt")
    assert {pinned(r) for r in development} == pins("requirements-dev.txt")


def pins(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {pinned(Requirement(line)) for line in lines if line and not line.startswith(("#", "-r"))}


def pinned(requirement: Requirement) -> str:
    """In one spelling: what builds the wheel writes names as it likes."""
    extras = ",".join(sorted(requirement.extras))
    return f"{canonicalize_name(requirement.name)}[{extras}]{requirement.specifier}"
