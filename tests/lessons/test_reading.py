"""Lessons are read as they are written; each kind of bad file gets a sentence that says what to change."""

from pathlib import Path

import pytest

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.lessons.reading import (
    FOLDER,
    MOST_BYTES,
    MOST_FILES,
    LessonError,
    all_lessons,
    read_lesson,
    shipped,
)
from tests.lessons.lesson_files import LESSON

ENCODER = 'architecture = "encoder_classifier"\nencoder = {{ architecture = "conv_autoencoder", {} }}'
NARROW = 'architecture = "ff_autoencoder"\nhidden_sizes = [2]'
DIRECTION = 'form = "direction"\nof = "wide"\nthan = "narrow"'
ALONG_RUNS = 'form = "curve"\nalong = "runs"'
LIST_OF_ALL = ", ".join(name for name, network in ARCHITECTURES.items() if network.offered)

# What is replaced in the small lesson, by what, and what the refusal then says.
FAULTS = [
    ("minutes = 5", "minutes = 5\ncolour = 1", "at colour: There is no setting named “colour”"),
    ("title =", "titel =", "at title: The setting “title” is missing."),
    ("epochs = 2", "epochs = 900", "at runs › 1 › spec › epochs: epochs can be at most 500; you gave 900."),
    ("epochs = 2", 'epochs = "two"', "epochs must be a whole number; you gave “two”."),
    ("epochs = 2", "epoch = 2", "at runs › 1 › spec › epoch: There is no setting named “epoch”."),
    ('"ff_autoencoder"', '"wide"', f"architecture: Network can be {LIST_OF_ALL}; you gave “wide”."),
    ("train_size = 400", "train_size = 50", "train_size must be at least 100; you gave 50."),
    (NARROW, ENCODER.format('origin = "run", id = "a"'), "cannot start from another run"),
    (NARROW, ENCODER.format('origin = "model", id = "a"'), "at runs › 1 › spec: encoder can be "),
    ("hidden_sizes = [32]", "hidden_sizes = [2]", "Two runs have the same settings"),
    ('name = "wide"', 'name = "narrow"', "Two runs are called “narrow”."),
    ("minutes = 5", "minutes = 45", "minutes can be at most 10; you gave 45."),
    ("seconds = 10", "seconds = 200", "seconds can be at most 90; you gave 200."),
    ('claims = ["C1"]', 'claims = ["C99"]', "The reports have no claim “C99”: they have C1 to C"),
    ('slug = "small"', 'slug = "Small one"', "at most 32 small letters, digits and hyphens"),
    ("Two networks", "word " * 61, "A paragraph has at most 60 words; this one has 67. Split it in two."),
    ('"A small lesson"', '""', "at title: This is empty."),
    ('"A small lesson"', '"a\\u0000b"', "at title: This holds a character that cannot be seen."),
    ('"A small lesson"', f'"{"a" * 161}"', "This has 161 characters; 160 are the most here."),
    ('beginning = ["Two', 'beginning = "Two', "is not valid TOML"),
    ("beginning = [", "beginning = [[], ", "at beginning › 1: beginning must be text in quotes"),
    ('form = "order"', 'form = "guess"', "form can be curve, order, direction; you gave “guess”."),
    ('form = "order"', "", "The setting “form” is missing."),
    ('form = "order"', 'form = "curve"\nalong = "epochs"', "A curve along epochs needs “of”"),
    ('form = "order"', f'{ALONG_RUNS}\nof = "wide"', "a curve along runs has none."),
    ('form = "order"', f"{ALONG_RUNS}\nrange = [1.0, 0.5]", "A range begins with its lower end"),
    ('form = "order"', f"{ALONG_RUNS}\nrange = [-1e308, 1e308]", "A range lies between"),
    ('form = "order"', f"{ALONG_RUNS}\nrange = [0.0, 1e-13]", "its ends at least 0.000001 apart"),
    (
        'form = "order"',
        f"{ALONG_RUNS}\nrange = [1.0, 1.0000000000000002]",
        "its ends at least 0.000001 apart",
    ),
    ('form = "order"', f'{ALONG_RUNS}\nrange = ["a", 1.0]', "at prediction › range › 1: range must be a num"),
    ('form = "order"', 'form = "curve"\nalong = "epochs"\nof = "x"', "can be narrow, wide; you gave “x”."),
    ('form = "order"', DIRECTION.replace("wide", "narrow"), "“of” and “than” must differ."),
    ('form = "order"', f"{DIRECTION}\nalike_within = 0.9", "alike_within can be at most 0.5; you gave 0.9."),
    ('form = "order"', 'form = "order"\nof = "wide"', "An order along classes needs “of”"),
    ('form = "order"', 'form = "order"\nalong = "classes"', "An order along classes needs “of”"),
    ('form = "order"', 'form = "order"\nclasses = [1, 2]', "one along runs names none"),
    ('"validation_loss"', '"recall"\nalong = "classes"\nof = "wide"\nclasses = [1]', "ranks two to ten"),
    ('"validation_loss"', '"recall"\nalong = "classes"\nof = "wide"\nclasses = [1, 1]', "each once"),
    (
        '"validation_loss"',
        '"recall"\nalong = "classes"\nof = "wide"\nclasses = [1, 10]',
        "classes › 2: classes can be at most 9",
    ),
    ('"validation_loss"', '"recall"\nalong = "classes"\nof = "wide"\nclasses = [1, 2]', "Only a class"),
    ('"validation_loss"', '"validation_accuracy"', "Only a classifier has an accuracy."),
    ('"validation_loss"', '"beauty"', "quantity can be validation_loss"),
    ("validation_size = 100", "validation_size = 0", "validation_loss needs validation images"),
    ('play = "film"', 'play = "chess"', "at explanation › play: play can be "),
    ('play = "film"', 'play = "film"\nsettings = { run = "x" }', "run can be narrow, wide; you gave “x”."),
    ('play = "film"', 'play = "film"\nsettings = { x = 1 }', "There is no setting named “x”."),
    ('play = "film"', "settings = { x = 1 }", "Settings belong to a play"),
    ("right = true\n", "", "One answer is right and says “right = true”; here 0 do."),
    ('reply = "No', 'right = true\nreply = "No', "here 2 do."),
    ('"The picture itself."', '"A few numbers."', "Two answers have the same text: each needs its own."),
    ("No: the picture has 784 pixels, the waist far fewer.", "Yes: as many as the waist is wide.", "reply"),
    ("[check]", "[check", "is not valid TOML"),
    ("minutes = 5", "minutes = " + "[" * 5000, "is not valid TOML: it is nested too deep."),
    ("minutes = 5", f"minutes = {'9' * 5000}", "is not valid TOML"),
    ("hidden_sizes = [2]", f"hidden_sizes = {[2] * 3000}", "far more values than a lesson has"),
    ("[explanation]", "[[explanation]]", "explanation must hold named settings"),
]


