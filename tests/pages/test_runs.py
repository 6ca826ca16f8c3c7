"""The page of runs: what it lists, what it says differs, whom it lets change what."""

import json
import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from hypothesis import assume, given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from sklearn.metrics import recall_score
from streamlit.testing.v1 import AppTest

from fmnist_core.data.fashion_mnist import Dataset, snapshot_indices
from fmnist_core.events import Batches, Epoch, Finished, Snapshot
from fmnist_core.spec import LABELS, RunSpec, read_spec
from fmnist_core.store import schema
from fmnist_core.store.runs import Store
from fmnist_core.store.sweeps import Sweeps
from pages.parts.base.confusion import difference
from pages.parts.base.distinctions import names_apart, unique
from pages.parts.base.spec_words import differing
from pages.parts.compare.comparison import MOST, lines
from pages.parts.compare.run_actions import link
from pages.parts.compare.run_listing import News
from pages.parts.exports.export_menu import file_stem
from pages.parts.widgets.matrix_pair import largest

APP = Path(__file__).parents[2] / "app.py"
ME, SOMEONE_ELSE = "A" * 22, "B" * 22
NAMES = [str(k) for k in range(10)]


@pytest.fixture
def store():
    st.cache_resource.clear()
    store = Store()
    yield store
    store.close()


