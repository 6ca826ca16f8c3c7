"""The network as an ONNX model: images as in the data set go in, whatever scaling it was trained with.

Weights stand in it as float32; dropout, which rests once a network is trained, does not.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors import numpy as safetensors

from fmnist_core.architecture.layers import (
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Linear,
    Placed,
    ReLUDropout,
    Sigmoid,
    Unflatten,
)
from fmnist_core.architecture.networks import IMAGE, network_layers
from fmnist_core.exports.exported_run import ExportedRun

OPSET, IR_VERSION = 18, 10  # of 2023, which runtimes of today know
COUNT = "count"  # how many images, any number
INPUT, OUTPUT = "images", {"autoencoder": "reconstructions", "classifier": "logits"}


def onnx_model(run: ExportedRun, mean: float, deviation: float) -> bytes:
    """Images float32 (count, 1, 28, 28) in [0, 1] go in; what the network makes of them comes out.

    `mean` and `deviation` are those by which the run's inputs were scaled.
    """
    weights = safetensors.load(run.weights)
    layers = network_layers(run.spec)
    nodes, constants, here = _scaling(mean, deviation)
    for placed in layers:
        made, more, here = _layer(placed, here)
        nodes += made
        constants += more
        if placed.parameters:
            names = [f"{placed.name}.{what}" for what in ("weight", "bias")]
            constants += [_constant(name, weights[name]) for name in names]
    output = OUTPUT[run.spec.task]
    nodes.append(helper.make_node("Identity", [here], [output]))
    graph = helper.make_graph(
        nodes,
        run.spec.architecture,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [COUNT, *IMAGE])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [COUNT, *layers[-1].behind])],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="FMNIST Lab",
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, {"spec": run.spec.to_json()})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _scaling(mean: float, deviation: float) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], str]:
    if (mean, deviation) == (0.0, 1.0):
        return [], [], INPUT
    nodes = [
        helper.make_node("Sub", [INPUT, "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
    ]
    constants = {"mean": mean, "deviation": deviation}
    return nodes, [_constant(name, np.float32(value)) for name, value in constants.items()], "scaled"


def _layer(placed: Placed, before: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], str]:
    """The nodes of a layer, constants beside its weights, and what its outputs are called."""
    name, weights = placed.name, [f"{placed.name}.weight", f"{placed.name}.bias"]
    match placed.layer:
        case Linear():
            return [helper.make_node("Gemm", [before, *weights], [name], transB=1)], [], name
        case Conv2d(kernel=kernel, padding=padding):
            node = helper.make_node(
                "Conv", [before, *weights], [name], kernel_shape=[kernel] * 2, pads=[padding] * 4
            )
            return [node], [], name
        case ConvTranspose2d() as layer:
            node = helper.make_node(
                "ConvTranspose",
                [before, *weights],
                [name],
                kernel_shape=[layer.kernel] * 2,
                strides=[layer.stride] * 2,
                pads=[layer.padding] * 4,
                dilations=[layer.dilation] * 2,
            )
            return [node], [], name
        case ReLUDropout(pool=pool):
            relu = helper.make_node("Relu", [before], [f"{name}.relu"])
            if not pool:
                return [relu], [], f"{name}.relu"
            pooled = helper.make_node(
                "MaxPool", [f"{name}.relu"], [name], kernel_shape=[2, 2], strides=[2, 2]
            )
            return [relu, pooled], [], name
        case Dropout():
            return [], [], before
        case Sigmoid():
            return [helper.make_node("Sigmoid", [before], [name])], [], name
        case Flatten() | Unflatten():
            shape = _constant(f"{name}.shape", np.array([-1, *placed.behind], np.int64))
            return [helper.make_node("Reshape", [before, shape.name], [name])], [shape], name
    raise NotImplementedError(f"say here what {placed.layer} is in ONNX")


def _constant(name: str, value: np.ndarray | np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)
