"""The gradient of one weight by the chain rule: along its paths to the loss, checked by a finite difference.

A weight goes by its layer, its unit (or feature map) and its place among all weights into that unit. Places
in layers are (image, unit) or (image, channel, row, column). Each sum shows its largest products; the others
are one number, so that it adds up. Rumelhart, Hinton and Williams (1986), "Learning representations by
back-propagating errors", Nature 323.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fmnist_core.architecture.layers import ConvTranspose2d, Flatten, Placed, Sigmoid, Unflatten
from fmnist_core.architecture.layers import ReLUDropout as Activation
from fmnist_core.nets.models.layers import PooledReLUDropout, ReLUDropout
from fmnist_core.nets.worker.inspection import NoSuchPart, about_a_network, applied
from fmnist_core.nets.worker.network_at import Network
from fmnist_core.nets.worker.one_step.recorded_step import RecordedStep
from fmnist_core.sentences import Sentence

SHOWN = 5
# Of a weight. A small one loses digits to the loss's own rounding, a large one gets where a ReLU opens, or
# where another pixel wins, and so to another slope.
NUDGES = (1e-5, 1e-6, 1e-7, 1e-8)
Place = tuple[int, ...]
Answer = dict[str, np.ndarray]


@about_a_network
def clear_weight(network: Network, count: int, draw: int, layer: str, unit: int = -1) -> Answer:
    """The weight of a layer, or of one of its units, with the largest gradient in size: "unit", "weight"."""
    step = _done(network, count, draw)
    gradients = by_unit(step.learning(layer), step.gradients.views[f"{layer}.weight"]).flatten(1)
    if 0 <= unit < len(gradients):
        weight = int(gradients[unit].abs().argmax())
    else:
        unit, weight = divmod(int(gradients.abs().argmax()), gradients.shape[1])
    return {"unit": np.asarray(unit), "weight": np.asarray(weight)}


@about_a_network
def weight_gradient(network: Network, count: int, draw: int, layer: str, unit: int, weight: int) -> Answer:
    """Float64 but for places. Of the weight: its "value", "gradient", and "difference", which is that by
    finite differences, from the "losses" (2,) with the weight a "nudge" lower and higher, which is "smooth"
    if no ReLU and no pooling chose otherwise between the two; "row" are the gradients of all weights into its
    unit, in their shape, "loss" is the batch's.

    The gradient is a sum of errors times inputs, answered by the layer's name: the largest "….errors",
    "….factors" and "….places" (n, …), the "….rest" of their products, of "….count" in all that are not zero,
    and the "….total". The largest leads to a place in the layer, and whatever follows up to the loss is
    answered likewise, "….from" that place in what goes into it: another sum, of errors times weights, or the
    "….factor" of an activation: what it is made of is in `_activation`. "loss.error" is where it ends, of an
    output "loss.output" and its "loss.target". Where a factor is 0 there is nothing behind it.
    """
    step = _done(network, count, draw)
    placed = step.learning(layer)
    where = own_place(step, placed, unit, weight)
    own = by_unit(placed, step.weights.views[f"{layer}.weight"])
    gradients = by_unit(placed, step.gradients.views[f"{layer}.weight"])
    answer = {
        "value": own[where].numpy().copy(),
        "gradient": gradients[where].numpy().copy(),
        "row": gradients[unit].contiguous().numpy(),
    }
    link, place = _of_weight(step, placed, where)
    answer |= link
    following = iter(step.description[step.description.index(placed) + 1 :])
    while place is not None and (here := next(following, None)) is not None:
        answer[f"{here.name}.from"] = np.array(place)
        link, place = _through(step, here, place)
        answer |= link
    if place is not None:
        answer |= {"loss.from": np.array(place), **_at_the_loss(step, place)}
    return answer | _by_difference(step, own, where)


def by_unit(placed: Placed, weight: Tensor) -> Tensor:
    """A view of a layer's weights, or of their gradients, whose first place says into which unit."""
    return weight.transpose(0, 1) if isinstance(placed.layer, ConvTranspose2d) else weight


def _done(network: Network, count: int, draw: int) -> RecordedStep:
    step = RecordedStep(network, count, draw)
    step.forward()
    step.backward()
    return step


def own_place(step: RecordedStep, placed: Placed, unit: int, weight: int) -> Place:
    """Where the weight stands among those `by_unit`. Raises `NoSuchPart`."""
    shape = by_unit(placed, step.weights.views[f"{placed.name}.weight"]).shape
    if not (0 <= unit < shape[0] and 0 <= weight < shape[1:].numel()):
        raise NoSuchPart(Sentence("This layer has no such weight. Choose another unit or input."))
    return (unit, *map(int, np.unravel_index(weight, shape[1:])))


def _by_difference(step: RecordedStep, own: Tensor, where: Place) -> Answer:
    """With the largest nudge that leaves every ReLU and every pooling as it is, or else with the least."""
    loss, before = step.forward(), own[where].clone()
    losses, same = [loss, loss], _choices(step)
    for nudge in NUDGES:
        unchanged = []
        for side, moved in enumerate((before - nudge, before + nudge)):
            own[where] = moved
            losses[side] = step.forward()
            unchanged.append(all(map(torch.equal, _choices(step), same)))
        own[where] = before
        if smooth := all(unchanged):
            break
    difference = (losses[1] - losses[0]) / (2 * nudge)
    numbers = {"loss": loss, "losses": losses, "nudge": nudge, "difference": difference, "smooth": smooth}
    return {name: np.asarray(number) for name, number in numbers.items()}


