"""The missing setting: cases from the evidence, a budget that ends, an answer, a link that shows the game."""

import pytest

from fmnist_core.replication.claims.judge import arranged
from fmnist_core.replication.hypotheses import STUDIES
from fmnist_core.replication.hypotheses.screening import screen
from pages.parts.missing_setting.case import cases
from tests.replication.synthetic_records import record, under

PAGE = "pages/learn/missing_setting.py"
TOLD = {"r3-1": (0.78, 0.69), "r3-2": (0.335, 0.888), "r3-3": (0.37, 0.889)}
FIGURES = {
    "standard": {"r3-1": (0.515, 0.808), "r3-2": (0.322, 0.892)},
    "standard-60000": {"r3-1": (0.512, 0.809), "r3-2": (0.321, 0.892)},
    "60000": {"r3-1": (0.74, 0.72), "r3-2": (0.32, 0.89)},
    "batch-64": {"r3-1": (0.69, 0.75), "r3-2": (0.337, 0.886)},
    "batch-32": {"r3-1": (0.60, 0.79), "r3-2": (0.34, 0.886)},
    "rate-10": {"r3-1": (0.42, 0.85), "r3-2": (0.43, 0.85)},
}


def told():
    return [
        record(id, seed, loss=loss * (1 + 0.02 * (seed - 1)), accuracy=accuracy + 0.004 * (seed - 1))
        for id, (loss, accuracy) in TOLD.items()
        for seed in range(3)
    ]


def tried():
    return [
        under(hypothesis, id, loss=loss, accuracy=accuracy)
        for hypothesis, figures in FIGURES.items()
        for id, (loss, accuracy) in figures.items()
    ]


@pytest.fixture
def case():
    known, runs = arranged(told()), arranged(tried())
    (found,) = cases({study.id: screen(study, known, runs) for study in STUDIES}).values()
    return found


@pytest.fixture
def game(evidence, visit):
    evidence(told())
    evidence(tried(), screened=True)
    return lambda **address: visit(PAGE, **address)


def words(app) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.success, *app.warning, *app.caption))


def test_a_case_has_what_was_trained_and_a_budget_for_a_part_of_it(case):
    assert set(case.options) == set(FIGURES)
    assert case.answers == ["standard", "standard-60000"]
    every = sum(map(case.seconds, FIGURES))
    assert case.budget == pytest.approx(every / 3)
    assert all(case.seconds(id) <= case.budget for id in FIGURES)
    assert list(case.options) != sorted(case.options), "the order tells nothing"


def test_nothing_is_bought_twice_nor_beyond_the_budget(case):
    bought = case.affordable(["rate-10", "rate-10", "nonsense", *FIGURES])
    assert bought[0] == "rate-10"
    assert len(set(bought)) == len(bought) < len(FIGURES)
    assert case.left(bought) >= 0
    assert all(case.seconds(id) > case.left(bought) for id in FIGURES if id not in bought)


def test_without_an_explanation_there_is_no_case(evidence, visit):
    evidence(told())
    app = visit(PAGE)
    assert "nothing to find" in app.info[0].value
    assert not app.button


def test_an_experiment_is_run_and_stands_in_the_table_and_the_address(game):
    app = game()
    assert app.button(key="missing_run").disabled
    assert app.button(key="missing_answer").disabled
    app.selectbox(key="next_r3-models").select("batch-64").run()
    app.button(key="missing_run").click().run()
    assert app.query_params["tried"] == "batch-64"
    assert "You ran that" in words(app)
    assert app.button(key="missing_run").disabled


def test_the_budget_ends_and_an_answer_is_still_possible(game, case):
    bought = case.affordable(list(FIGURES))
    app = game(tried=",".join(bought))
    left = next(id for id in FIGURES if id not in bought)
    app.selectbox(key="next_r3-models").select(left).run()
    assert app.button(key="missing_run").disabled
    assert not app.button(key="missing_answer").disabled
    assert "does not last" in words(app)


def test_a_right_answer_and_a_guess_are_told_apart_and_the_game_begins_anew(game):
    app = game(tried="standard", said="standard")
    assert "Right: all figures agree if images went in with mean 0" in words(app)
    assert "guess" not in words(app)
    assert "You ran 1 experiment," in words(app)
    assert "A good guess" in words(game(said="standard-60000"))
    assert "Likelier still" in words(game(said="standard-60000"))
    app.button(key="missing_again").click().run()
    assert "tried" not in app.query_params
    assert "said" not in app.query_params
    assert app.selectbox(key="next_r3-models").value is None


def test_a_wrong_answer_says_how_many_figures_agree_and_what_it_was(game):
    text = words(game(said="60000"))
    assert "Not that: 2 of 4 figures agree with it." in text
    assert "All would agree if images went in with mean 0 and standard deviation 1." in text


@pytest.mark.parametrize(
    "address", [{"tried": "nonsense"}, {"said": "x" * 300}, {"tried": ",".join(FIGURES)}]
)
def test_a_link_that_asks_for_too_much_is_told_so(game, address):
    app = game(**address)
    assert "This link names experiments" in words(app)
    assert app.button(key="missing_run") is not None


def test_a_case_that_is_not_there_is_named(game):
    assert "asks for “r9”" in words(game(case="r9"))
