"""Does one ONNX file for every input size cost time, against a file made for one size?

    python -m benchmarks.input_sizes DYNAMIC.onnx FIXED.onnx FIXED.onnx … [--rounds 40] [--json FILE]

For the size of each fixed file, and for each runtime that is installed, both files are loaded on one thread, the
dynamic one fixed to that size. They take turns picture by picture on the same tensor, so that a busy machine disturbs
both alike; medians and the median of their ratios are told, and how far apart their answers lie.
"""

import os
import statistics
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import onnxruntime
import typer

from benchmarks.machine import commit, processor
from benchmarks.result import finish
from detector.runtimes import Backend, InputSize, Network, OnnxRuntimeNetwork, OpenVinoNetwork, Tensor
from models.manifest import sha256_of

WARM_UP_RUNS = 3


def main(
    dynamic: Annotated[Path, typer.Argument(help="Weights that take every size.")],
    fixed: Annotated[list[Path], typer.Argument(help="The same weights, each exported for one size.")],
    rounds: Annotated[int, typer.Option(help="Pictures a file, size and runtime.", min=5)] = 40,
    threads: Annotated[int, typer.Option(min=1)] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here too.")] = None,
) -> None:
    """Measure, and print one JSON object."""
    backends = [name for name in get_args(Backend) if find_spec(name) is not None]
    result = {
        "runs": [measured(dynamic, one, backend, rounds, threads) for one in fixed for backend in backends],
        "file_mb": {path.name: round(path.stat().st_size / 2**20, 2) for path in (dynamic, *fixed)},
        "sha256": {path.name: sha256_of(path) for path in (dynamic, *fixed)},
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "load_1_min": round(os.getloadavg()[0], 1),
        "commit": commit(),
    }
    finish(result, json_file, indent=1)


def measured(dynamic: Path, fixed: Path, backend: Backend, rounds: int, threads: int) -> dict[str, object]:
    """One size in one runtime."""
    size = size_of(fixed)
    pair = [opened(path, size, backend, threads) for path in (dynamic, fixed)]
    tensor = np.random.default_rng(0).random((1, 3, *size), dtype=np.float32)
    answers = [network.run(tensor).copy() for network in pair]
    for network in pair:
        for _ in range(WARM_UP_RUNS):
            network.run(tensor)
    timings = [[milliseconds(network, tensor) for network in pair] for _ in range(rounds)]
    of_dynamic, of_fixed = (statistics.median(column) for column in zip(*timings, strict=True))
    return {
        "size": f"{size[0]}x{size[1]}",
        "backend": backend,
        "threads": threads,
        "dynamic_ms": round(of_dynamic, 2),
        "fixed_ms": round(of_fixed, 2),
        "ratio": round(statistics.median(a / b for a, b in timings), 4),
        "most_difference": float(np.abs(answers[0] - answers[1]).max()),
    }


def size_of(fixed: Path) -> InputSize:
    """Height, width that a file was exported for."""
    shape = onnxruntime.InferenceSession(str(fixed), providers=["CPUExecutionProvider"]).get_inputs()[0].shape
    if not all(isinstance(side, int) for side in shape):
        raise typer.BadParameter(f"{fixed} takes every size; name it first, and then files of one size")
    return int(shape[2]), int(shape[3])


def opened(path: Path, size: InputSize, backend: Backend, threads: int) -> Network:
    if backend == "openvino":
        return OpenVinoNetwork(path, size, threads)
    return OnnxRuntimeNetwork(path, size, threads)


def milliseconds(network: Network, tensor: Tensor) -> float:
    begun_s = time.perf_counter()
    network.run(tensor)
    return 1000 * (time.perf_counter() - begun_s)


if __name__ == "__main__":
    typer.run(main)
