"""Specs: exact parameter counts, the JSON round trip, and a sentence for every refusal."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fmnist_core.architecture.networks import ARCHITECTURES
from fmnist_core.sentences import Sentence
from fmnist_core.spec import (
    LABELS,
    LIMITS,
    MAX_PARAMETERS,
    TRAIN_IMAGES,
    RunSpec,
    SpecError,
    read_spec,
    snapshot_steps,
)

COUNTS = [
    ({"architecture": "ff_autoencoder", "hidden_sizes": [64]}, 101_200),
    ({"architecture": "ff_autoencoder", "hidden_sizes": [512]}, 784 * 512 + 512 + 512 * 784 + 784),
    ({"architecture": "conv_autoencoder", "hidden_sizes": [64]}, 121_457),
    ({"architecture": "ff_classifier", "hidden_sizes": [128, 64]}, 109_386),
    ({"architecture": "conv_classifier", "hidden_sizes": [600, 120]}, 1_475_146),
    ({"architecture": "encoder_classifier", "hidden_sizes": [64]}, 160 + 4640 + 800 * 64 + 64 + 650),
    (
        {"architecture": "encoder_classifier", "encoder": {"architecture": "ff_autoencoder"}},
        784 * 64 + 64 + 650,
    ),
    (
        {"architecture": "conv_autoencoder", "hidden_sizes": [64], "pooling": False},
        # two convolutions of 3×3 leave 24×24, and the decoder mirrors them
        (160 + 4640 + 18432 * 64 + 64) + (64 * 18432 + 18432 + 32 * 16 * 9 + 16 + 16 * 9 + 1),
    ),
]


def of_range(name: str) -> st.SearchStrategy:
    low, high = LIMITS[name]
    return st.integers(low, high) if isinstance(low, int) else st.floats(low, high)


def lists_of_changes() -> st.SearchStrategy:
    change = st.fixed_dictionaries(
        {"step": st.integers(0, 10**6), "learning_rate": of_range("learning_rate")}
    )
    return st.lists(change, max_size=3)


def branch_points() -> st.SearchStrategy:
    layers = [
        "hidden.0",
        "hidden.1",
        "encoder.latent",
        "encoder.conv1",
        "decoder.up1",
        "decoder.sigmoid",
        "x",
    ]
    surgery = st.fixed_dictionaries(
        {"layer": st.sampled_from(layers), "unit": st.integers(0, 70), "factor": st.floats(0, 10)}
    )
    point = {"run": st.text(), "step": st.integers(0, 100), "surgery": st.none() | surgery}
    return st.fixed_dictionaries(point)


@st.composite
def settings_of_a_run(draw: st.DrawFn) -> dict:
    """Settings as they come from outside; some that do not fit together are among them."""
    architecture = draw(st.sampled_from(list(ARCHITECTURES)))
    layers = ARCHITECTURES[architecture].most_hidden_sizes
    optional = {
        "hidden_sizes": st.lists(of_range("hidden_sizes"), min_size=1, max_size=layers),
        "loss": st.sampled_from(["mse", "cross_entropy"]),
        "optimizer": st.sampled_from(["adam", "sgd"]),
        "pooling": st.booleans(),
        "scaling": st.sampled_from(["unit", "symmetric", "standard"]),
        "learning_rate_changes": lists_of_changes(),
        "patience": st.none() | of_range("patience"),
        "branch": st.none() | branch_points(),
    }
    for name in ("dropout", "momentum", "learning_rate", "batch_size", "epochs", "seed"):
        optional[name] = of_range(name)
    for name in ("train_size", "validation_size"):
        optional[name] = of_range(name)
    if architecture == "encoder_classifier":
        optional["encoder"] = st.fixed_dictionaries(
            {"origin": st.just("run"), "id": st.text(), "frozen": st.booleans()}
        )
    return {"architecture": architecture, **draw(st.fixed_dictionaries({}, optional=optional))}


@pytest.mark.parametrize(("settings", "count"), COUNTS)
def test_parameter_counts_are_exact(settings: dict, count: int):
    assert read_spec(settings).parameter_count == count


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_architecture_alone_is_a_spec(architecture: str):
    spec = read_spec({"architecture": architecture})
    assert spec.task == ARCHITECTURES[architecture].task
    assert spec.hidden_sizes == ARCHITECTURES[architecture].default_hidden_sizes
    assert spec.loss == ("mse" if spec.task == "autoencoder" else "cross_entropy")
    assert (spec.encoder is not None) == (architecture == "encoder_classifier")
    assert spec.parameter_count <= MAX_PARAMETERS


@given(settings_of_a_run())
def test_a_spec_survives_json_and_a_refusal_is_a_sentence_for_each_field(settings: dict):
    try:
        spec = read_spec(settings)
    except SpecError as refusal:
        assert_readable(refusal)
        return
    again = read_spec(spec.to_json())
    assert again == spec
    assert hash(again) == hash(spec)
    assert again.to_json() == spec.to_json()
    assert spec.changed() == spec
    assert spec.changed(seed=spec.seed // 2).seed == spec.seed // 2
    for name, value in settings.items():
        assert json.loads(spec.to_json())[name] == value or name == "encoder"


def assert_readable(refusal: SpecError) -> None:
    assert refusal.fields
    for field, sentence in refusal.fields.items():
        assert isinstance(sentence, Sentence)
        assert field in (*LABELS, "") or field in str(sentence)
        assert str(sentence).strip()
        assert not any(word in str(sentence) for word in ("Input should", "pydantic", "type=", "Traceback"))
        assert Sentence.from_json(sentence.to_json()) == sentence


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(list(ARCHITECTURES)),
    st.sampled_from([*RunSpec.model_fields, "nonsense"]),
    JSON_VALUES,
)
def test_any_value_in_any_field_is_taken_or_refused_in_sentences(
    architecture: str, field: str, value: object
):
    settings = {"architecture": architecture, field: value}
    try:
        spec = read_spec(settings)
    except SpecError as refusal:
        assert_readable(refusal)
    else:
        assert read_spec(spec.to_json()) == spec
        assert spec.parameter_count <= MAX_PARAMETERS


@given(st.text(max_size=50) | st.binary(max_size=50) | JSON_VALUES.map(json.dumps))
def test_any_text_is_refused_in_sentences(text: str | bytes):
    with pytest.raises(SpecError) as refusal:
        read_spec(text)
    assert_readable(refusal.value)


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_inclusive_and_the_sentence_names_label_limit_and_value(name: str):
    low, high = LIMITS[name]
    # what else must be so that the limit itself is allowed
    room = {
        "momentum": {"optimizer": "sgd"},
        "train_size": {"batch_size": 50, "validation_size": 0},
        "validation_size": {"train_size": 40_000},
    }.get(name, {})
    for value, beyond in ((low, low - 1), (high, high + 1)):
        settings = {"architecture": "ff_classifier", **room}
        spec = read_spec({**settings, name: as_given(name, value)})
        assert spec.model_dump()[name] in (value, (value,))
        with pytest.raises(SpecError) as refusal:
            read_spec({**settings, name: as_given(name, beyond)})
        assert list(refusal.value.fields) == [name]
        sentence = str(refusal.value)
        for part in (LABELS[name], value, beyond):
            assert str(part) in sentence


def as_given(name: str, value: float) -> object:
    return [value] if name == "hidden_sizes" else value


REFUSED = {
    "unknown field": ({"learning_rat": 0.1}, "learning_rat", "There is no setting named “learning_rat”"),
    "unknown network": ({"architecture": "resnet"}, "architecture", "Network can be ff_autoencoder, "),
    "no network": ({"architecture": None}, "architecture", "Network"),
    "text for a number": ({"epochs": "10"}, "epochs", "Epochs must be a whole number; you gave “10”"),
    "fraction for a count": ({"epochs": 2.5}, "epochs", "Epochs must be a whole number; you gave “2.5”"),
    "truth for a count": ({"epochs": True}, "epochs", "Epochs must be a whole number"),
    "number for a switch": ({"pooling": 1}, "pooling", "Pooling is true or false; you gave “1”"),
    "number for a list": ({"hidden_sizes": 64}, "hidden_sizes", "Hidden size must be a list, like [64]"),
    "empty list": ({"hidden_sizes": []}, "hidden_sizes", "Hidden size needs at least one value"),
    "not a number": ({"learning_rate": float("nan")}, "learning_rate", "Learning rate must be a number"),
    "infinite": ({"learning_rate": float("inf")}, "learning_rate", "Learning rate"),
    "zero rate": ({"learning_rate": 0}, "learning_rate", "Learning rate must be at least 1e-06; you gave 0"),
    "bad change": (
        {"learning_rate_changes": [{"step": -1, "learning_rate": 0.1}]},
        "learning_rate_changes",
        "Learning rate changes must be at least 0; you gave -1",
    ),
    "too many layers": ({"hidden_sizes": [9] * 5}, "hidden_sizes", "at most 4; you gave 5"),
    "wrong task": ({"task": "autoencoder"}, "task", "not a network for this task"),
    "batch too large": ({"train_size": 100, "batch_size": 101}, "batch_size", "A batch of 101"),
    "too many images": ({"train_size": 50_001, "validation_size": 10_000}, "validation_size", "60000"),
    "nothing to watch": ({"patience": 3, "validation_size": 0}, "patience", "needs validation images"),
    "momentum in Adam": ({"momentum": 0.9}, "momentum", "Momentum belongs to SGD"),
    "no encoder wanted": ({"encoder": {}}, "encoder", "Only the classifier on an encoder"),
    "encoder without id": (
        {"architecture": "encoder_classifier", "encoder": {"origin": "run"}},
        "encoder",
        "Say which trained encoder",
    ),
    "at rest and learning": (
        {"architecture": "encoder_classifier", "encoder": {"dropout": False}},
        "encoder",
        "Only a frozen encoder can go without dropout",
    ),
    "encoder missing": ({"architecture": "encoder_classifier", "encoder": None}, "encoder", "it needs one"),
    "wrong loss": ({"architecture": "ff_autoencoder", "loss": "cross_entropy"}, "loss", "mean squared error"),
    "too large": (
        {"architecture": "conv_classifier", "pooling": False, "hidden_sizes": [4096]},
        "hidden_sizes",
        "the limit is 20,000,000",
    ),
}


@pytest.mark.parametrize(("settings", "field", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_names_the_field_and_says_why(settings: dict, field: str, words: str):
    with pytest.raises(SpecError) as refusal:
        read_spec({"architecture": "ff_classifier", **settings})
    assert list(refusal.value.fields) == [field]
    assert words in str(refusal.value.fields[field])


def test_a_spec_from_before_encoders_could_rest_is_one_whose_encoder_does_not():
    old = {"architecture": "conv_autoencoder", "origin": "run", "id": "a", "frozen": True}
    spec = read_spec({"architecture": "encoder_classifier", "encoder": old})
    assert spec == read_spec({"architecture": "encoder_classifier", "encoder": {**old, "dropout": True}})


def test_several_faults_are_told_at_once():
    with pytest.raises(SpecError) as refusal:
        read_spec({"architecture": "ff_classifier", "epochs": 0, "dropout": 1.0, "colour": "red"})
    assert set(refusal.value.fields) == {"epochs", "dropout", "colour"}
    assert len(refusal.value.sentences) == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "7", "null", b"\xff\xfe", '{"a": 1', "\x00", "[" * 5000, '{"a": "\\ud800"}']
)
def test_what_is_not_a_json_object_is_refused(text: str | bytes):
    with pytest.raises(SpecError) as refusal:
        read_spec(text)
    assert list(refusal.value.fields) == [""]


def test_a_spec_cannot_be_altered_in_place():
    spec = read_spec({"architecture": "ff_classifier"})
    with pytest.raises(ValueError, match="frozen"):
        spec.epochs = 3
    assert spec.changed(epochs=3).epochs == 3
    assert spec.epochs == 10
    with pytest.raises(SpecError):
        spec.changed(epochs=0)


@given(st.integers(1, 500), st.integers(1, 5000), st.integers(100, TRAIN_IMAGES))
def test_film_starts_before_training_ends_with_it_and_is_log_spaced(epochs: int, batch: int, train: int):
    assume(batch <= train)
    spec = RunSpec(
        architecture="ff_classifier", epochs=epochs, batch_size=batch, train_size=train, validation_size=0
    )
    steps = snapshot_steps(spec)
    assert spec.steps_per_epoch == len(range(0, train, batch))
    assert (steps[0], steps[-1]) == (0, spec.total_steps)
    assert list(steps) == sorted(set(steps))
    for decade in range(7):
        inside = [step for step in steps[1:-1] if 10**decade <= step < 10 ** (decade + 1)]
        assert len(inside) <= 6
    later = [step for step in steps if 10 <= step < spec.total_steps]
    for step, next_one in pairwise(later):
        assert 1.3 < next_one / step < 1.6


def test_a_longer_run_keeps_the_film_of_a_shorter_one():
    spec = read_spec({"architecture": "ff_classifier"})
    assert set(snapshot_steps(spec)[:-1]) <= set(snapshot_steps(spec.changed(epochs=20)))


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate_changes": [{"step": step, "learning_rate": -1.0} for step in range(200_000)]},
        {"hidden_sizes": [0] * 200_000},
        {f"name{n}": 1 for n in range(200_000)},
        {"encoder": {f"name{n}": 1 for n in range(200_000)}},
    ],
    ids=["changes", "sizes", "names", "inner names"],
)
def test_a_spec_of_any_size_is_refused_at_once(settings: dict):
    """Before its values are looked at: each of 200,000 would have a sentence of its own to be made."""
    spec = {"architecture": "ff_classifier", **settings}
    for source in (spec, json.dumps(spec)):
        began = time.process_time()
        with pytest.raises(SpecError, match="too long for a spec"):
            read_spec(source)
        assert time.process_time() - began < 0.1


def test_a_spec_of_any_depth_is_refused():
    part: list = []
    for _ in range(1500):
        part = [part]
    with pytest.raises(SpecError, match="Encoder must hold named settings"):
        read_spec({"architecture": "ff_classifier", "encoder": part})
    for _ in range(5000):
        part = [part]
    with pytest.raises(SpecError, match="too long for a spec"):
        read_spec({"architecture": "ff_classifier", "encoder": part})


def test_as_many_learning_rate_changes_as_anybody_makes_are_read():
    changes = [{"step": step, "learning_rate": 0.01} for step in range(500)]
    spec = read_spec({"architecture": "ff_classifier", "learning_rate_changes": changes})
    assert len(spec.learning_rate_changes) == 500


@pytest.mark.parametrize(
    ("layer", "unit"), [("hidden.1", 128), ("hidden", 0), ("output.1", 0), ("flatten", 0)]
)
def test_surgery_on_what_the_network_has_not_is_refused(layer: str, unit: int):
    surgery = {"layer": layer, "unit": unit, "factor": 0.0}
    branch = {"run": "a", "step": 3, "surgery": surgery}
    with pytest.raises(SpecError, match="no unit"):
        read_spec({"architecture": "ff_classifier", "branch": branch})
    sound = {**branch, "surgery": {**surgery, "layer": "hidden.1", "unit": 127}}
    read_spec({"architecture": "ff_classifier", "branch": sound})


def test_what_a_network_or_an_optimizer_does_not_have_is_known():
    lacks = {name: read_spec({"architecture": name}).lacks for name in ("ff_classifier", "conv_classifier")}
    assert lacks == {"ff_classifier": {"pooling", "momentum"}, "conv_classifier": {"momentum"}}
    on_encoder = read_spec({"architecture": "encoder_classifier", "optimizer": "sgd", "momentum": 0.9})
    assert on_encoder.lacks == set()
