"""A worker's turns of a run for the evidence, taken in this process: nothing is written, all comes back."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load, save
from short_runs import same_weights, short

from fmnist_core import data
from fmnist_core.nets import evidence_run, training
from fmnist_core.nets.evidence_run import LIVE, advance_run, begin, fingerprint
from fmnist_core.nets.models import build
from fmnist_core.orders import RunOrder, Start
from fmnist_core.spec import read_spec

CLASSIFIER = short(architecture="ff_classifier", hidden_sizes=[8])
AUTOENCODER = short(architecture="ff_autoencoder", hidden_sizes=[8], validation_size=0)
TRAINED = {"architecture": "ff_autoencoder", "origin": "model", "id": "auto"}
ON_ENCODER = short(architecture="encoder_classifier", hidden_sizes=[8], encoder=TRAINED)
CPU = torch.device("cpu")
TURN = RunOrder("lease", threads=1, seconds=60.0, full_data=False)


@pytest.fixture(autouse=True)
def _a_worker_of_its_own(sample_data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(data.SAMPLE_FOLDER))
    LIVE.clear()
    yield
    LIVE.clear()


def alone(spec, **more) -> training.TrainState:
    state = training.start(spec, **more)
    for _ in training.advance(state):
        pass
    return state


def test_one_turn_tells_everything():
    report = advance_run(TURN, Start(CLASSIFIER.to_json()))
    state = alone(CLASSIFIER)
    assert (report.outcome, report.first_step, report.step, report.epoch) == ("advanced", 0, 12, 3)
    assert [epoch.epoch for epoch in report.epochs] == [1, 2, 3]
    assert (report.test_losses, report.state) == ((), None)
    assert [frame.step for frame in report.frames] == sorted(state.film_steps)
    assert all(frame.state == b"" for frame in report.frames)
    assert report.weights == training.weights(state)
    assert report.fingerprint == fingerprint(report.weights)
    assert report.finished.test_accuracy == pytest.approx(report.finished.test_confusion.trace() / 1000)
    assert report.hardware.endswith(", 1 thread, float32")
    assert report.versions["torch"] == torch.__version__


def test_turns_add_up_to_one():
    whole = advance_run(TURN, Start(CLASSIFIER.to_json()))
    start, told = Start(CLASSIFIER.to_json()), []
    while not told or told[-1].finished is None:
        told.append(advance_run(replace(TURN, seconds=0.002), start))
        start = None
        assert told[-1].first_step == (told[-2].step if told[1:] else 0)
    assert len(told) > 3
    assert told[-1].fingerprint == whole.fingerprint
    assert [e.validation_loss for turn in told for e in turn.epochs] == [
        e.validation_loss for e in whole.epochs
    ]
    assert [f.step for turn in told for f in turn.frames] == [f.step for f in whole.frames]


def test_a_turn_of_no_time_saves_and_another_worker_goes_on():
    advance_run(replace(TURN, seconds=0.002), Start(CLASSIFIER.to_json()))
    saved = advance_run(replace(TURN, seconds=0.0, save=True), None)
    assert (saved.epochs, saved.finished) == ((), None)
    LIVE.clear()
    assert advance_run(TURN, None).outcome == "lost"
    report = advance_run(replace(TURN, lease="other"), Start(CLASSIFIER.to_json(), checkpoint=saved.state))
    assert report.first_step == saved.step
    assert report.fingerprint == fingerprint(training.weights(alone(CLASSIFIER)))
    assert list(LIVE) == ["other"], "a worker keeps one run"


def test_without_validation_images_the_test_loss_is_told_each_epoch():
    report = advance_run(TURN, Start(AUTOENCODER.to_json()))
    assert len(report.test_losses) == len(report.epochs) == 3
    images = torch.from_numpy(data.load().test_images.copy()).unsqueeze(1) / 255
    model = build(AUTOENCODER).eval()
    model.load_state_dict(load(report.weights))
    with torch.inference_mode():
        assert report.test_losses[-1] == pytest.approx(F.mse_loss(model(images), images).item(), rel=1e-5)
    assert report.test_losses[-1] == pytest.approx(report.finished.test_loss)


def test_the_last_state_is_kept_for_those_who_continue():
    report = advance_run(replace(TURN, save_end=True), Start(CLASSIFIER.to_json()))
    longer = CLASSIFIER.changed(epochs=5)
    state = begin(Start(longer.to_json(), checkpoint=report.state), data.load())
    assert (state.step, state.spec, state.finished) == (12, longer, False)
    for _ in training.advance(state):
        pass
    assert same_weights(state, alone(longer))


def test_an_encoder_is_taken_over():
    encoder = advance_run(TURN, Start(AUTOENCODER.to_json())).weights
    state = begin(Start(ON_ENCODER.to_json(), encoder=encoder), data.load())
    theirs, ours = load(encoder), state.model.state_dict()
    assert torch.equal(ours["encoder.latent.weight"], theirs["encoder.latent.weight"])


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (Start("{"), "not valid JSON"),
        (Start(ON_ENCODER.to_json()), "The trained encoder is missing"),
        (
            Start(CLASSIFIER.changed(train_size=50_000).to_json()),
            "the data in use has 7,000",
        ),
        (Start(CLASSIFIER.to_json(), checkpoint=b"no state"), "damaged"),
        (Start(ON_ENCODER.to_json(), encoder=b"no weights"), "damaged"),
    ],
)
def test_what_cannot_begin_says_why(start: Start, words: str):
    report = advance_run(TURN, start)
    assert report.outcome == "failed"
    assert words in str(report.reason)
    assert not LIVE


def test_a_state_of_other_settings_is_refused():
    saved = training.save(training.start(CLASSIFIER))
    report = advance_run(TURN, Start(CLASSIFIER.changed(dropout=0.5).to_json(), checkpoint=saved))
    assert report.outcome == "failed"


def test_a_run_that_diverges_ends_with_what_it_has():
    wild = {"loss": "mse", "optimizer": "sgd", "learning_rate": 10.0, "momentum": 0.99, "epochs": 60}
    wild = short(architecture="ff_classifier", hidden_sizes=[512, 512], **wild)
    report = advance_run(TURN, Start(wild.to_json()))
    assert (report.finished.reason, report.finished.test_loss) == ("diverged", None)
    assert len(report.fingerprint) == 64


def test_fingerprints_tell_weights_apart_and_nothing_else():
    state = training.start(CLASSIFIER)
    weights = load(training.weights(state))
    same = dict(reversed(weights.items()))
    assert fingerprint(save(same, {"note": "other metadata"})) == fingerprint(training.weights(state))
    assert fingerprint(training.save(state)) == fingerprint(training.weights(state))
    for name in weights:
        moved = {**weights, name: weights[name] + 2.0**-10}
        assert fingerprint(save(moved)) != fingerprint(save(weights))
    turned = {**weights, "output.weight": weights["output.weight"].t().contiguous()}
    assert fingerprint(save(turned)) != fingerprint(save(weights))


def test_hardware_is_named_in_words(monkeypatch):
    assert evidence_run.hardware(CPU, CLASSIFIER, 2).endswith(", 2 threads, float32")
    assert evidence_run.hardware(CPU, CLASSIFIER, 1).endswith(", 1 thread, float32")
    monkeypatch.setenv("FMNIST_PRECISION", "bfloat16")
    assert evidence_run.hardware(CPU, CLASSIFIER, 1).endswith(", float32"), "small steps are not cast"
    assert evidence_run.hardware(CPU, read_spec({"architecture": "conv_autoencoder"}), 1).endswith(
        ", bfloat16"
    )
