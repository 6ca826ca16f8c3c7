"""A worker's time slices of a run for the evidence, in this process: nothing is written, all comes back."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load, save

from fmnist_core.data import fashion_mnist
from fmnist_core.messages import TrialRequest, TrialStart
from fmnist_core.nets.models.networks import build
from fmnist_core.nets.training import loop
from fmnist_core.nets.training.device import hardware
from fmnist_core.nets.worker.trial_run import LIVE, advance_run, begin, fingerprint
from fmnist_core.spec import read_spec
from tests.nets.short_runs import same_weights, short

CLASSIFIER = short(architecture="ff_classifier", hidden_sizes=[8])
AUTOENCODER = short(architecture="ff_autoencoder", hidden_sizes=[8], validation_size=0)
TRAINED = {"architecture": "ff_autoencoder", "origin": "model", "id": "auto"}
ON_ENCODER = short(architecture="encoder_classifier", hidden_sizes=[8], encoder=TRAINED)
CPU = torch.device("cpu")
SLICE = TrialRequest("lease", threads=1, seconds=60.0, full_data=False)


@pytest.fixture(autouse=True)
def _a_worker_of_its_own(sample_data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FMNIST_DATA", str(fashion_mnist.SAMPLE_FOLDER))
    LIVE.clear()
    yield
    LIVE.clear()


def alone(spec, **more) -> loop.TrainState:
    state = loop.start(spec, **more)
    for _ in loop.advance(state):
        pass
    return state


def test_one_time_slice_tells_everything():
    result = advance_run(SLICE, TrialStart(CLASSIFIER.to_json()))
    state = alone(CLASSIFIER)
    assert (result.outcome, result.first_step, result.step, result.epoch) == ("advanced", 0, 12, 3)
    assert [epoch.epoch for epoch in result.epochs] == [1, 2, 3]
    assert (result.test_losses, result.state) == ((), None)
    assert [frame.step for frame in result.frames] == sorted(state.snapshot_steps)
    assert all(frame.state == b"" for frame in result.frames)
    assert result.weights == loop.weights(state)
    assert result.fingerprint == fingerprint(result.weights)
    assert result.finished.test_accuracy == pytest.approx(result.finished.test_confusion.trace() / 1000)
    assert result.hardware.endswith(", 1 thread, float32")
    assert result.versions["torch"] == torch.__version__


def test_time_slices_add_up_to_one_trial():
    whole = advance_run(SLICE, TrialStart(CLASSIFIER.to_json()))
    start, results = TrialStart(CLASSIFIER.to_json()), []
    while not results or results[-1].finished is None:
        results.append(advance_run(replace(SLICE, seconds=0.002), start))
        start = None
        assert results[-1].first_step == (results[-2].step if results[1:] else 0)
    assert len(results) > 3
    assert results[-1].fingerprint == whole.fingerprint
    assert [e.validation_loss for time_slice in results for e in time_slice.epochs] == [
        e.validation_loss for e in whole.epochs
    ]
    assert [f.step for time_slice in results for f in time_slice.frames] == [f.step for f in whole.frames]


def test_a_time_slice_of_no_time_saves_and_another_worker_goes_on():
    advance_run(replace(SLICE, seconds=0.002), TrialStart(CLASSIFIER.to_json()))
    saved = advance_run(replace(SLICE, seconds=0.0, save=True), None)
    assert (saved.epochs, saved.finished) == ((), None)
    LIVE.clear()
    assert advance_run(SLICE, None).outcome == "lost"
    result = advance_run(
        replace(SLICE, lease="other"), TrialStart(CLASSIFIER.to_json(), checkpoint=saved.state)
    )
    assert result.first_step == saved.step
    assert result.fingerprint == fingerprint(loop.weights(alone(CLASSIFIER)))
    assert list(LIVE) == ["other"], "a worker keeps one run"


def test_without_validation_images_the_test_loss_is_told_each_epoch():
    result = advance_run(SLICE, TrialStart(AUTOENCODER.to_json()))
    assert len(result.test_losses) == len(result.epochs) == 3
    images = torch.from_numpy(fashion_mnist.load().test_images.copy()).unsqueeze(1) / 255
    model = build(AUTOENCODER).eval()
    model.load_state_dict(load(result.weights))
    with torch.inference_mode():
        assert result.test_losses[-1] == pytest.approx(F.mse_loss(model(images), images).item(), rel=1e-5)
    assert result.test_losses[-1] == pytest.approx(result.finished.test_loss)


def test_the_last_state_is_kept_for_those_who_continue():
    result = advance_run(replace(SLICE, save_end=True), TrialStart(CLASSIFIER.to_json()))
    longer = CLASSIFIER.changed(epochs=5)
    state = begin(TrialStart(longer.to_json(), checkpoint=result.state), fashion_mnist.load())
    assert (state.step, state.spec, state.finished) == (12, longer, False)
    for _ in loop.advance(state):
        pass
    assert same_weights(state, alone(longer))


def test_an_encoder_is_taken_over():
    encoder = advance_run(SLICE, TrialStart(AUTOENCODER.to_json())).weights
    state = begin(TrialStart(ON_ENCODER.to_json(), encoder=encoder), fashion_mnist.load())
    theirs, ours = load(encoder), state.model.state_dict()
    assert torch.equal(ours["encoder.latent.weight"], theirs["encoder.latent.weight"])


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (TrialStart("{"), "not valid JSON"),
        (TrialStart(ON_ENCODER.to_json()), "The trained encoder is missing"),
        (
            TrialStart(CLASSIFIER.changed(train_size=50_000).to_json()),
            "the data in use has 7,000",
        ),
        (TrialStart(CLASSIFIER.to_json(), checkpoint=b"no state"), "damaged"),
        (TrialStart(ON_ENCODER.to_json(), encoder=b"no weights"), "damaged"),
    ],
)
def test_what_cannot_begin_says_why(start: TrialStart, words: str):
    result = advance_run(SLICE, start)
    assert result.outcome == "failed"
    assert words in str(result.reason)
    assert not LIVE


def test_a_state_of_other_settings_is_refused():
    saved = loop.save(loop.start(CLASSIFIER))
    result = advance_run(SLICE, TrialStart(CLASSIFIER.changed(dropout=0.5).to_json(), checkpoint=saved))
    assert result.outcome == "failed"


def test_with_dropout_on_the_test_images_are_seen_as_by_a_network_that_trains():
    """As PyTorch's own module says it in training mode, on the same images, by another stream of luck."""
    spec = CLASSIFIER.changed(dropout=0.5, epochs=1)
    result = advance_run(SLICE, TrialStart(spec.to_json()))
    state = alone(spec)
    source, indices = state.parts.of("test")
    images, labels = source.take(indices)
    torch.manual_seed(1)
    with torch.no_grad():
        outputs = [state.model.train()(state.parts.scaled(images)) for _ in range(20)]
    losses = torch.stack([F.cross_entropy(each, labels) for each in outputs])
    accuracies = torch.stack([(each.argmax(1) == labels).float().mean() for each in outputs])
    loss, accuracy = result.dropout_on
    assert loss == pytest.approx(losses.mean().item(), abs=6 * losses.std().item())
    assert accuracy == pytest.approx(accuracies.mean().item(), abs=6 * accuracies.std().item())
    assert loss > result.finished.test_loss


