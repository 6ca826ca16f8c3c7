"""Files replaced with their checksums: a kill between two steps damages nothing, a flipped bit is known."""

import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from fmnist_core.data import checksums
from tests.store.flipped_bits import flip


class Killed(Exception):
    pass


def is_sound(folder: Path, file: str) -> bool:
    return checksums.is_sound(folder, file, (folder / file).read_bytes())


def test_a_flipped_bit_is_known_and_sha256sum_agrees(tmp_path: Path):
    checksums.write(tmp_path, {"a": b"one" * 100, "b c": b"two" * 100})
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", checksums.SUMS], cwd=tmp_path, check=True)
    assert is_sound(tmp_path, "a")
    for place in (0.0, 0.3, 0.999):
        assert not checksums.is_sound(tmp_path, "b c", flip(b"two" * 100, place))


def test_what_is_not_named_is_taken_as_it_is(tmp_path: Path):
    (tmp_path / "old").write_bytes(b"of a version without checksums")
    assert is_sound(tmp_path, "old")


@pytest.mark.parametrize("kills", range(5))
def test_a_kill_at_any_moment_leaves_sound_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int):
    """Again and again, after each of the four files that two changes and their checksums take."""
    checksums.write(tmp_path, {"a": b"a0", "b": b"b0", "gone": b""})
    for attempt in range(1, 4):
        left = kills

        def replace(path: Path, content: bytes) -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            path.write_bytes(content)

        with monkeypatch.context() as patch, pytest.raises(Killed) if kills < 4 else nullcontext():
            patch.setattr(checksums, "replace", replace)
            files = {name: f"{name}{attempt}".encode() for name in ("a", "b")}
            checksums.write(tmp_path, files, remove=("gone",))
        assert is_sound(tmp_path, "a")
        assert is_sound(tmp_path, "b")
    checksums.write(tmp_path, {"a": b"a4", "b": b"b4"}, remove=("gone",))
    assert not checksums.is_sound(tmp_path, "a", b"a0")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["SHA256SUMS", "a", "b"]
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", checksums.SUMS], cwd=tmp_path, check=True)