def train(
    store: Store, dataset: Dataset, name: str, learner: str = ME, *, ended: bool = True, **settings
) -> str:
    """A run of two epochs as the engine leaves it, with made-up figures."""
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 1000, **settings})
    run_id = store.create_run(spec, learner, name, status="running")
    end = 2 * spec.steps_per_epoch
    classifies = spec.task == "classifier"
    matrix = np.eye(10, dtype=np.int64) * 90 + 1 if classifies else None
    outputs = (
        np.full((10, 10), 0.1, np.float32)
        if classifies
        else dataset.test_images[snapshot_indices(dataset)] // 2
    )
    events = [Batches(1, np.full(end, 0.5, np.float32)), Snapshot(end, 2.0, outputs, b"")]
    for epoch in (1, 2):
        accuracy = 0.5 + epoch / 10 if classifies else None
        events.append(
            Epoch(epoch, end * epoch // 2, 0.4, 0.3, 0.2 / epoch, accuracy, accuracy, matrix, 0.001, 3.5)
        )
    if ended:
        events.append(Finished(end, 2, "epochs", 0.0625, 0.75 if classifies else None, matrix, None))
    store.write_slice(run_id, store.claim(run_id), events, step=end, epoch=2, seconds=7.0)
    return run_id


def visit(runs: str = "") -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.session_state["learner"] = ME
    app.run()
    app.switch_page("pages/results/runs.py")
    if runs:
        app.query_params["runs"] = runs
    app.run()
    assert not app.exception
    assert not app.error
    return app


def rows(app: AppTest) -> list[dict]:
    (table,) = (element for element in app.get("bidi_component") if element.key == "run_table")
    return json.loads(table.proto.json)["rows"]


def compared(app: AppTest) -> str:
    return next(
        element.value for element in app.html if "lab-compared" in element.value and "<table" in element.value
    )


def test_no_runs_says_what_will_be_here_and_offers_to_train_one(store: Store):
    app = visit()
    assert not [element for element in app.get("bidi_component") if element.key == "run_table"]
    assert "will be listed here" in " ".join(element.value for element in app.markdown)
    assert {button.key for button in app.button} >= {"runs_autoencoder", "runs_classifier"}


def test_newest_first_with_the_figures_of_each(store: Store, sample_data: Dataset):
    old = train(store, sample_data, "old")
    new = train(store, sample_data, "new", architecture="ff_classifier")
    going = train(store, sample_data, "going", ended=False, epochs=9)
    train(store, sample_data, "not mine", SOMEONE_ELSE)
    listed = rows(visit())
    assert [row["id"] for row in listed] == [going, new, old]
    assert [row["loss"] for row in listed] == ["0.1000", "0.0625", "0.0625"]
    assert [row["loss_of"] for row in listed] == ["validation", "test", "test"]
    assert [row["accuracy"] for row in listed] == ["–", "75.0\N{NO-BREAK SPACE}%", "–"]
    assert [row["epochs"] for row in listed] == ["2 / 9", "2 / 10", "2 / 10"]
    assert [row["href"] for row in listed] == [
        f"autoencoder?run={going}",
        f"classifier?run={new}",
        f"autoencoder?run={old}",
    ]
    assert not any(row["shared"] for row in listed)


def test_two_runs_compared_tell_only_what_differs(store: Store, sample_data: Dataset):
    run = train(store, sample_data, "one", dropout=0.0, hidden_sizes=[16])
    two = train(store, sample_data, "two", dropout=0.5, hidden_sizes=[32])
    table = compared(visit(f"{run},{two}"))
    settings = re.findall(r'<th scope="row">(.*?)</th>', table.split("How it ended")[0])
    assert settings == ["Hidden size", "Dropout"]
    assert re.findall(r"<td>([\d.]+)</td>", table.split("How it ended")[0]) == ["16", "32", "0", "0.5"]
    assert table.index("one") < table.index("two")


def test_the_order_of_choosing_gives_the_lines(store: Store, sample_data: Dataset):
    one, two = train(store, sample_data, "one"), train(store, sample_data, "two")
    colours = st.get_option("theme.chartCategoricalColors")
    for chosen in ([one, two], [two, one]):
        drawn = {row["id"]: row["colour"] for row in rows(visit(",".join(chosen)))}
        assert [drawn[run_id] for run_id in chosen] == colours[:2]


def test_two_classifiers_show_their_matrices_and_the_difference(store: Store, sample_data: Dataset):
    both = [train(store, sample_data, name, architecture="ff_classifier") for name in ("one", "two")]
    for chosen, charts in ((both[:1], 1), (both, 3)):
        matrices = [
            chart
            for chart in visit(",".join(chosen)).get("vega_lite_chart")
            if "True class" in chart.proto.spec
        ]
        assert len(matrices) == charts


def test_someone_elses_run_is_compared_but_not_changed(store: Store, sample_data: Dataset):
    mine = train(store, sample_data, "mine")
    theirs = train(store, sample_data, "theirs", SOMEONE_ELSE)
    app = visit(theirs)
    assert [row["id"] for row in rows(app)] == [mine, theirs]
    assert [bool(row["shared"]) for row in rows(app)] == [False, True]
    assert app.button(key="runs_rename").disabled
    assert app.button(key="runs_delete").disabled
    assert not app.button(key="runs_open").disabled
    mixed = visit(f"{mine},{theirs}")
    assert "theirs" in compared(mixed)
    mixed.button(key="runs_delete").click().run()
    assert [text.value for text in mixed.text] == ["mine"]


def test_runs_that_are_not_there_get_a_sentence_and_the_rest_is_compared(store: Store, sample_data: Dataset):
    mine = train(store, sample_data, "mine")
    app = visit(f"{mine},nonsense,' OR 1=1,{mine}")
    assert len(app.warning) == 2
    assert all("There is no run" in warning.value for warning in app.warning)
    assert [row["colour"] is not None for row in rows(app)] == [True]


def test_a_name_is_shown_as_text(store: Store, sample_data: Dataset):
    name = "<img src=x onerror=alert(1)> **bold**"
    run_id = train(store, sample_data, name)
    app = visit(run_id)
    assert rows(app)[0]["name"] == name
    shown = " ".join(element.value for element in app.html)
    assert escape(name) in shown
    assert name not in shown
    app.button(key="runs_delete").click().run()
    assert name in [text.value for text in app.text]
    assert not any(name in element.value for element in app.markdown)


def test_only_so_many_are_compared_at_once(store: Store, sample_data: Dataset):
    chosen = [train(store, sample_data, f"run {k}") for k in range(MOST + 1)]
    table = compared(visit(",".join(chosen)))
    assert f"run {MOST - 1}<" in table
    assert f"run {MOST}<" not in table


def test_the_two_newest_are_one_click_away(store: Store, sample_data: Dataset):
    train(store, sample_data, "old")
    newest = [train(store, sample_data, name) for name in ("newer", "newest")]
    app = visit()
    app.button(key="runs_newest").click().run()
    assert app.query_params["runs"] == ",".join(reversed(newest))
    assert "newest" in compared(app)


@given(
    some.lists(
        some.fixed_dictionaries(
            {
                "architecture": some.sampled_from(["ff_autoencoder", "conv_classifier"]),
                "dropout": some.sampled_from([0.0, 0.1]),
                "seed": some.integers(0, 2),
                "patience": some.sampled_from([None, 3]),
            }
        ),
        min_size=2,
        max_size=4,
    )
)
def test_differing_is_what_the_json_of_the_specs_says(settings: list[dict]):
    specs: list[RunSpec] = [read_spec(values) for values in settings]
    plain = [json.loads(spec.to_json()) for spec in specs]
    expected = {
        field
        for field in LABELS
        if field != "task" and len({json.dumps(values[field]) for values in plain}) > 1
    }
    assert set(differing(specs)) == expected


@given(arrays(np.int64, (2, 10, 10), elements=some.integers(0, 50)))
def test_the_diagonal_of_the_difference_is_the_gain_in_recall(matrices: np.ndarray):
    assume(matrices.sum(axis=(1, 2)).all())
    gain = difference(*matrices)
    recalls = []
    for matrix in matrices:
        true, predicted = (np.repeat(axis.ravel(), matrix.ravel()) for axis in np.indices((10, 10)))
        recalls.append(recall_score(true, predicted, labels=range(10), average=None, zero_division=0))
    np.testing.assert_allclose(np.diag(gain), recalls[1] - recalls[0], atol=1e-12)


def test_the_largest_differences_come_first_and_in_words():
    first = np.eye(10, dtype=np.int64) * 100
    second = first.copy()
    second[6, 6], second[6, 0] = 70, 30
    second[3, 3], second[3, 4] = 95, 5
    assert largest(first, second, NAMES) == [
        "6 taken for 0: 30 points more often",
        "6 recognised: 30 points less often",
        "3 recognised: 5 points less often",
        "3 taken for 4: 5 points more often",
    ]
    assert largest(first, first, NAMES) == ["Nowhere by more than one point."]


def test_runs_of_one_name_say_in_what_they_differ_everywhere(store: Store, sample_data: Dataset):
    one = train(store, sample_data, "same", dropout=0.1)
    other = train(store, sample_data, "same", dropout=0.3, train_size=2000)
    alone = train(store, sample_data, "alone", dropout=0.5)
    listed = {row["id"]: row for row in rows(visit(f"{one},{other}"))}
    assert listed[one]["apart"] == "dropout 0.1 · training images 1,000"
    assert listed[other]["apart"] == "dropout 0.3 · training images 2,000"
    assert listed[other]["tick"] == "Choose same, dropout 0.3 · training images 2,000"
    assert listed[alone]["apart"] == ""
    legend = [line.name for line in lines([store.run(run_id) for run_id in (one, other, alone)])]
    assert legend[1:] == ["same · dropout 0.3 · training images 2,000", "alone"]


def test_runs_of_the_same_settings_say_when_they_began(store: Store, sample_data: Dataset):
    runs = [store.run(train(store, sample_data, "same")) for _ in range(3)]
    names = [line.name for line in lines(runs)]
    assert len(set(names)) == 3
    for name, run in zip(names, runs, strict=True):
        assert f"{run.created:%H:%M:%S}" in name
    assert len({(line.colour, line.dash) for line in lines(runs)}) == 3


@given(some.lists(some.tuples(some.sampled_from(["x", "y"]), some.sampled_from([0.1, 0.3])), max_size=6))
def test_no_two_runs_are_called_the_same(drawn: list[tuple[str, float]]):
    began = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    spec = read_spec({"architecture": "ff_autoencoder"})
    runs = [
        SimpleNamespace(name=name, spec=spec.changed(dropout=dropout), created=began)
        for name, dropout in drawn
    ]
    names = names_apart(runs)
    assert len(set(names)) == len(runs)
    for name, (typed, dropout) in zip(names, drawn, strict=True):
        assert name.startswith(typed)
        if {0.1, 0.3} == {other for other_name, other in drawn if other_name == typed}:
            assert f"dropout {dropout}" in name


def test_the_runs_of_a_sweep_stand_in_one_row(store: Store, sample_data: Dataset):
    sweeps = Sweeps(store)
    spec = read_spec({"architecture": "ff_autoencoder", "train_size": 1000})
    sweep = sweeps.create(ME, "Dropout: 0, 0.5", "sweep", "dropout", [(spec, "a"), (spec, "b"), (spec, "c")])
    members = [sweeps.begin_next(sweep) for _ in range(2)]
    alone = train(store, sample_data, "alone")
    app = visit()
    assert {row["id"]: row["group"] for row in rows(app)} == {members[0]: sweep, members[1]: sweep, alone: ""}
    (table,) = (one for one in app.get("bidi_component") if one.key == "run_table")
    (group,) = json.loads(table.proto.json)["groups"]
    assert (group["id"], group["name"], group["kind"]) == (sweep, "Dropout: 0, 0.5", "Sweep")
    assert (group["count"], group["href"], group["loss"]) == ("2 runs", f"sweep?sweep={sweep}", "–")


def test_every_setting_and_figure_can_be_sorted_by_and_every_setting_found(
    store: Store, sample_data: Dataset
):
    train(store, sample_data, "50 % 🧑‍🔬", dropout=0.25)
    app = visit()
    (table,) = (one for one in app.get("bidi_component") if one.key == "run_table")
    offered = [name for name, _label in json.loads(table.proto.json)["sorts"]]
    (row,) = rows(app)
    assert set(offered) == set(row["ranks"])
    assert {f"spec.{name}" for name in LABELS if name != "task"} <= set(offered)
    assert row["ranks"]["spec.dropout"] == 0.25
    assert row["ranks"]["spec.hidden_sizes"] == 64
    for words_of in (
        "50 % 🧑‍🔬",
        "Dropout 0.25",
        "Feed-forward autoencoder, 64",
        "Finished",
        "Optimizer Adam",
    ):
        assert words_of in row["found_by"]


def folded_settings(app: AppTest) -> list:
    return [one for one in app.expander if one.label == "All settings"]


def test_one_run_shows_all_its_settings_and_a_comparison_folds_them(store: Store, sample_data: Dataset):
    one, two = (train(store, sample_data, name, dropout=0.25) for name in ("one", "two"))
    had = [name for name in LABELS if name not in ("task", "pooling", "momentum", "encoder", "branch")]
    names, others = [str(LABELS[name]) for name in had], {"Pooling", "Momentum", "Encoder", "Branched from"}
    alone = visit(one)
    assert not folded_settings(alone)
    assert [name for name in names if f'<th scope="row">{name}</th>' not in compared(alone)] == []
    assert "<td>0.25</td>" in compared(alone)
    both = visit(f"{one},{two}")
    (folded,) = folded_settings(both)
    assert not folded.proto.expanded
    (table,) = (html.value for html in folded.html)
    assert [name for name in names if f'<th scope="row">{name}</th>' not in table] == []
    for whole in (compared(alone), table):
        assert [name for name in others if f'<th scope="row">{name}</th>' in whole] == []
    assert "Momentum" not in compared(both)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["x (2)", "x", "x"], ["x (2)", "x", "x (3)"]),
        (["x", "x", "x (2)"], ["x", "x (3)", "x (2)"]),
        (["x", "x", "x (2)", "x (2)"], ["x", "x (3)", "x (2)", "x (2) (2)"]),
    ],
)
def test_a_number_that_tells_names_apart_is_in_no_other_name(names: list[str], shown: list[str]):
    assert unique(names) == shown


