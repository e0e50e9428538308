"""A trainable network out of a package: what is shipped is enough to train on from.

A package holds ``model.onnx``, in which each batch normalisation is folded into the convolution before it. That can be
undone: with the mean ``m`` and variance ``v`` of a convolution's own output, a normalisation with those statistics,
scale ``sqrt(v + eps)`` and offset ``bias + m`` gives exactly ``output + bias`` again. The statistics come from
pictures, best those that will be trained on; they decide how gently training starts, not what the network says now.

The restored network is checked against the package before it is written.
"""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.export import MOST_BOX_ERROR_PX, MOST_SCORE_ERROR, Agreement, InputSize, Prepare, compare_with_torch
from models.manifest import ModelPackage, sha256_of
from models.torch_setup import load_yolo

__all__ = ["ARCHITECTURES", "LEAST_PICTURES", "restore_weights"]

ARCHITECTURES = ("yolo11n.yaml", "yolo11s.yaml")
"""Networks that can be told by the names and shapes of their weights, as Ultralytics' configurations call them."""

LEAST_PICTURES = 8
"""Fewer give no statistics worth the name."""

_CHECKED_PICTURES = 4


def restore_weights(
    package: ModelPackage, pictures: Sequence[Path], prepare: Prepare, input_size: InputSize, out: Path
) -> Agreement:
    """Write ``out`` (``.pt``), which training can start from, and beside it ``out.json``, which names the package.

    Args:
        package: A verified package of one of ``ARCHITECTURES``.
        pictures: At least ``LEAST_PICTURES``, like those that will be trained on; 64 are plenty.
        prepare: Makes a picture file the network's input.
        input_size: Height, width in pixels at which the pictures are shown.
        out: File to write; must not exist.

    Returns:
        How far the restored network and the package differ.

    Raises:
        ModelError: too few pictures, an unknown network, ``out`` exists, or both do not say the same.
    """
    if out.exists():
        raise ModelError(f"{out} exists; mend: another file, or delete it")
    if len(pictures) < LEAST_PICTURES:
        raise ModelError(f"restoring needs at least {LEAST_PICTURES} pictures, {len(pictures)} given; mend: --data")
    load_yolo()
    torch = importlib.import_module("torch")
    manifest = package.manifest
    weights = _weights_in(package)
    network = _network_for(weights, manifest.categories, package)
    _unfold(network, weights, torch)
    inputs = [prepare(path, input_size) for path in pictures]
    _take_statistics(network, inputs, torch)
    agreement = compare_with_torch(network, package.weights_path, inputs[:_CHECKED_PICTURES], input_size)
    if agreement.box_px > MOST_BOX_ERROR_PX or agreement.score > MOST_SCORE_ERROR:
        raise ModelError(
            f"the network restored from {manifest.name} {manifest.version} disagrees with it: boxes by "
            f"{agreement.box_px:.2f} px, scores by {agreement.score:.4f}; mend: check the versions of the train extra"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")
    torch.save({"epoch": -1, "model": network, "ema": None, "optimizer": None, "train_args": {}}, part)
    told = {
        "name": manifest.name,
        "version": manifest.version,
        "sha256": manifest.sha256,
        "checkpoint_sha256": sha256_of(part),
        "pictures": len(inputs),
    }
    out.with_suffix(".json").write_text(json.dumps({"restored_from": told}, indent=1), encoding="utf-8")
    part.replace(out)
    return agreement


def _weights_in(package: ModelPackage) -> dict[str, NDArray[np.float32]]:
    """Name -> array of every weight and bias in the package's ONNX file."""
    onnx = importlib.import_module("onnx")
    graph = onnx.load(str(package.weights_path)).graph
    return {
        one.name: np.asarray(onnx.numpy_helper.to_array(one))
        for one in graph.initializer
        if one.name.endswith((".weight", ".bias"))
    }


def _network_for(weights: dict[str, NDArray[np.float32]], categories: Sequence[str], package: ModelPackage) -> Any:
    """An unfolded network that has a place for each of these weights, and none to spare."""
    given = {name: array.shape for name, array in weights.items()}
    widths = {shape[1] for name, shape in given.items() if name.endswith(".cv3.0.2.weight")}
    for architecture in ARCHITECTURES:
        for width in {len(categories), *widths}:
            network = _unfolded_network(architecture, len(categories), width)
            if given == _folded_shapes(network):
                network.names = dict(enumerate(categories))
                return network.float().eval()
    known = ", ".join(name.removesuffix(".yaml") for name in ARCHITECTURES)
    raise ModelError(
        f"{package.manifest.name} {package.manifest.version} is none of the networks that can be restored ({known}); "
        "mend: train from its .pt file"
    )


def _unfolded_network(architecture: str, classes: int, head_classes: int) -> Any:
    """A network of ``classes`` whose class branch is as wide as that of one made for ``head_classes``.

    Training keeps the branch's width where the number of classes changes: ours come from COCO's 80.
    """
    network = importlib.import_module("ultralytics.nn.tasks").DetectionModel(
        architecture, nc=head_classes, verbose=False
    )
    if classes != head_classes:
        head = network.model[-1]
        convolution = importlib.import_module("torch").nn.Conv2d
        for branch in head.cv3:
            branch[-1] = convolution(branch[-1].in_channels, classes, 1)
        head.nc, head.no = classes, classes + 4 * head.reg_max
        network.nc = network.yaml["nc"] = classes
    return network


def _folded_shapes(network: Any) -> dict[str, tuple[int, ...]]:
    """Name -> shape of what is left of a network's weights when it is exported."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, value in network.state_dict().items():
        owner, _, kind = name.rpartition(".")
        if owner.endswith(".bn"):
            if kind == "bias":  # the convolution before it had no bias; folded, it has this one
                shapes[f"{owner.removesuffix('bn')}conv.bias"] = tuple(value.shape)
        else:
            shapes[name] = tuple(value.shape)
    return shapes


def _unfold(network: Any, weights: dict[str, NDArray[np.float32]], torch: Any) -> None:
    """Put the weights in; each normalisation adds its bias and does nothing else."""
    state = network.state_dict()
    for name, array in weights.items():
        if name in state:
            state[name] = torch.from_numpy(array.copy())
    for prefix, block in _normalised(network):
        state[f"{prefix}.bn.weight"] = torch.ones_like(block.bn.weight)
        state[f"{prefix}.bn.bias"] = torch.from_numpy(weights[f"{prefix}.conv.bias"].copy())
        state[f"{prefix}.bn.running_mean"] = torch.zeros_like(block.bn.running_mean)
        state[f"{prefix}.bn.running_var"] = torch.full_like(block.bn.running_var, 1 - block.bn.eps)
    network.load_state_dict(state)


def _take_statistics(network: Any, inputs: Sequence[NDArray[np.float32]], torch: Any) -> None:
    """Give each normalisation the statistics of its convolution's output, and take them out of scale and offset."""
    sums: dict[str, Any] = {}
    squares: dict[str, Any] = {}
    counts: dict[str, int] = {}

    def counting(prefix: str) -> Any:
        def count(_module: Any, _given: Any, output: Any) -> None:
            flat = output.double().transpose(0, 1).flatten(1)
            sums[prefix] = sums.get(prefix, 0) + flat.sum(1)
            squares[prefix] = squares.get(prefix, 0) + flat.square().sum(1)
            counts[prefix] = counts.get(prefix, 0) + flat.shape[1]

        return count

    hooks = [block.conv.register_forward_hook(counting(prefix)) for prefix, block in _normalised(network)]
    with torch.no_grad():
        for given in inputs:
            network(torch.from_numpy(given))
    for hook in hooks:
        hook.remove()
    for prefix, block in _normalised(network):
        mean = sums[prefix] / counts[prefix]
        variance = (squares[prefix] / counts[prefix] - mean.square()).clamp_min(0)
        normalise = block.bn
        with torch.no_grad():
            normalise.bias.add_(mean.float())
            normalise.weight.copy_((variance + normalise.eps).sqrt().float())
            normalise.running_mean.copy_(mean.float())
            normalise.running_var.copy_(variance.float())


def _normalised(network: Any) -> list[tuple[str, Any]]:
    """Name and module of every convolution that a batch normalisation follows."""
    return [
        (name, module) for name, module in network.named_modules() if hasattr(module, "conv") and hasattr(module, "bn")
    ]
