"""Every file of the shipped models is as it was shipped, and one flipped bit in any of them is found."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fmnist_core.data import folders, shipped_models
from fmnist_core.data.shipped_models import FILES, SUMS, ModelDamaged
from tests.store.flipped_bits import flip

MODELS = folders.SHIPPED_MODELS
SMALLEST = min(shipped_models.names(), key=lambda name: (MODELS / name / "model.safetensors").stat().st_size)


def test_the_sums_are_those_of_sha256sum_and_name_every_file():
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", SUMS], cwd=MODELS, check=True)
    assert (MODELS / SUMS).read_text("utf-8") == shipped_models.sums(MODELS)
    listed = {line.split("  ")[1] for line in (MODELS / SUMS).read_text("utf-8").splitlines()}
    assert listed == {str(path.relative_to(MODELS)) for path in MODELS.glob("*/*")}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(MODELS / SMALLEST, tmp_path / SMALLEST)
    shutil.copy(MODELS / SUMS, tmp_path / SUMS)
    monkeypatch.setattr(folders, "SHIPPED_MODELS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_a_flipped_bit_is_found_and_the_file_is_named(models: Path, file: str, place: float):
    sound = shipped_models.read(SMALLEST, file)
    (models / SMALLEST / file).write_bytes(flip(sound, place))
    with pytest.raises(ModelDamaged, match=rf"“{SMALLEST}” .* is damaged: its file {file}"):
        shipped_models.read(SMALLEST, file)


def test_a_model_whose_spec_is_damaged_is_not_offered(models: Path, caplog: pytest.LogCaptureFixture):
    assert list(shipped_models.specs()) == [SMALLEST]
    spec = models / SMALLEST / "spec.json"
    spec.write_bytes(flip(spec.read_bytes()))
    assert shipped_models.specs() == {}
    assert "is damaged" in caplog.text


def test_a_model_of_ones_own_needs_no_checksum(models: Path):
    (models / "mine").mkdir()
    (models / "mine" / "spec.json").write_text("{}")
    assert shipped_models.read("mine", "spec.json") == b"{}"
