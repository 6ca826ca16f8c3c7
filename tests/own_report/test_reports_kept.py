"""Reports in the store: order, texts, writing together, bounds, and what outlives what."""

import pytest
from sqlalchemy import select, update

from fmnist_core.own_report import pin, reports
from fmnist_core.own_report.pin import MOST_BYTES, Content, PinError
from fmnist_core.own_report.reports import (
    MOST_PINS,
    OwnReport,
    ReportNotFound,
    TooLong,
    WrittenMeanwhile,
    read_by_link,
)
from fmnist_core.spec import read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Store

RUNS = [{"id": "r", "name": "a run", "seed": 0, "spec": {"architecture": "ff_autoencoder"}}]


def captions(report: OwnReport, section: str = "results") -> list[str]:
    return [pinned.caption for pinned in report.read().pins_of(section)]


def test_nothing_is_kept_before_something_is_pinned(store: Store):
    assert OwnReport(store, "ana").read() is None
    begun = OwnReport(store, "ana").begin()
    assert (begun.title, begun.texts, begun.pins) == ("", {}, ())


def test_pins_keep_their_order_what_they_show_and_where_it_comes_from(store, curve, table, garments):
    mine = OwnReport(store, "ana")
    for content, caption in ((curve, "1"), (table, "2"), (garments, "3")):
        mine.pin(content, caption, RUNS)
    report = mine.read()
    assert [pinned.content for pinned in report.pins] == [
        Content(content.kind, pin.finite(content.data)) for content in (curve, table, garments)
    ]
    assert all(list(pinned.runs) == RUNS for pinned in report.pins)
    assert captions(mine) == ["1", "2", "3"]
    assert read_by_link(store, report.link).pins == report.pins


def test_pins_change_places_within_their_section(store, table):
    mine = OwnReport(store, "ana")
    ids = [mine.pin(table, str(k), []) for k in range(3)]
    mine.move_pin(ids[2], -1)
    assert captions(mine) == ["0", "2", "1"]
    mine.place_pin(ids[2], "theory")
    mine.move_pin(ids[0], 1)
    assert captions(mine) == ["1", "0"]
    assert captions(mine, "theory") == ["2"]
    mine.move_pin(ids[0], 1)
    mine.move_pin("nobody's", 1)
    assert captions(mine) == ["1", "0"], "there is nowhere further to go"
    mine.delete_pin(ids[1])
    mine.describe_pin(ids[0], "new", "0")
    assert captions(mine) == ["new"]


def test_another_template_hides_no_pin_and_loses_no_text(store, table):
    mine = OwnReport(store, "ana")
    mine.pin(table, "1", [], section="theory")
    mine.write("theory", "formulas", 0)
    mine.arrange("free")
    assert captions(mine, "notes") == ["1"]
    mine.arrange("no such")
    assert mine.read().template == "free"
    mine.arrange("course")
    assert captions(mine, "theory") == ["1"]
    assert mine.read().text("theory").text == "formulas"


def test_two_who_write_in_one_section_lose_nothing(store):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    ben.join(ana.begin().code)
    ana.write("results", "ana's", 0)
    with pytest.raises(WrittenMeanwhile, match="Both texts are kept"):
        ben.write("results", "ben's", 0)
    text = ana.read().text("results")
    assert text.text.startswith("ana's")
    assert text.text.endswith("ben's")
    ben.write("results", "one of both", text.version)
    ana.write("discussion", "elsewhere", 0)
    assert ben.read() == ana.read()
    assert ana.read().text("results").text == "one of both"


def test_two_who_describe_one_pin_lose_nothing(store, table):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    id = ana.pin(table, "a draft", [])
    ben.join(ana.begin().code)
    ana.describe_pin(id, "ana's", "a draft")
    with pytest.raises(WrittenMeanwhile, match="Both texts are kept"):
        ben.describe_pin(id, "ben's", "a draft")
    both = ana.read().pins[0].caption
    assert both.startswith("ana's")
    assert both.endswith("ben's")
    ben.describe_pin(id, "one of both", both)
    assert captions(ana) == ["one of both"]


@pytest.mark.parametrize("line", ["title", "authors"])
def test_of_two_who_change_one_line_the_later_is_quoted(store, line: str):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    ben.join(ana.begin().code)
    ana.retitle(line, "ana's", "")
    with pytest.raises(WrittenMeanwhile, match="You wrote: “ben's”"):
        ben.retitle(line, "ben's", "")
    assert getattr(ben.read(), line) == "ana's"
    ben.retitle(line, "of both", "ana's")
    ana.retitle(line, "of both", "ana's")
    assert getattr(ana.read(), line) == "of both"


def test_a_code_leads_into_a_groups_report_and_ones_own_back(store, table):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    ben.pin(table, "ben's", [])
    own = ben.read().code
    ben.join(ana.begin().code)
    ben.pin(table, "shared", [])
    assert captions(ana) == ["shared"]
    ben.join(own)
    assert captions(ben) == ["ben's"]
    for wrong in ("", "no such", "x" * 500):
        with pytest.raises(ReportNotFound):
            ben.join(wrong)
    assert captions(ben) == ["ben's"]


def test_nobody_changes_the_pins_of_others(store, table):
    ana, eve = OwnReport(store, "ana"), OwnReport(store, "eve")
    id = ana.pin(table, "mine", [])
    for _try in range(2):
        with pytest.raises(WrittenMeanwhile):
            eve.describe_pin(id, "stolen", "mine")
        eve.delete_pin(id)
        eve.begin()
    eve.move_pin(id, 1)
    assert captions(ana) == ["mine"]


