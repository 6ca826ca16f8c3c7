"""The sizes of the house: few files at the top, folders that are chapters, modules read in one go."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [path for top in ("pages", "fmnist_core") for path in sorted((ROOT / top).rglob("*.py"))]
SOURCES.append(ROOT / "app.py")


def test_names_that_were_asked_for_stand_at_the_top():
    wanted = ("app.py", "pages", "fmnist_core", "models_pretrained", "tests", "requirements.txt")
    assert [name for name in wanted if not (ROOT / name).exists()] == []


def test_a_folder_has_at_most_18_modules():
    sizes = Counter(path.parent for path in SOURCES if path.name != "__init__.py")
    assert {str(folder): size for folder, size in sizes.items() if size > 18} == {}


def test_few_files_stand_directly_in_the_core_and_the_parts():
    assert len(list((ROOT / "fmnist_core").glob("*.*"))) <= 8
    assert len(list((ROOT / "pages/parts").glob("*.*"))) <= 2


def test_a_module_has_at_most_350_lines():
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > 350} == {}