def refusal(content: str | bytes, name: str = "mine.toml") -> str:
    with pytest.raises(LessonError) as refused:
        read_lesson(content.encode() if isinstance(content, str) else content, name)
    return str(refused.value)


def test_a_lesson_is_read_as_it_is_written():
    lesson = read_lesson(LESSON.encode(), "small.toml")
    assert (lesson.slug, lesson.minutes, lesson.claims) == ("small", 5, ("C1",))
    assert [(run.name, run.spec.hidden_sizes) for run in lesson.runs] == [("narrow", (2,)), ("wide", (32,))]
    assert [answer.right for answer in lesson.check.answers] == [True, False]
    assert list(lesson.texts)[:3] == [lesson.title, lesson.question, "Two networks, one with a wider waist."]
    assert list(lesson.texts)[-1] == "No: the picture has 784 pixels, the waist far fewer."


def test_numbers_copied_from_a_page_are_read():
    title = "85\N{NO-BREAK SPACE}% of 10\N{NARROW NO-BREAK SPACE}000"
    assert read_lesson(LESSON.replace("A small lesson", title).encode(), "small.toml").title == title


@pytest.mark.parametrize(("old", "new", "says"), FAULTS, ids=[fault[2][:40] for fault in FAULTS])
def test_a_bad_file_is_refused_in_a_sentence(old: str, new: str, says: str):
    assert LESSON.count(old), old
    said = refusal(LESSON.replace(old, new, 1))
    assert said.startswith("The lesson “mine.toml”")
    assert says in said


@pytest.mark.parametrize(
    "new",
    [
        ALONG_RUNS,
        f"{ALONG_RUNS}\nrange = [0.0, 0.2]",
        'form = "curve"\nalong = "epochs"\nof = "wide"',
        DIRECTION,
        f"{DIRECTION}\nalike_within = 0.1",
    ],
)
def test_every_form_of_a_prediction_is_read(new: str):
    read_lesson(LESSON.replace('form = "order"', new).encode(), "x.toml")