def test_without_dropout_it_makes_no_difference_and_an_autoencoder_has_no_accuracy():
    result = advance_run(SLICE, TrialStart(CLASSIFIER.changed(dropout=0.0).to_json()))
    assert result.dropout_on == pytest.approx((result.finished.test_loss, result.finished.test_accuracy))
    assert advance_run(SLICE, TrialStart(AUTOENCODER.to_json())).dropout_on[1] is None


def test_a_run_that_diverges_ends_with_what_it_has():
    wild = {"loss": "mse", "optimizer": "sgd", "learning_rate": 10.0, "momentum": 0.99, "epochs": 60}
    wild = short(architecture="ff_classifier", hidden_sizes=[512, 512], **wild)
    result = advance_run(SLICE, TrialStart(wild.to_json()))
    assert (result.finished.reason, result.finished.test_loss) == ("diverged", None)
    assert len(result.fingerprint) == 64


def test_fingerprints_tell_weights_apart_and_nothing_else():
    state = loop.start(CLASSIFIER)
    weights = load(loop.weights(state))
    same = dict(reversed(weights.items()))
    assert fingerprint(save(same, {"note": "other metadata"})) == fingerprint(loop.weights(state))
    assert fingerprint(loop.save(state)) == fingerprint(loop.weights(state))
    for name in weights:
        moved = {**weights, name: weights[name] + 2.0**-10}
        assert fingerprint(save(moved)) != fingerprint(save(weights))
    turned = {**weights, "output.weight": weights["output.weight"].t().contiguous()}
    assert fingerprint(save(turned)) != fingerprint(save(weights))


def test_hardware_is_named_in_words(monkeypatch):
    assert hardware(CPU, CLASSIFIER, 2).endswith(", 2 threads, float32")
    assert hardware(CPU, CLASSIFIER, 1).endswith(", 1 thread, float32")
    monkeypatch.setenv("FMNIST_PRECISION", "bfloat16")
    assert hardware(CPU, CLASSIFIER, 1).endswith(", float32"), "small steps are not cast"
    assert hardware(CPU, read_spec({"architecture": "conv_autoencoder"}), 1).endswith(", bfloat16")
