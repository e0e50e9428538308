"""Which runtime looks: as told, or the faster of those installed, measured once per machine."""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from core.ids import CategoryId
from detector.batching import GatheredNetwork
from detector.gpu import GpuBackend, gathered, open_gpu
from detector.runtimes import Backend, InputSize, Network, OnnxRuntimeNetwork, OpenVinoNetwork, Precision
from detector.shapes import NetworkShelf, TwinNetwork
from detector.yolo import YoloDetector
from models.manifest import ModelPackage

BackendChoice = Literal["auto", Backend, GpuBackend]
"""``auto``: the faster of those on the processor; a GPU is named."""
_WARM_UP_RUNS = 3
_TIMED_RUNS = 10


def load_detector(
    weights: ModelPackage,
    backend: Literal["auto", "onnxruntime", "openvino"] = "auto",
    threads: int = 0,
    confidence: Mapping[CategoryId, float] | float | None = None,
    precision: Precision = "f32",
    input_size: InputSize | None = None,
) -> YoloDetector:
    """A detector over verified weights.

    Args:
        input_size: height, width in pixels: one of the manifest's, for every picture; None: its first, and for pictures
            of another shape one of that scale, where the weights take any.
        threads: 0 for every core.
        precision: OpenVINO only; bf16 is faster where the processor multiplies it, and less exact.
        confidence: one least confidence for all, or per category in place of the manifest's.

    Raises:
        ModelError: the runtime is not installed, the weights are not what the manifest says, or do not take the size.
    """
    network = open_network(weights, backend, threads, precision, input_size)

    def load(size: InputSize) -> OnnxRuntimeNetwork | OpenVinoNetwork:
        return open_for(weights, network.name, threads, precision, size)

    return YoloDetector(weights, network, confidence, input_size, shelf_of(weights, input_size, load))


def load_detectors(
    weights: ModelPackage,
    lanes: int,
    backend: BackendChoice = "auto",
    confidence: Mapping[CategoryId, float] | float | None = None,
    precision: Precision = "f32",
    input_size: InputSize | None = None,
) -> tuple[YoloDetector, ...]:
    """``lanes`` detectors for as many threads, over one copy of the weights.

    On a CPU each has one core: several single-thread networks look at more pictures a second than one network on every
    core (``gridpatrol bench detect`` measures both). On a GPU their pictures are gathered into batches.

    Raises:
        ModelError: as ``load_detector``.
    """
    size = weights.manifest.size_or_default(input_size)
    chosen = faster_backend(weights, 1, precision, size) if backend == "auto" else backend
    first: OnnxRuntimeNetwork | OpenVinoNetwork | GatheredNetwork
    shelf: NetworkShelf | None = None
    if chosen == "cuda" or chosen == "tensorrt":
        first = gathered(open_gpu(weights.weights_path, size, chosen, cache_folder()), chosen)
    else:

        def load(size: InputSize) -> OnnxRuntimeNetwork | OpenVinoNetwork:
            if chosen == "openvino":
                return OpenVinoNetwork(weights.weights_path, size, lanes, precision, side_by_side=lanes)
            return OnnxRuntimeNetwork(weights.weights_path, size, threads=1)

        first, shelf = load(size), shelf_of(weights, input_size, load)
    networks = [first, *(first.twin() for _ in range(lanes - 1))]
    return tuple(YoloDetector(weights, network, confidence, input_size, shelf) for network in networks)


def shelf_of(
    weights: ModelPackage, input_size: InputSize | None, load: Callable[[InputSize], TwinNetwork]
) -> NetworkShelf | None:
    """For pictures of other shapes; None where one size is asked for, or the weights take one only."""
    takes_any = bool(weights.manifest.other_input_sizes)
    return NetworkShelf(load) if takes_any and input_size is None else None


def open_network(
    weights: ModelPackage,
    backend: Literal["auto", "onnxruntime", "openvino"] = "auto",
    threads: int = 0,
    precision: Precision = "f32",
    input_size: InputSize | None = None,
) -> OnnxRuntimeNetwork | OpenVinoNetwork:
    """The bare network, for those who want its raw head."""
    size = weights.manifest.size_or_default(input_size)
    chosen = faster_backend(weights, threads, precision, size) if backend == "auto" else backend
    return open_for(weights, chosen, threads, precision, size)


def open_for(
    weights: ModelPackage, backend: Backend, threads: int, precision: Precision, size: InputSize
) -> OnnxRuntimeNetwork | OpenVinoNetwork:
    """The network for any size that the weights take, in the manifest or not."""
    if backend == "openvino":
        return OpenVinoNetwork(weights.weights_path, size, threads, precision)
    return OnnxRuntimeNetwork(weights.weights_path, size, threads)


def faster_backend(
    weights: ModelPackage, threads: int = 0, precision: Precision = "f32", input_size: InputSize | None = None
) -> Backend:
    """The faster runtime on this machine for these weights; measured once, then remembered."""
    if find_spec("openvino") is None:
        return "onnxruntime"
    size = weights.manifest.size_or_default(input_size)
    memory = cache_file(weights, threads, precision, size)
    known = remembered(memory)
    if known is not None:
        return known
    candidates: tuple[OnnxRuntimeNetwork | OpenVinoNetwork, ...] = (
        OnnxRuntimeNetwork(weights.weights_path, size, threads),
        OpenVinoNetwork(weights.weights_path, size, threads, precision),
    )
    chosen = min(candidates, key=lambda network: seconds_a_picture(network, size)).name
    remember(memory, chosen)
    return chosen


def seconds_a_picture(network: Network, input_size: InputSize) -> float:
    """The quickest of a few runs: what the runtime can do when nothing else wants the cores."""
    tensor = np.zeros((1, 3, *input_size), dtype=np.float32)
    for _ in range(_WARM_UP_RUNS):
        network.run(tensor)
    timings = []
    for _ in range(_TIMED_RUNS):
        begun_s = time.perf_counter()
        network.run(tensor)
        timings.append(time.perf_counter() - begun_s)
    return min(timings)


def cache_file(
    weights: ModelPackage, threads: int, precision: Precision = "f32", input_size: InputSize | None = None
) -> Path:
    """Where the choice for these weights at this size, this processor and these versions is kept."""
    height, width = weights.manifest.size_or_default(input_size)
    facts = [
        weights.manifest.sha256,
        platform.processor(),
        platform.machine(),
        str(os.cpu_count()),
        str(threads),
        precision,
        f"{height}x{width}",
    ]
    for package in ("onnxruntime", "openvino"):
        try:
            facts.append(version(package))
        except PackageNotFoundError:
            facts.append("none")
    return cache_folder() / f"backend-{hashlib.sha256('|'.join(facts).encode()).hexdigest()[:16]}.json"


def cache_folder() -> Path:
    """Where this machine's measurements and planned engines are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridpatrol"


def remembered(memory: Path) -> Backend | None:
    try:
        chosen: object = json.loads(memory.read_text(encoding="utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return "openvino" if chosen == "openvino" else "onnxruntime" if chosen == "onnxruntime" else None


def remember(memory: Path, chosen: Backend) -> None:
    """Keep the choice; a machine without a writable cache measures again next time."""
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps({"backend": chosen}), encoding="utf-8")
    except OSError:
        return
