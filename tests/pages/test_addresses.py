"""Whatever an address says, every page is drawn, and names each part of it that it could not follow."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.parts.forms.form_values import DEFAULTS
from pages.parts.sweep.form import OWN
from tests.pages.lab_page import page_text

CLASSIFIER = tuple(DEFAULTS["classifier"])
PARAMETERS: dict[str, tuple[str, ...]] = {
    "learn/home": (),
    "learn/data": ("view",),
    "learn/convolution": ("part",),
    "lab/autoencoder": ("run", *(f"ae_{name}" for name in DEFAULTS["autoencoder"]), "ae_"),
    "lab/classifier": ("run", *(f"cl_{name}" for name in CLASSIFIER), "cl_other"),
    "lab/sweep": ("task", "sweep", *(f"sa_{name}" for name in (*DEFAULTS["autoencoder"], *OWN))),
    "lab/transfer": (
        "race",
        *(f"tr_{name}" for name in ("architecture", "pooling", "encoder", "train_size", "epochs")),
        *(f"tr_{name}" for name in ("dropout", "learning_rate", "seed", "hidden_sizes")),
    ),
    "results/runs": ("runs",),
    "results/reports": ("report", "study", "model"),
    "results/claims": ("claim", "model"),
}
USUAL = ["", "on", "off", "0", "1", "-1", "7", "1e309", "nan", "0,5", "1.000,5", "64,64", "random"]
KNOWN = ["ff_classifier", "encoder_classifier", "conv_autoencoder", "sgd", "classifier", "R2", "C3", "es"]
STRANGE = ["model:", "run:", "model:r4-p0.1", "x" * 300, "../x", "a\0b", "dropout", "learning_rate"]
VALUES = some.sampled_from([*USUAL, *KNOWN, *STRANGE]) | some.text(max_size=40)
UNHEARD_OF = some.text(max_size=20).map(lambda text: f"§{text}")
ONE_VISIT = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def addresses(page: str, values: some.SearchStrategy[str]) -> some.SearchStrategy[dict[str, str]]:
    names = some.sampled_from([*PARAMETERS[page], "lang"])
    return some.dictionaries(names, values, min_size=1, max_size=5)


def readable(text: str) -> str:
    """In single blanks, and without marks of direction around it."""
    return " ".join(re.sub("[\u2068\u2069]", "", text).split())


@pytest.mark.slow
@pytest.mark.parametrize("page", PARAMETERS)
def test_no_address_brings_a_page_down(visit: Callable[..., AppTest], page: str):
    @ONE_VISIT
    @given(addresses(page, VALUES))
    def whatever(address: dict[str, str]) -> None:
        app = visit(f"pages/{page}.py", **address)
        assert not app.exception
        assert "Something went wrong" not in page_text(app)
        assert app.title

    whatever()


@pytest.mark.slow
@pytest.mark.parametrize("page", PARAMETERS)
def test_what_no_page_knows_is_named(visit: Callable[..., AppTest], page: str):
    @ONE_VISIT
    @given(addresses(page, UNHEARD_OF))
    @example({(*PARAMETERS[page], "lang")[0]: "§![x](http://127.0.0.1/p.png)"})
    def unheard_of(address: dict[str, str]) -> None:
        if page == "results/claims" and "model" in address:  # which only a claim has a place for
            address = {"claim": "C3", "model": address["model"]}
        shown = readable(page_text(visit(f"pages/{page}.py", **address)))
        for name, text in address.items():
            unknown = f"There is no setting named “{name.split('_', 1)[-1]}”"
            in_its_field = name == "sa_values"  # which the form holds, and refuses itself
            assert in_its_field or text == "C3" or readable(text[:12]) in shown or unknown in shown, (
                name,
                text,
            )

    unheard_of()


@pytest.mark.parametrize(
    ("page", "prefix"), [("autoencoder", "ae"), ("classifier", "cl"), ("sweep", "sa"), ("transfer", "tr")]
)
def test_of_every_setting_what_cannot_be_is_refused_and_the_form_can_be_trained(
    visit: Callable[..., AppTest], page: str, prefix: str
):
    names = [name for name in PARAMETERS[f"lab/{page}"] if name.startswith(f"{prefix}_")]
    names.remove("sa_values") if page == "sweep" else None  # which the form holds, and refuses itself
    app = visit(f"pages/lab/{page}.py", **{name: f"none-{name}" for name in names})
    for name in names:
        refusal = f"“{name.removeprefix(f'{prefix}_')}” in the address was ignored."
        (sentence,) = [line for line in page_text(app).splitlines() if line.startswith(refusal)]
        assert f"none-{name}" in readable(sentence) or "no setting named" in sentence
    (start,) = [
        element for element in app.button if element.key == ("bar_sweep" if page == "sweep" else "bar_train")
    ]
    assert not start.disabled