@given(some.lists(some.sampled_from(["x", "x (2)", "x (3)", "x (2) (2)", "y"]), max_size=6))
def test_compared_names_are_unique_and_begin_as_typed(names: list[str]):
    shown = unique(names)
    assert len(set(shown)) == len(names)
    assert all(label.startswith(name) for label, name in zip(shown, names, strict=True))
    assert [label for label, name in zip(shown, names, strict=True) if names.count(name) == 1] == [
        name for name in names if names.count(name) == 1
    ]


def test_links_and_file_names(store: Store, sample_data: Dataset):
    runs = [
        store.run(train(store, sample_data, "R1: n 64 / ../é", architecture="conv_classifier")),
        store.run(train(store, sample_data, "two")),
    ]
    here = "https://lab.example/base/runs"
    assert link(runs[:1], here) == f"https://lab.example/base/classifier?run={runs[0].id}"
    assert link(runs, here) == f"{here}?runs={runs[0].id},{runs[1].id}"
    assert re.fullmatch(r"R1-n-64-.*é-\w{4}", file_stem(runs[0]))
    assert "/" not in file_stem(runs[0])


def test_a_run_that_cannot_be_read_is_named_with_the_reason_and_can_be_deleted(
    store: Store, sample_data: Dataset
):
    good = train(store, sample_data, "good")
    bad = train(store, sample_data, "*bad* $x$", ended=False)
    beyond = json.dumps({**json.loads(store.run(bad).spec.to_json()), "epochs": 501})
    with store.database.writing() as connection:
        connection.execute(schema.runs.update().where(schema.runs.c.id == bad).values(spec=beyond))
    app = visit()
    assert [row["id"] for row in rows(app)] == [good]
    assert "1 run cannot be read, so it is set aside." in app.warning[0].value
    assert "*bad* $x$" in [element.value for element in app.text]
    assert any("Epochs can be at most 500; you gave 501." in element.value for element in app.caption)
    app.switch_page("pages/lab/autoencoder.py")
    app.query_params["run"] = bad
    app.run()
    assert any("Epochs can be at most 500; you gave 501." in element.value for element in app.warning)
    app = visit()
    app.button(f"set_aside_{bad}").click().run()
    assert not app.warning
    assert store.unreadable_runs(ME) == []
    assert [row["id"] for row in rows(app)] == [good]


