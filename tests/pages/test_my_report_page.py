"""My report: pinned from other pages, put in order, described, shared, taken away; and what can go wrong."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.exports.exported_run import of_run
from fmnist_core.exports.manifest import provenance
from fmnist_core.own_report import pin, reports
from fmnist_core.own_report.document import CompileError
from fmnist_core.own_report.report import answer_key
from fmnist_core.own_report.reports import OwnReport
from fmnist_core.replication.evidence import records
from fmnist_core.replication.recipes import EXPERIMENTS
from fmnist_core.sentences import Sentence
from pages.parts.base.i18n import phrase
from pages.parts.base.services import store
from pages.parts.my_report import taking_away
from tests.pages.inside_page import answer_here, spec_of, trained
from tests.pages.lab_page import page_text

PAGE = "pages/results/my_report.py"
Visit = Callable[..., AppTest]
TABLE = pin.table(["Run", "Test loss"], [["a", "0.1"]])


def evidence_records():
    return records.read(records.SHIPPED, EXPERIMENTS)


def mine(app: AppTest) -> OwnReport:
    return OwnReport(store(), app.session_state["learner"])


def with_pins(visit: Visit, captions: list[str], **parameters: str) -> AppTest:
    app = visit(PAGE, **parameters)
    for caption in captions:
        mine(app).pin(TABLE, caption, [])
    return app.run()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_whoever_has_pinned_nothing_is_told_how(visit: Visit, lang: str):
    app = visit(PAGE, lang=lang)
    assert not app.exception
    assert app.button(key="report_runs")
    app.button(key="report_begin").click().run()
    assert len(app.text_area) == 5, "a text for each section"
    assert app.info


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_chart_and_a_table_are_pinned_from_the_runs_page(visit: Visit, lang: str):
    run_id = trained(spec_of("ff_classifier"))
    app = visit("pages/results/runs.py", runs=run_id, lang=lang)
    pins = [button for button in app.button if str(button.key).endswith("_pin")]
    assert len(pins) >= 3, "curves, the table, the matrix"
    for k in range(len(pins)):
        [button for button in app.button if str(button.key).endswith("_pin")][k].click().run()
        assert not app.exception
        assert app.button(key=pins[k].key).label == phrase("Pinned", lang)
    report = mine(app).read()
    assert len(report.pins) == len(pins)
    assert all(pinned.caption and pinned.content for pinned in report.pins)
    expected = json.loads(json.dumps(provenance(of_run(store(), run_id))))
    assert all(list(pinned.runs) == [expected] for pinned in report.pins)
    shown = visit(PAGE, lang=lang, read=report.link)
    assert not shown.exception
    assert len(shown.get("vega_lite_chart")) == len([p for p in report.pins if p.content.kind == "chart"])
    store().delete(run_id)
    assert len(shown.run().get("vega_lite_chart")) > 0, "the data stays"


def page_of_a_sweep() -> None:
    from fmnist_core.own_report import pin
    from pages.parts.base.pins import about_runs, pin_button

    about_runs(lambda: [{"name": f"n 2, seed {seed}", "seed": seed} for seed in range(4)])
    pin_button(lambda: pin.table(["a"], [["1"]]), "It falls. Sizes: 2 and 64.", "sweep")
    pin_button(lambda: pin.table(["a"], [["1"]]), "Losses", "losses")


def test_the_draft_of_a_caption_says_nothing_twice(visit: Visit):
    app = visit(PAGE)
    page = AppTest.from_function(page_of_a_sweep)
    page.session_state["learner"] = app.session_state["learner"]
    page.run()
    for key in ("sweep_pin", "losses_pin"):
        page.button(key=key).click().run()
    assert not page.exception
    named = "n 2, seed 0; n 2, seed 1; n 2, seed 2; …"
    assert [pinned.caption for pinned in mine(app).read().pins] == [
        f"It falls. Sizes: 2 and 64. {named}",
        f"Losses. {named}",
    ]


def test_what_does_not_fit_is_said_where_it_was_pinned(visit: Visit, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reports, "MOST_PINS", 0)
    app = visit("pages/results/runs.py", runs=trained(spec_of("ff_autoencoder")))
    app.button(key="compared_pin").click().run()
    assert not app.exception
    assert app.button(key="compared_pin").label == "Pin"
    assert any("no more fit" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_the_film_of_a_run_is_pinned_with_its_errors(visit: Visit):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit("pages/lab/autoencoder.py", run=run_id)
    app.button(key="film_pin").click().run()
    assert not app.exception
    (pinned,) = mine(app).read().pins
    assert pinned.content.data["captions"] == ["Original", "Reconstruction", "Error"]
    assert pinned.runs[0]["id"] == run_id
    wall = visit("pages/lab/autoencoder.py", run=run_id, projector="1")
    assert not [button for button in wall.button if str(button.key).endswith("_pin")]


def test_no_other_page_offers_pins_of_the_last_one(visit: Visit):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit("pages/results/runs.py", runs=run_id)
    assert [button for button in app.button if str(button.key).endswith("_pin")]
    app.query_params.clear()
    other = visit("pages/results/claims.py")
    assert not [button for button in other.button if str(button.key).endswith("_pin")]


def test_pins_are_moved_described_and_deleted(visit: Visit):
    app = with_pins(visit, ["first", "second"])
    first, second = (pinned.id for pinned in mine(app).read().pins)
    app.button(key=f"pin_{first}_1").click().run()
    assert [pinned.id for pinned in mine(app).read().pins_of("results")] == [second, first]
    area = next(area for area in app.text_area if area.value == "first")
    area.set_value("**new** $x^$").run()
    assert any("something must follow ^" in caption.value for caption in app.caption)
    assert mine(app).read().pins[1].caption == "**new** $x^$"
    app.selectbox(key=f"pin_{first}_section").set_value("theory").run()
    assert [pinned.id for pinned in mine(app).read().pins_of("theory")] == [first]
    app.button(key=f"pin_{second}_delete").click().run()
    assert len(mine(app).read().pins) == 1
    assert not app.exception


def test_what_two_write_at_once_is_kept_and_said(visit: Visit):
    app = with_pins(visit, ["one"])
    area = next(area for area in app.text_area if area.key == "report_text_discussion_0")
    OwnReport(store(), app.session_state["learner"]).write("discussion", "the other’s", 0)
    area.set_value("mine").run()
    assert "Both texts are kept" in app.warning[0].value
    text = mine(app).read().text("discussion").text
    assert "the other’s" in text
    assert "mine" in text
    assert app.text_area(key="report_text_discussion_2").value == text


def test_what_another_wrote_stands_in_the_fields(visit: Visit):
    app = with_pins(visit, ["one"])
    other, id = mine(app), mine(app).read().pins[0].id
    other.retitle("title", "theirs", "")
    other.describe_pin(id, "their caption", "one")
    app.run()
    assert "theirs" in [field.value for field in app.text_input]
    assert "their caption" in [area.value for area in app.text_area]


def test_a_formula_that_is_none_is_named_below_its_text(visit: Visit):
    app = with_pins(visit, ["one"])
    app.text_area(key="report_text_theory_0").set_value("A good $x^2$, and $a_b_c$").run()
    said = [caption.value for caption in app.caption if "two indices" in caption.value]
    assert len(said) == 1
    assert any("<math" in str(component.proto) for component in app.get("bidi_component"))


def test_a_formula_may_stand_in_a_report_more_than_once(visit: Visit):
    words = "The error $(y - t)^2$ of each."
    app = with_pins(visit, [words, words])
    report = mine(app)
    for section in ("theory", "results"):
        report.write(section, words, 0)
    for question in (0, 1):
        report.write(answer_key("essay", question), words, 0, "Why?")
    app.run()
    assert not app.exception
    assert len(app.get("bidi_component")) >= 2
    reader = visit(PAGE, read=report.read().link)
    assert not reader.exception
    assert sum("<math" in str(component.proto) for component in reader.get("bidi_component")) == 6


@pytest.mark.parametrize("id", ["ab__cdefghij", "__abcdefghij", "abcdefghij__", "abcdefghijk_"])
def test_a_caption_with_a_formula_is_shown_whatever_its_pin_is_called(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, id: str
):
    monkeypatch.setattr(reports, "_new_id", iter([id, "report", "link"]).__next__)
    app = with_pins(visit, ["The error $(y - t)^2$."])
    reader = visit(PAGE, read=mine(app).read().link)
    assert not reader.exception
    assert sum("<math" in str(component.proto) for component in reader.get("bidi_component")) == 1


def test_a_report_that_does_not_compile_says_so_and_is_still_to_be_had(visit: Visit, monkeypatch):
    def stopped(files):
        raise CompileError(Sentence("pdflatex was not done after {n} seconds.", n=60))

    monkeypatch.setattr(taking_away, "page_count", stopped)
    app = with_pins(visit, ["one"])
    app.button(key="report_tex").click().run()
    assert "was not done" in app.warning[0].value
    assert app.get("download_button")


def test_a_link_is_read_and_changes_nothing(visit: Visit):
    app = with_pins(visit, ["a caption"])
    mine(app).retitle("title", "![x](http://example.org) Title", "")
    app.text_area(key="report_text_results_0").set_value("Some **words**").run()
    reader = visit(PAGE, read=mine(app).read().link)
    assert not reader.exception
    assert not reader.text_area
    assert "a caption" in "".join(element.proto.body for element in reader.get("html"))
    assert "Title" in reader.header[0].value


@pytest.mark.parametrize("link", ["", "nonsense", "x" * 3000, "../..", "%00"])
def test_a_link_that_leads_nowhere_is_a_sentence(visit: Visit, link: str):
    app = visit(PAGE, read=link)
    assert not app.exception
    assert "Ask for the link again" in app.warning[0].value


def test_a_wrong_code_is_a_sentence(visit: Visit):
    app = visit(PAGE)
    app.text_input(key="report_code").set_value("no such").run()
    assert not app.exception
    assert "no report with the code" in page_text(app)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tex", "html"])
def test_it_is_taken_away_with_where_its_numbers_come_from(visit: Visit, kind: str):
    run_id = trained(spec_of("ff_autoencoder"))
    app = visit(PAGE)
    source = provenance(of_run(store(), run_id))
    mine(app).pin(TABLE, "a caption", [source])
    app.run()
    app.button(key=f"report_{kind}").click().run()
    assert not app.exception
    made = app.session_state["report_made"]
    with zipfile.ZipFile(io.BytesIO(made["content"])) as files:
        said = json.loads(files.read("lab.json"))
        assert said["runs"] == [json.loads(json.dumps(source))]
        assert set(said["files"]) == set(files.namelist()) - {"lab.json"}
    mine(app).pin(TABLE, "one more", [])
    app.run()
    assert not [button for button in app.get("download_button") if "Save" in button.proto.label], (
        "it is older"
    )


@pytest.mark.parametrize(
    ("page", "address", "run"),
    [
        ("pages/results/claims.py", {"claim": "C16"}, "r3-1, seed 0"),
        ("pages/results/reports.py", {"report": "R3"}, "r3-1, seed 0"),
    ],
)
def test_what_the_reports_show_is_pinned_with_the_evidence_behind_it(
    visit: Visit, page: str, address, run: str
):
    app = visit(page, **address)
    button = next(button for button in app.button if str(button.key).endswith("_pin"))
    button.click().run()
    assert not app.exception
    (pinned,) = mine(app).read().pins
    behind = {one["id"]: one for one in pinned.runs}
    record = next(r for r in evidence_records() if f"{r.experiment}, seed {r.seed}" == run)
    assert behind[run]["figures"]["test_loss"] == record.test_loss
    assert behind[run]["weights"] == record.weights
    assert behind[run]["spec"] == json.loads(record.spec.model_dump_json())
    assert "Caption" not in pinned.caption
    assert pinned.content is not None


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("pages/inside/layers.py", {"network": "r5-1", "layer": "convolutions.0"}),
        ("pages/inside/layers.py", {"network": "r3-1", "layer": "result"}),
        ("pages/inside/latent_space.py", {"network": "conv_autoencoder"}),
        ("pages/inside/mistakes.py", {"network": "r3-1"}),
        ("pages/learn/training_step.py", {"network": "r3-1", "part": "gradient"}),
        ("pages/learn/training_step.py", {"network": "conv_autoencoder", "part": "forward"}),
    ],
)
def test_what_stands_inside_a_network_is_pinned_and_shown(visit: Visit, monkeypatch, page: str, address):
    answer_here(monkeypatch)
    app = visit(page, **address)
    keys = [button.key for button in app.button if str(button.key).endswith("_pin")]
    assert len(keys) == len(set(keys)) >= 2
    for key in keys:
        app.button(key=key).click().run(timeout=60)
        assert not app.exception
    report = mine(app).read()
    assert len(report.pins) == len(keys)
    assert all([run["id"] for run in pinned.runs] == [address["network"]] for pinned in report.pins)
    assert all(pinned.content is not None for pinned in report.pins)
    assert all(any(pinned.content.data.values()) for pinned in report.pins)
    read = visit(PAGE, read=report.link)
    assert not read.exception
    assert not read.warning


def test_what_the_inside_of_a_shipped_model_shows_is_pinned_with_it(visit: Visit, monkeypatch):
    answer_here(monkeypatch)
    app = visit("pages/inside/mistakes.py", network="r3-1")
    next(button for button in app.button if str(button.key).endswith("_pin")).click().run()
    assert not app.exception
    (pinned,) = mine(app).read().pins
    assert [one["id"] for one in pinned.runs] == ["r3-1"]


@pytest.mark.parametrize("view", ["gallery", "garment", "classes", "pixels", "split"])
def test_the_data_is_pinned_without_runs_and_says_so(visit: Visit, view: str):
    app = visit("pages/learn/data.py", view=view)
    keys = [button.key for button in app.button if str(button.key).endswith("_pin")]
    assert keys
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    report = mine(app).read()
    assert len(report.pins) == len(keys)
    assert all(pinned.content and not pinned.runs for pinned in report.pins)
    assert all(pinned.caption.endswith("No run is behind it.") for pinned in report.pins)


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("pages/results/claims.py", {"claim": "C16"}),
        ("pages/results/reports.py", {"report": "R3"}),
        ("pages/results/reports.py", {"report": "R2"}),
    ],
)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_table_and_drawing_of_the_reports_is_pinned_and_shown(visit: Visit, page: str, address, lang):
    app = visit(page, **address, lang=lang)
    keys = [button.key for button in app.button if str(button.key).endswith("_pin")]
    for key in keys:
        app.button(key=key).click().run()
        assert not app.exception
    report = mine(app).read()
    kinds = Counter(pinned.content.kind for pinned in report.pins)
    assert kinds["table"] >= 2
    assert kinds["chart"] >= 1
    assert sum(kinds.values()) == len(keys)
    assert all(pinned.runs for pinned in report.pins)
    shown = visit(PAGE, read=report.link, lang=lang)
    assert not shown.exception
    assert not shown.warning
    assert len(shown.get("vega_lite_chart")) == kinds["chart"]
