"""The download, from a server on this machine that breaks off, corrupts or falls silent."""

import hashlib
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fmnist_core.__main__ import main
from fmnist_core.data import fashion_mnist, folders
from fmnist_core.nets.tools import download
from fmnist_core.nets.tools.torchvision_import import datasets

IMAGES = "train-images-idx3-ubyte.gz"


class Mirror:
    """Serves a folder. `spoil` turns a file's name and bytes into what is sent in place of the whole."""

    def __init__(self, folder: Path) -> None:
        self.spoil: Callable[[str, bytes], bytes] = lambda name, content: content
        self.silent: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.when_silent: Callable[[], None] = lambda: None
        self.hung_up = threading.Event()
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                mirror.asked[name] += 1
                content = (folder / name).read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    if name in mirror.silent:
                        self.wfile.write(content[: len(content) // 2])
                        mirror.when_silent()
                        mirror.hung_up.wait(20)
                    else:
                        self.wfile.write(mirror.spoil(name, content))
                except (BrokenPipeError, ConnectionResetError):
                    return  # torchvision asks once only to see where it is sent on to

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture(scope="module")
def checksums(packed_folder: Path) -> list[tuple[str, str]]:
    names = [f"{file.name}.gz" for file in fashion_mnist.FULL.values()]
    return [(name, hashlib.md5((packed_folder / name).read_bytes()).hexdigest()) for name in names]


@pytest.fixture
def mirror(packed_folder: Path, checksums, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    mirror = Mirror(packed_folder)
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [mirror.url])
    monkeypatch.setattr(datasets.FashionMNIST, "resources", checksums)
    thread = threading.Thread(target=mirror.server.serve_forever, args=(0.05,))
    thread.start()
    yield mirror
    mirror.hung_up.set()
    mirror.server.shutdown()
    mirror.server.server_close()
    thread.join()


def files_in(cache: Path) -> list[str]:
    return sorted(os.listdir(cache)) if cache.exists() else []


ALL = sorted(file.name for file in fashion_mnist.FULL.values())


def test_fetched_files_are_the_data_in_use_at_once(mirror: Mirror, only_the_sample):
    assert fashion_mnist.load().source == "sample"
    download.fetch(folders.cache_folder())
    assert (fashion_mnist.load().source, fashion_mnist.load().is_full, fashion_mnist.load().problem) == (
        "cache",
        True,
        None,
    )
    assert files_in(folders.cache_folder()) == ALL

    mirror.asked.clear()
    download.fetch(folders.cache_folder())
    assert not mirror.asked


def test_a_transfer_that_breaks_off_is_taken_up_again(mirror: Mirror, tmp_path: Path):
    breaks = iter([True, True])  # once where torchvision looks for redirections, once in the transfer

    def break_off(name: str, content: bytes) -> bytes:
        return content[:100_000] if name == IMAGES and next(breaks, False) else content

    mirror.spoil = break_off
    download.fetch(tmp_path)
    assert files_in(tmp_path) == ALL
    assert mirror.asked[IMAGES] == 4


def test_what_is_corrupt_each_time_is_refused_and_what_came_whole_is_kept(mirror: Mirror, tmp_path: Path):
    mirror.spoil = lambda name, content: content[:-4] + b"\0\0\0\0" if name.startswith("t10k") else content
    with pytest.raises(fashion_mnist.DataError) as refusal:
        download.fetch(tmp_path)
    assert "t10k-images-idx3-ubyte.gz could not be downloaded" in str(refusal.value)
    assert files_in(tmp_path) == ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]

    mirror.spoil = lambda name, content: content
    mirror.asked.clear()
    download.fetch(tmp_path)
    assert files_in(tmp_path) == ALL
    assert set(mirror.asked) == {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}


def test_a_server_that_falls_silent_is_not_waited_for(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(download, "STALL_SECONDS", 0.2)
    mirror.silent.add(IMAGES)
    with pytest.raises(fashion_mnist.DataError, match="timed out"):
        download.fetch(tmp_path)
    assert files_in(tmp_path) == []


def test_nobody_answering_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(fashion_mnist.DataError, match=r"Check the connection"):
        download.fetch(tmp_path)


# The interrupt may strike just after torchvision has opened the file, before it would close it again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_download_goes_on_where_it_was(mirror: Mirror, tmp_path: Path):
    mirror.silent.add("t10k-images-idx3-ubyte.gz")
    mirror.when_silent = lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        download.fetch(tmp_path)
    assert files_in(tmp_path) == ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]

    mirror.silent.clear()
    mirror.asked.clear()
    download.fetch(tmp_path)
    assert files_in(tmp_path) == ALL
    assert IMAGES not in mirror.asked


def test_the_command_fetches_when_only_the_sample_is_there(mirror: Mirror, only_the_sample, capsys):
    assert main(["data", "--no-download"]) == 0
    assert not mirror.asked
    assert main(["data"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1].startswith("Fashion-MNIST: 60,000 training and 10,000 test images")
    assert "fetching the full data" in printed.err


def test_the_command_says_what_failed_and_what_is_in_use_all_the_same(
    mirror: Mirror, only_the_sample, capsys
):
    mirror.spoil = lambda name, content: b"<html>Log in</html>".ljust(len(content))
    assert main(["data"]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("The sample of Fashion-MNIST")
    assert "could not be downloaded" in printed.err
    assert "Traceback" not in printed.err


def test_a_bar_is_drawn_only_for_a_person(mirror: Mirror, tmp_path: Path, capsys, monkeypatch):
    download.fetch(tmp_path / "log")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    download.fetch(tmp_path / "person")
    assert re.search(r"100%.*B/s", capsys.readouterr().err)