def test_classes_can_be_ranked_by_their_recall():
    classifier = LESSON.replace("ff_autoencoder", "ff_classifier")
    by_class = 'quantity = "recall"\nalong = "classes"\nof = "wide"\nclasses = [6, 1]'
    asked = read_lesson(
        classifier.replace('quantity = "validation_loss"', by_class).encode(), "x.toml"
    ).prediction
    assert (asked.along, asked.classes, asked.named_runs) == ("classes", (6, 1), ("wide",))


def test_what_windows_saves_is_read():
    assert read_lesson(b"\xef\xbb\xbf" + LESSON.replace("\n", "\r\n").encode(), "x.toml").slug == "small"


def test_what_is_no_text_is_refused():
    assert "is not written in UTF-8" in refusal(LESSON.encode("utf-16"))
    assert f"has more than {MOST_BYTES:,} bytes" in refusal(LESSON + "#" * MOST_BYTES)


def test_an_architecture_that_there_is_not_is_one_fault_and_not_three():
    said = refusal(LESSON.replace('"ff_autoencoder"', '"wide"', 1))
    assert said.count("mine.toml") == 1


def test_both_parts_shrink_where_images_are_few():
    run = read_lesson(LESSON.encode(), "x.toml").runs[0]
    assert run.spec_for(60_000) is run.spec
    small = run.spec_for(250)
    assert (small.train_size, small.validation_size, small.batch_size) == (200, 50, 100)
    assert small.changed(train_size=400, validation_size=100) == run.spec


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def test_a_lecturers_lessons_follow_the_labs_own(folder: Path):
    (folder / "b.toml").write_text(LESSON.replace('"small"', '"second"'), "utf-8")
    (folder / "a.toml").write_text(LESSON, "utf-8")
    (folder / "notes.txt").write_text("no lesson", "utf-8")
    (folder / "folder.toml").mkdir()
    lessons = all_lessons()
    assert [lesson.slug for lesson in lessons.lessons[-2:]] == ["small", "second"]
    assert lessons.lessons[:-2] == shipped()
    assert lessons.refused == ()
    assert lessons.of("second") is lessons.lessons[-1]
    assert lessons.of("third") is None


def test_a_broken_file_is_named_and_the_others_go_on(folder: Path):
    (folder / "a.toml").write_text("slug =", "utf-8")
    (folder / "b.toml").write_text(LESSON, "utf-8")
    (folder / "c.toml").write_text(LESSON, "utf-8")
    (folder / "d.toml").write_text(LESSON.replace('"small"', f'"{shipped()[0].slug}"'), "utf-8")
    (folder / "e.toml").symlink_to(folder / "nowhere.toml")
    lessons = all_lessons()
    assert lessons.lessons[-1].slug == "small"
    said = [str(error) for error in lessons.refused]
    assert len(said) == 3
    assert "“a.toml” is not valid TOML" in said[0]
    assert said[1] == "The lesson “c.toml” has the slug “small”, as “b.toml” has. Give it another."
    assert "“d.toml” has the slug" in said[2]


def test_a_file_that_cannot_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "a.toml").write_text(LESSON, "utf-8")

    def refuse(path: Path, *_args: object) -> None:  # as the system does; root may read everything
        raise PermissionError(path)

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot read the lesson “a.toml”" in str(all_lessons().refused[-1])


def test_a_change_to_a_file_is_seen_at_once(folder: Path):
    path = folder / "a.toml"
    path.write_text(LESSON, "utf-8")
    assert all_lessons().lessons[-1].title == "A small lesson"
    path.write_text(LESSON.replace("A small lesson", "Another title"), "utf-8")
    assert all_lessons().lessons[-1].title == "Another title"


def test_a_folder_that_there_is_not_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(FOLDER, str(tmp_path / "nowhere"))
    lessons = all_lessons()
    assert lessons.lessons == shipped()
    assert str(lessons.refused[0]).startswith(f"{FOLDER} names “{tmp_path / 'nowhere'}”")


def test_a_folder_of_too_many_is_refused(folder: Path):
    for k in range(MOST_FILES + 1):
        (folder / f"{k}.toml").write_text("", "utf-8")
    assert f"more than {MOST_FILES} lessons" in str(all_lessons().refused[0])