@pytest.mark.parametrize("link", ["", "no such", "x" * 1000])
def test_a_link_that_leads_nowhere_is_a_sentence(store, link: str):
    with pytest.raises(ReportNotFound, match="Ask for the link again"):
        read_by_link(store, link)


def test_a_pin_outlives_its_run(store, curve):
    run_id = store.create_run(read_spec({"architecture": "ff_autoencoder"}), "ana")
    mine = OwnReport(store, "ana")
    mine.pin(curve, "kept", [{**RUNS[0], "id": run_id}])
    store.delete(run_id)
    (kept,) = mine.read().pins
    assert kept.content.data["rows"] == curve.data["rows"]
    assert kept.runs[0]["id"] == run_id


def test_what_is_too_much_is_refused_and_nothing_is_lost(store, table, monkeypatch):
    import secrets

    mine = OwnReport(store, "ana")
    mine.pin(table, "small", [])
    noise = pin.table(["noise"], [[secrets.token_hex(MOST_BYTES)]])
    with pytest.raises(PinError, match="too much for one pin"):
        mine.pin(noise, "large", [])
    monkeypatch.setattr(reports, "MOST_PINS", 1)
    with pytest.raises(PinError, match="no more fit"):
        mine.pin(table, "one more", [])
    assert captions(mine) == ["small"]
    assert MOST_PINS > 8


def test_a_pin_that_cannot_be_read_is_there_and_harms_no_other(store, table, curve):
    mine = OwnReport(store, "ana")
    ids = [mine.pin(content, "a caption", []) for content in (table, curve, table)]
    bomb = Content("table", {"heads": [], "rows": [["0" * 100_000_000]]})
    for id, changed in (
        (ids[0], {"content": b"torn"}),
        (ids[1], {"kind": "film"}),
    ):
        with store.database.writing() as connection:
            connection.execute(update(schema.pins).where(schema.pins.c.id == id).values(**changed))
    contents = [pinned.content for pinned in mine.read().pins]
    assert contents[:2] == [None, None]
    assert contents[2] is not None
    with pytest.raises(PinError):
        pin.unpacked("table", bomb.packed())


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("table", {"heads": 3, "rows": []}),
        ("table", {"heads": ["a"], "rows": [[1]]}),
        ("table", {"heads": ["a"]}),
        ("chart", {"spec": [], "rows": []}),
        ("chart", {"spec": {}, "rows": [["a"]]}),
        ("pictures", {"png": ["iVBORw=="], "captions": []}),
        ("pictures", {"png": ["no picture"], "captions": ["a"]}),
        ("pictures", []),
    ],
)
def test_parts_of_a_pin_that_are_not_what_they_should_be_are_damage(kind: pin.Kind, data):
    with pytest.raises(PinError, match="cannot be read any more"):
        pin.unpacked(kind, Content(kind, data).packed())


def test_texts_that_cannot_be_read_leave_the_rest(store, table):
    mine = OwnReport(store, "ana")
    mine.pin(table, "kept", [])
    with store.database.writing() as connection:
        connection.execute(update(schema.reports).values(texts="[1,"))
    assert captions(mine) == ["kept"]
    mine.write("results", "again", 0)
    with store.database.reading() as connection:
        assert "again" in connection.execute(select(schema.reports.c.texts)).scalar()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_left_out(store, number: float):
    mine = OwnReport(store, "ana")
    mine.pin(pin.chart({"mark": "line"}, [{"x": 1, "y": number}]), "", [])
    assert mine.read().pins[0].content.data["rows"] == [{"x": 1, "y": None}]


def test_pins_change_places_where_they_stand_in_another_template(store, table):
    mine = OwnReport(store, "ana")
    ids = [mine.pin(table, str(k), []) for k in range(3)]
    mine.arrange("free")
    mine.move_pin(ids[2], -1)
    assert captions(mine, "notes") == ["0", "2", "1"]


def test_a_text_too_long_is_refused_and_nothing_is_changed(store, table):
    mine = OwnReport(store, "ana")
    id = mine.pin(table, "a draft", [])
    mine.write("theory", "short", 0)
    for change in (
        lambda: mine.write("theory", "x" * 20_001, 1),
        lambda: mine.describe_pin(id, "x" * 20_001, "a draft"),
    ):
        with pytest.raises(TooLong, match="has 20,001 characters, and at most 20,000 are kept"):
            change()
    assert mine.read().text("theory").text == "short"
    assert captions(mine) == ["a draft"]


def test_the_caption_of_a_pin_deleted_meanwhile_is_quoted(store, table):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    id = ana.pin(table, "a draft", [])
    ben.join(ana.begin().code)
    ben.delete_pin(id)
    with pytest.raises(WrittenMeanwhile, match="Its caption was: “my long words”"):
        ana.describe_pin(id, "my long words", "a draft")


def test_a_text_whose_section_somebody_else_has_chosen_away_is_kept_and_named(store):
    ana, ben = OwnReport(store, "ana"), OwnReport(store, "ben")
    ben.join(ana.begin().code)
    ana.arrange("imrad")
    with pytest.raises(WrittenMeanwhile, match="“Theory” is not among them"):
        ben.write("theory", "typed meanwhile", 0)
    report = ana.read()
    assert (report.text("theory").text, report.hidden_sections) == ("typed meanwhile", ["theory"])
    ana.arrange("course")
    assert ana.read().hidden_sections == []


def test_a_caption_is_a_draft_until_somebody_writes_one(store, table):
    mine = OwnReport(store, "ana")
    id = mine.pin(table, "a draft", [], language="es")
    mine.describe_pin(id, "a draft", "a draft")
    (pinned,) = mine.read().pins
    assert (pinned.language, pinned.is_draft) == ("es", True)
    mine.describe_pin(id, "my own", "a draft")
    assert not mine.read().pins[0].is_draft