def test_a_learner_whose_only_run_cannot_be_read_sees_it(store: Store, sample_data: Dataset):
    bad = train(store, sample_data, "bad")
    with store.database.writing() as connection:
        connection.execute(schema.runs.update().where(schema.runs.c.id == bad).values(spec="{"))
    app = visit(bad)
    assert any("set aside" in element.value for element in app.warning)
    assert app.button(f"set_aside_{bad}")


def test_the_page_says_what_runs_take_of_the_disk_before_and_at_the_bound(
    store: Store, sample_data: Dataset, monkeypatch: pytest.MonkeyPatch
):
    run_id = train(store, sample_data, "large", ended=False)
    lease = store.run(run_id).lease
    store.write_slice(run_id, lease, [], step=100, epoch=2, seconds=7.0, checkpoint=bytes(9_500_000))
    for quota, words in (
        ("1000", None),
        ("10", "When they take all"),
        ("5", "Delete some on Results › Runs"),
    ):
        monkeypatch.setenv("FMNIST_QUOTA_MB", quota)
        app = AppTest.from_file(APP, default_timeout=30)
        app.session_state["learner"] = ME
        app.run()
        app.switch_page("pages/results/runs.py").run()
        (meter,) = app.get("progress")
        assert meter.proto.text == f"Your runs and pins take 9.5 of {int(quota):,} MB on the lab's disk."
        said = [element.value for element in (*app.warning, *app.error)]
        assert len(said) == (words is not None)
        assert words is None or words in said[0]


def test_only_what_has_changed_is_made_and_sent(store: Store, sample_data: Dataset):
    def app():
        import streamlit as st

        from pages.parts.compare.run_listing import listing, news

        st.session_state.now = listing([])
        if "drawn" in st.session_state:
            st.session_state.news = news(st.session_state.drawn, st.session_state.now)

    ended, gone = train(store, sample_data, "ended"), train(store, sample_data, "gone")
    going = train(store, sample_data, "going", ended=False)
    page = AppTest.from_function(app)
    page.session_state["learner"] = ME
    drawn = page.run().session_state.now
    page.session_state["drawn"] = drawn
    assert page.run().session_state.news == News((), (), ())
    store.delete(gone)
    store.write_slice(going, store.claim(going), [], step=4, epoch=3, seconds=9.0)
    begun = train(store, sample_data, "begun", ended=False)
    page.run()
    news, now = page.session_state.news, page.session_state.now
    assert ([row.id for row in news.rows], news.gone) == ([begun, going], (gone,))
    assert [row.id for row in now.rows] == [begun, going, ended]
    assert now.rows[2] is next(row for row in drawn.rows if row.id == ended)