def _choices(step: RecordedStep) -> list[Tensor]:
    """What each ReLU let through in the step that went forward last, and which pixels won."""
    choices = []
    for recorded in step.layers.values():
        if isinstance(recorded.layer, ReLUDropout | PooledReLUDropout):
            choices.append(recorded.y > 0)
        if isinstance(recorded.layer, PooledReLUDropout):
            choices.append(recorded.layer.largest(len(recorded.x)) * choices[-1])
    return choices


def products_of_weight(step: RecordedStep, placed: Placed, where: Place) -> tuple[Tensor, Tensor]:
    """Errors of a weight's unit, and the inputs that it multiplies: (images,), or (images, rows, columns).

    Those inputs are what the layer makes of its input with this weight as 1, and all others as 0.
    """
    unit, *inner = where
    alone = torch.zeros_like(by_unit(placed, step.weights.views[f"{placed.name}.weight"])[:1])
    alone[(0, *inner)] = 1
    recorded = step.layers[placed.name]
    inputs = applied(placed.layer, recorded.x, {"weight": by_unit(placed, alone)})[:, 0]
    return recorded.dy[:, unit], inputs


def _of_weight(step: RecordedStep, placed: Placed, where: Place) -> tuple[Answer, Place | None]:
    """Its gradient: for each image, and place of a map, the error there times the input to the weight."""
    terms, place = largest_products(placed.name, *products_of_weight(step, placed, where))
    return terms, None if place is None else (place[0], where[0], *place[1:])


def _through(step: RecordedStep, placed: Placed, place: Place) -> tuple[Answer, Place | None]:
    """The error of what goes into a layer at a place, from the errors behind it, and where the most is."""
    match placed.layer:
        case Activation():
            return _activation(step, placed, place)
        case Sigmoid():
            recorded = step.layers[placed.name]
            factor = recorded.y[place] * (1 - recorded.y[place])
            numbers = {"input": recorded.x[place], "output": recorded.y[place], "error": recorded.dy[place]}
            return _named(placed, {**numbers, "factor": factor}), place
        case Flatten() | Unflatten():
            flat = int(np.ravel_multi_index(place[1:], placed.before))
            return {}, (place[0], *map(int, np.unravel_index(flat, placed.behind)))
        case _:
            alone = torch.zeros(1, *placed.before, dtype=torch.float64)
            alone[(0, *place[1:])] = 1
            weight = step.every[f"{placed.name}.weight"]
            weights = applied(placed.layer, alone, {"weight": weight})
            image = place[0]
            errors = step.layers[placed.name].dy[image : image + 1]
            terms, behind = largest_products(placed.name, errors, weights)
            return terms, None if behind is None else (image, *behind[1:])


def _activation(step: RecordedStep, placed: Placed, place: Place) -> tuple[Answer, Place | None]:
    """ReLU, dropout and pooling: the "input", and the "factor" by which they let the error back.

    It is "scale" where the unit is "kept", its input above zero ("open") and, with pooling, the one that
    "wins"; else 0. "error" is that behind.
    """
    recorded = step.layers[placed.name]
    layer, behind, wins = recorded.layer, place, True
    if isinstance(layer, PooledReLUDropout):
        (image, channel, row, column), (rows, columns) = place, placed.behind[1:]
        wins = row // 2 < rows and column // 2 < columns  # of an odd row the last is in no window
        behind = image, channel, min(row // 2, rows - 1), min(column // 2, columns - 1)
        wins = wins and int(layer.largest(len(recorded.x))[behind]) == row * placed.before[2] + column
    value, scale = recorded.x[place], recorded.scale
    kept = recorded.kept is None or bool(recorded.kept[place])
    factor = scale * (wins and kept and bool(value > 0))
    facts: dict[str, Tensor | float] = {
        "input": value,
        "open": value > 0,
        "kept": kept,
        "wins": wins,
        "scale": scale,
        "factor": factor,
    }
    answer = _named(placed, {**facts, "error": recorded.dy[behind] if wins else 0.0})
    return answer, behind if factor else None


def _at_the_loss(step: RecordedStep, place: Place) -> Answer:
    """The error of an output is the gradient of the loss itself."""
    last = step.layers[step.description[-1].name]
    answer = {"output": last.y[place], "error": last.dy[place], "target": _target(step, place)}
    if step.spec.task == "classifier" and step.spec.loss == "cross_entropy":
        answer["share"] = last.y[place[0]].softmax(0)[place[1]]
    return {f"loss.{name}": np.asarray(value) for name, value in answer.items()}


def _target(step: RecordedStep, place: Place) -> float:
    if step.spec.task == "autoencoder":
        return float(step.target[place])
    return float(step.target[place[0]] == place[1])


def largest_products(name: str, errors: Tensor, factors: Tensor) -> tuple[Answer, Place | None]:
    """The largest products of a sum, and the place of the very largest; none where all are zero."""
    products = errors * factors
    flat = products.flatten()
    total, count = flat.sum(), int(flat.count_nonzero())
    order = flat.abs().argsort(descending=True, stable=True)[: min(SHOWN, count)]
    places = np.stack(np.unravel_index(order.numpy(), products.shape), -1)
    answer = {
        "errors": errors.flatten()[order],
        "factors": factors.flatten()[order],
        "places": places,
        "rest": total - flat[order].sum(),
        "count": count,
        "total": total,
    }
    place = tuple(map(int, places[0])) if count else None
    return {f"{name}.{what}": np.asarray(value) for what, value in answer.items()}, place


def _named(placed: Placed, facts: dict[str, Tensor | float]) -> Answer:
    return {f"{placed.name}.{what}": np.asarray(value, dtype=np.float64) for what, value in facts.items()}
