"""The data: torchvision's parser as oracle, every kind of bad file, processes in each other's way."""

import gzip
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.data import fashion_mnist, folders, idx
from fmnist_core.data.sample.__main__ import build
from fmnist_core.spec import SpecError, read_spec

LOAD_AND_TELL = """
from fmnist_core.data import fashion_mnist
dataset = fashion_mnist.load()
print(dataset.source, dataset.is_full, int(dataset.train_images[-1].sum()), dataset.problem, sep="|")
"""


@pytest.fixture
def folder(tmp_path: Path, plain_files: Path, only_the_sample, monkeypatch: pytest.MonkeyPatch) -> Path:
    """FMNIST_DATA: a folder with the right files, to be spoilt by a test."""
    folder = tmp_path / "named"
    folder.mkdir()
    for file in fashion_mnist.FULL.values():
        (folder / file.name).symlink_to(plain_files / file.name)
    monkeypatch.setenv("FMNIST_DATA", str(folder))
    return folder


def test_every_pixel_and_label_is_as_torchvision_reads_it(
    full_data: fashion_mnist.Dataset, plain_files: Path
):
    from fmnist_core.nets.tools.torchvision_import import datasets

    arrays = (full_data.train_images, full_data.train_labels, full_data.test_images, full_data.test_labels)
    for array, file in zip(arrays, fashion_mnist.FULL.values(), strict=True):
        parse = datasets.mnist.read_image_file if array.ndim == 3 else datasets.mnist.read_label_file
        assert np.array_equal(array, parse(str(plain_files / file.name)).numpy())
        assert array.dtype == np.uint8
        assert not array.flags.writeable
    assert datasets.FashionMNIST.classes == list(fashion_mnist.CLASSES)


def test_the_sample_is_balanced_and_cut_from_the_full_data(
    full_data: fashion_mnist.Dataset, sample_data: fashion_mnist.Dataset
):
    assert np.bincount(sample_data.train_labels).tolist() == [700] * 10
    assert np.bincount(sample_data.test_labels).tolist() == [100] * 10
    assert not sample_data.is_full
    for name, content in build(full_data).items():
        assert gzip.decompress((fashion_mnist.SAMPLE_FOLDER / f"{name}.gz").read_bytes()) == content
    assert "Copyright (c) 2017 Zalando SE" in (fashion_mnist.SAMPLE_FOLDER / "NOTICE").read_text()


def test_film_shows_the_same_garment_of_each_class_whatever_the_data(
    full_data: fashion_mnist.Dataset, sample_data: fashion_mnist.Dataset
):
    for dataset in (full_data, sample_data):
        assert dataset.test_labels[fashion_mnist.snapshot_indices(dataset)].tolist() == list(range(10))
    garments = [d.test_images[fashion_mnist.snapshot_indices(d)] for d in (full_data, sample_data)]
    assert np.array_equal(*garments)


def test_places_are_tried_in_order(folder: Path, packed_folder: Path, monkeypatch: pytest.MonkeyPatch):
    assert fashion_mnist.load().source == "folder"
    monkeypatch.delenv("FMNIST_DATA")
    sample = fashion_mnist.load()
    assert (sample.source, sample.is_full, sample.problem) == ("sample", False, None)
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", packed_folder)
    assert fashion_mnist.load().source == "debian"
    fashion_mnist.forget()
    unpacked = fashion_mnist.load()
    assert (unpacked.source, unpacked.problem) == ("cache", None)
    assert unpacked.folder == str(folders.cache_folder())


