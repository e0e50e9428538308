"""One model out of several of the same training line: the mean of their weights.

Weights that were tuned from one start lie in one valley of the loss; their mean is often better on pictures that none
of them saw than any of them, and costs nothing when the model runs. Only kin may be averaged: two runs from
different starts give a mean that sees nothing.

Method: Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time", ICML 2022 (the uniform soup).
"""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import ModelError
from models.start_weights import start_weights
from models.torch_setup import load_checkpoint, load_yolo

__all__ = ["average_weights"]


def average_weights(sources: Sequence[Path], out: Path) -> Path:
    """Write the mean of the sources' weights as ``out`` (``.pt``), and beside it ``out.json``, which names them.

    Args:
        sources: At least two ``.pt`` files of the same network; each counts the same, one named twice counts twice.
        out: File to write; must not exist.

    Raises:
        ModelError: fewer than two sources, one that cannot be read, networks that differ, or ``out`` exists.
    """
    if len(sources) < 2:
        raise ModelError("an average needs at least two weight files; mend: name them one after the other")
    if out.exists():
        raise ModelError(f"{out} exists; mend: another --out")
    load_yolo()  # checkpoints hold Ultralytics' classes
    torch = importlib.import_module("torch")
    first = load_checkpoint(sources[0])
    network = _network_of(first, sources[0])
    total = {name: value.double() for name, value in network.state_dict().items()}
    for source in sources[1:]:
        weights = _network_of(load_checkpoint(source), source).state_dict()
        _refuse_strangers(total, weights, sources[0], source)
        for name, value in weights.items():
            total[name] += value.double()
    kinds = network.state_dict()
    mean = {name: (value / len(sources)).to(kinds[name].dtype) for name, value in total.items()}
    network.load_state_dict(mean)
    out.parent.mkdir(parents=True, exist_ok=True)
    record = [{"file": start.name, "sha256": start.sha256} for start in map(start_weights, sources)]
    part = out.with_name(f"{out.name}.part")
    torch.save({**first, "model": network.half(), "ema": None, "optimizer": None, "epoch": -1}, part)
    out.with_suffix(".json").write_text(json.dumps({"average_of": record}, indent=1), encoding="utf-8")
    part.replace(out)
    return out


def _network_of(checkpoint: dict[str, Any], path: Path) -> Any:
    """The smoothed network of a run under way, or the stripped one of a finished run, in float32."""
    network = checkpoint.get("ema") or checkpoint.get("model")
    if network is None:
        raise ModelError(f"{path} holds no network; mend: a .pt file that `gridpatrol models train` wrote")
    return network.float()


def _refuse_strangers(mine: dict[str, Any], other: dict[str, Any], first: Path, path: Path) -> None:
    if mine.keys() != other.keys() or any(mine[name].shape != other[name].shape for name in mine):
        raise ModelError(
            f"{path} is another network than {first}; mend: average weights of one training line and size only"
        )
