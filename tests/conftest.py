"""What every test stands on: a lab of its own in a fresh folder, the real data, and the sample."""

import gzip
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from fmnist_core.data import fashion_mnist, folders

pytest_plugins = [
    "pytester",
    "tests.cluster_processes",
    "tests.databases",
    "tests.no_skips",
    "tests.quick_tests",
    "tests.worker_here",
]
# Threads that spin while they wait for one another starve the processes beside them; torch reads this once.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell hands it on to what it starts with &
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("lab", deadline=None)  # other people's work on the machine is no failure of ours
settings.load_profile("lab")


def pytest_configure(config: pytest.Config) -> None:
    """Tests and their workers train on the processor, but for a GPU's own, or where the shell names one."""
    if config.option.markexpr != "cuda":
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


# Fixtures that start processes or read 70,000 images: what uses one is left to the whole suite.
SLOW_FIXTURES = {"full_data", "lab", "launched", "address", "training"}


# What takes a minute in one file begins first, or one process would end long after the other.
LONG_FILES = ("test_deployment.py", "test_wheel.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG_FILES)
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _lab_of_the_session(tmp_path_factory: pytest.TempPathFactory):
    """Keeps every test away from the user's own lab, and unpacks the full data once for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("FMNIST_SCHEDULER", raising=False)
        patch.setenv("FMNIST_PRECISION", "float32")  # what oracles calculate in, whatever the processor
        if "FMNIST_DATA" not in os.environ and fashion_mnist.has_all_files(folders.cache_folder()):
            patch.setenv("FMNIST_DATA", str(folders.cache_folder()))
        patch.setenv("FMNIST_HOME", str(tmp_path_factory.mktemp("home")))
        dataset = fashion_mnist.load(strict=True)
        if isinstance(dataset.train_images, np.memmap):
            patch.setenv("FMNIST_DATA", str(Path(dataset.train_images.filename).parent))
        yield


@pytest.fixture(autouse=True)
def _home_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_HOME", str(home))


@pytest.fixture(scope="session")
def full_data(_lab_of_the_session) -> fashion_mnist.Dataset:
    """The 70,000 images. Without them CI fails; a developer's machine may be without."""
    dataset = fashion_mnist.load()
    if not dataset.is_full:
        pytest.skip("the full data is not on this machine: python -m fmnist_core data")
    return dataset


@pytest.fixture(scope="session")
def pdflatex() -> None:
    """For what compiles. Without TeX CI fails; a developer's machine may be without."""
    if shutil.which("pdflatex") is None:
        pytest.skip("there is no pdflatex")


@pytest.fixture(scope="session")
def sample_data(_lab_of_the_session) -> fashion_mnist.Dataset:
    """The 8,000 images that ship with the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
        return fashion_mnist.load(strict=True)


@pytest.fixture(scope="session")
def plain_files(full_data: fashion_mnist.Dataset) -> Path:
    """The folder of the four unpacked files."""
    return Path(full_data.train_images.filename).parent


@pytest.fixture(scope="session")
def packed_folder(plain_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the four .gz files, packed by someone else than Debian, as a downloader would have them."""
    folder = tmp_path_factory.mktemp("packed")
    for file in fashion_mnist.FULL.values():
        content = (plain_files / file.name).read_bytes()
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(content, 1))
    return folder


@pytest.fixture
def only_the_sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A machine with nothing but the project itself."""
    monkeypatch.delenv("FMNIST_DATA", raising=False)
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "no-such-package")