def test_packed_folder_is_unpacked_into_the_cache_and_mapped(
    packed_folder: Path, only_the_sample, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_DATA", str(packed_folder))
    dataset = fashion_mnist.load(strict=True)
    assert (dataset.source, dataset.is_full, dataset.problem) == ("folder", True, None)
    assert Path(dataset.train_images.filename).parent == folders.cache_folder()
    assert sorted(os.listdir(folders.cache_folder())) == sorted(
        file.name for file in fashion_mnist.FULL.values()
    )


def test_loading_twice_gives_the_same_object_until_new_data_comes(folder: Path):
    first = fashion_mnist.load()
    assert fashion_mnist.load(strict=True) is first
    fashion_mnist.forget()
    assert fashion_mnist.load() is not first


def cut_short(path: Path, right: bytes) -> Path:
    path.write_bytes(right[:-100])
    return path


def with_more_at_its_end(path: Path, right: bytes) -> Path:
    path.write_bytes(right + b"\0")
    return path


def with_one_bit_changed(path: Path, right: bytes) -> Path:
    wrong = bytearray(right)
    wrong[len(right) // 2] ^= 1
    path.write_bytes(wrong)
    return path


def of_digits_not_garments(path: Path, right: bytes) -> Path:
    path.write_bytes(right[:8] + right[8:][::-1])
    return path


def of_another_dimension(path: Path, right: bytes) -> Path:
    path.write_bytes(fashion_mnist.FULL["test_images"].header + bytes(10_000 * 28 * 28))
    return path


def of_another_size(path: Path, right: bytes) -> Path:
    path.write_bytes(fashion_mnist.SAMPLE["test_labels"].header + bytes(1_000))
    return path


def of_text(path: Path, right: bytes) -> Path:
    path.write_text("<html>Please log in to the university's network</html>")
    return path


def empty(path: Path, right: bytes) -> Path:
    path.write_bytes(b"")
    return path


def a_folder(path: Path, right: bytes) -> Path:
    path.mkdir()
    return path


def missing(path: Path, right: bytes) -> Path:
    return path.with_name(f"{path.name}.gz")


def packed_and_cut_short(path: Path, right: bytes) -> Path:
    return cut_short(path.with_name(f"{path.name}.gz"), gzip.compress(right))


def packed_without_its_last_byte(path: Path, right: bytes) -> Path:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(right)[:-1])
    return packed


def packed_with_one_bit_changed(path: Path, right: bytes) -> Path:
    return with_one_bit_changed(path.with_name(f"{path.name}.gz"), gzip.compress(right))


def packed_digits(path: Path, right: bytes) -> Path:
    packed = of_digits_not_garments(path.with_name(f"{path.name}.gz"), right)
    packed.write_bytes(gzip.compress(packed.read_bytes()))
    return packed


def called_packed_but_is_not(path: Path, right: bytes) -> Path:
    return of_text(path.with_name(f"{path.name}.gz"), right)


SPOILT = [
    cut_short,
    with_more_at_its_end,
    with_one_bit_changed,
    of_digits_not_garments,
    of_another_dimension,
    of_another_size,
    of_text,
    empty,
    a_folder,
    missing,
    packed_and_cut_short,
    packed_without_its_last_byte,
    packed_with_one_bit_changed,
    packed_digits,
    called_packed_but_is_not,
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_bad_file_is_named_and_none_of_its_folder_is_used(folder: Path, spoil):
    path = folder / fashion_mnist.FULL["test_labels"].name
    right = path.read_bytes()
    path.unlink()
    named = spoil(path, right)

    dataset = fashion_mnist.load()
    assert dataset.source == "sample"
    assert named.name in str(dataset.problem)
    assert str(folder) in str(dataset.problem)
    assert "unset FMNIST_DATA" in str(dataset.problem)
    with pytest.raises(fashion_mnist.DataError) as refusal:
        fashion_mnist.load(strict=True)
    assert refusal.value.sentences == (dataset.problem,)
    assert not folders.cache_folder().exists() or not os.listdir(folders.cache_folder())


def test_a_folder_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(folder / "nowhere"))
    assert str(folder / "nowhere") in str(fashion_mnist.load().problem)
    with pytest.raises(fashion_mnist.DataError):
        fashion_mnist.load(strict=True)


def test_a_damaged_cache_is_refused_and_then_replaced_by_debians_files(
    plain_files: Path, packed_folder: Path, only_the_sample, monkeypatch: pytest.MonkeyPatch
):
    cache = folders.cache_folder()
    cache.mkdir(parents=True)
    for file in fashion_mnist.FULL.values():
        (cache / file.name).symlink_to(plain_files / file.name)
    labels = cache / fashion_mnist.FULL["train_labels"].name
    right = labels.read_bytes()
    labels.unlink()
    labels.write_bytes(right[:5000])

    dataset = fashion_mnist.load()
    assert dataset.source == "sample"
    assert f"{labels} is cut short" in str(dataset.problem)
    assert "Delete it" in str(dataset.problem)

    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", packed_folder)
    dataset = fashion_mnist.load()
    assert (dataset.source, dataset.problem) == ("debian", None)
    fashion_mnist.forget()
    assert (fashion_mnist.load().source, fashion_mnist.load().problem) == ("cache", None)
    assert labels.read_bytes() == right


def test_processes_that_unpack_at_once_all_get_the_whole_data(
    packed_folder: Path, only_the_sample, full_data: fashion_mnist.Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_DATA", str(packed_folder))
    processes = [
        subprocess.Popen([sys.executable, "-c", LOAD_AND_TELL], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    expected = f"folder|True|{int(full_data.train_images[-1].sum())}|None\n"
    assert [process.communicate()[0] for process in processes] == [expected] * 3
    assert sorted(os.listdir(folders.cache_folder())) == sorted(
        file.name for file in fashion_mnist.FULL.values()
    )


def test_no_room_to_unpack_leaves_no_part_of_a_file_and_reads_into_memory(
    packed_folder: Path, only_the_sample, full_data: fashion_mnist.Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FMNIST_DATA", str(packed_folder))
    no_large_files = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    process = subprocess.run(
        [sys.executable, "-c", no_large_files + LOAD_AND_TELL], capture_output=True, text=True, check=True
    )
    source, is_full, pixels, problem = process.stdout.strip().split("|")
    assert (source, is_full, pixels) == ("folder", "True", str(int(full_data.train_images[-1].sum())))
    assert f"could not be unpacked into {folders.cache_folder()} (File too large)" in problem
    whole = [fashion_mnist.FULL[part].name for part in ("train_labels", "test_labels")]
    assert sorted(os.listdir(folders.cache_folder())) == sorted(whole)


def test_a_home_that_cannot_be_made_does_not_keep_the_data_away(
    packed_folder: Path, only_the_sample, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", packed_folder)
    monkeypatch.setenv("FMNIST_HOME", "/dev/null/home")
    dataset = fashion_mnist.load()
    assert (dataset.source, dataset.is_full) == ("debian", True)
    assert "Not a directory" in str(dataset.problem)


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path):
    content = b"\0\0\x08\x01\0\0\0\x02ab"
    file = idx.IdxFile("labels", (2,), idx.hashlib.sha256(content).hexdigest())
    left, written = tmp_path / "labels.dead.part", tmp_path / "labels.alive.part"
    for part in (left, written):
        part.write_bytes(content[:5])
    os.utime(left, (0, time.time() - idx.ABANDONED_SECONDS - 1))
    assert idx.keep(content, file, tmp_path).read_bytes() == content
    assert sorted(os.listdir(tmp_path)) == ["labels", "labels.alive.part"]


@given(
    train=st.integers(0, 7000),
    validation=st.integers(0, 7000),
    more=st.integers(0, 7000),
    seed=st.integers(0, 2**31 - 1),
)
def test_splits_are_disjoint_repeatable_and_nested(train, validation, more, seed, sample_data):
    if train + validation > 7000:
        with pytest.raises(fashion_mnist.DataError):
            fashion_mnist.split(sample_data, train, validation, seed)
        return
    training_set, validation_set = fashion_mnist.split(sample_data, train, validation, seed)
    assert (training_set.dtype, validation_set.dtype) == (np.int64, np.int64)
    assert (len(training_set), len(validation_set)) == (train, validation)
    both = np.concatenate([training_set, validation_set])
    assert len(np.unique(both)) == train + validation
    assert np.all((both >= 0) & (both < 7000))
    again = fashion_mnist.split(sample_data, train, validation, seed)
    assert np.array_equal(again[0], training_set)
    assert np.array_equal(again[1], validation_set)
    if train + more + validation <= 7000:
        larger, same = fashion_mnist.split(sample_data, train + more, validation, seed)
        assert np.array_equal(larger[:train], training_set)
        assert np.array_equal(same, validation_set)


def test_another_seed_splits_otherwise_and_stays_balanced_enough(full_data: fashion_mnist.Dataset):
    first, _ = fashion_mnist.split(full_data, 50_000, 10_000, seed=0)
    second, _ = fashion_mnist.split(full_data, 50_000, 10_000, seed=1)
    assert not np.array_equal(first, second)
    assert np.all(np.abs(np.bincount(full_data.train_labels[first]) - 5000) < 150)


def test_a_spec_that_asks_for_more_than_the_sample_has_is_refused(sample_data, full_data):
    fashion_mnist.check(read_spec({"architecture": "ff_autoencoder"}), full_data)
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 6000, "validation_size": 1000})
    fashion_mnist.check(spec, sample_data)
    with pytest.raises(SpecError) as refusal:
        fashion_mnist.check(spec.changed(validation_size=1001), sample_data)
    assert "7,001" in str(refusal.value)
    assert "7,000" in str(refusal.value)


def test_images_that_were_let_go_take_no_memory_and_are_read_again(plain_files: Path):
    file = fashion_mnist.FULL["train_images"]
    images = np.memmap(plain_files / file.name, np.uint8, mode="r", offset=16, shape=(60_000, 28, 28))
    whole = int(images.sum())
    read = resident_of(plain_files / file.name)
    idx.let_go(images)
    assert resident_of(plain_files / file.name) < read - 30_000
    assert int(images.sum()) == whole


def resident_of(path: Path) -> int:
    """Kilobytes of a mapped file that this process holds."""
    held, counts = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ")[0]:
            counts = line.endswith(str(path.resolve()))
        elif counts and line.startswith("Rss:"):
            held += int(line.split()[1])
    return held
