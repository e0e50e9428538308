"""How much of the raw runtime's rate ``gridpatrol detect`` keeps, measured in one run.

    python -m benchmarks.detect_rate [FOLDER] [--pictures 200] [--backend auto] [--json FILE]

The limit is the bare network on a fixed tensor: one network on every core, or one single-thread network a core,
whichever is faster. Against it stands ``Survey`` over pictures on disk: reading, decoding, letterbox, network,
suppression. They take turns, and medians are compared, so that a noisy machine disturbs all alike. Weights are loaded
and warmed before the clock starts, on both sides.
"""

import os
import queue
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks import gpu_rate
from benchmarks.machine import commit, processor
from benchmarks.result import finish
from detector.gpu import open_gpu
from detector.load import BackendChoice, cache_folder, faster_backend, load_detector, open_network
from detector.ports import Detector
from detector.runtimes import Backend, Network, Tensor
from models.manifest import ModelPackage, load_package
from models.registry import DEFAULT_MODEL
from patrol.commands.options import input_size_of
from patrol.survey import Found, Look, PictureUnreadable, Survey, files_in, looks_in

PICTURES = Path("tests/detector/pictures")
ROUNDS = 3
WARM_UP_RUNS = 5


def main(
    folder: Annotated[Path, typer.Argument(help="Pictures; repeated until there are enough.")] = PICTURES,
    pictures: Annotated[int, typer.Option(help="Pictures a round.", min=10)] = 200,
    backend: Annotated[BackendChoice, typer.Option(help="auto: the faster on the processor.")] = "auto",
    model: Annotated[str, typer.Option(help="A shipped model's name, or a folder with manifest.json.")] = DEFAULT_MODEL,
    against: Annotated[Path | None, typer.Option(help="GPU only: Ultralytics weights (.pt) beside it.")] = None,
    size: Annotated[str | None, typer.Option(help="GPU only: HEIGHTxWIDTH; default: the model's first.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here too.")] = None,
) -> None:
    """Measure, print a table, and as the last line one JSON object."""
    package = load_package(model)
    if backend == "cuda" or backend == "tensorrt":
        wanted = package.manifest.size_or_default(None if size is None else input_size_of(size))
        session = open_gpu(package.weights_path, wanted, backend, cache_folder())
        result = gpu_rate.measured(package, backend, session, against)
    else:
        chosen = faster_backend(package, threads=1) if backend == "auto" else backend
        result = measured(package, chosen, files_in([folder]), pictures)
        Console().print(table(result))
    finish(result, json_file)


def measured(package: ModelPackage, backend: Backend, files: list[Path], pictures: int) -> dict[str, object]:
    """Rates in pictures a second; the three ways take turns."""
    cores = os.cpu_count() or 1
    whole = open_network(package, backend, 0)
    singles = [open_network(package, backend, 1) for _ in range(cores)]
    detectors = [load_detector(package, backend, 1) for _ in range(cores)]
    tensor = np.zeros((1, 3, *package.manifest.input_size), dtype=np.float32)
    for network in (whole, *singles):
        repeat(network, tensor, WARM_UP_RUNS)
    survey_all(detectors, files, cores * WARM_UP_RUNS)
    one: list[float] = []
    many: list[float] = []
    detect: list[float] = []
    for _ in range(ROUNDS):
        one.append(rate_of_one(whole, tensor, pictures))
        detect.append(rate_of_survey(detectors, files, pictures))
        many.append(rate_of_many(singles, tensor, pictures))
    raw_one, raw_many, detect_rate = (statistics.median(rates) for rates in (one, many, detect))
    raw = max(raw_one, raw_many)
    return {
        "raw_per_s": round(raw, 2),
        "raw_one_network_per_s": round(raw_one, 2),
        "detect_per_s": round(detect_rate, 2),
        "ratio": round(detect_rate / raw, 4),
        "pictures": pictures,
        "backend": backend,
        "model_sha256": package.manifest.sha256,
        "machine": f"{processor()}, {cores} cores",
        "commit": commit(),
    }


def repeat(network: Network, tensor: Tensor, runs: int) -> None:
    for _ in range(runs):
        network.run(tensor)


def rate_of_one(network: Network, tensor: Tensor, pictures: int) -> float:
    """One network on every core."""
    begun_s = time.perf_counter()
    repeat(network, tensor, pictures)
    return pictures / (time.perf_counter() - begun_s)


def rate_of_many(networks: Sequence[Network], tensor: Tensor, pictures: int) -> float:
    """One single-thread network a core, side by side, each taking the next picture when it is free."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(pictures):
        waiting.put(number)

    def work(network: Network) -> None:
        while True:
            try:
                waiting.get_nowait()
            except queue.Empty:
                return
            network.run(tensor)

    with ThreadPoolExecutor(len(networks)) as pool:
        begun_s = time.perf_counter()
        for done in [pool.submit(work, network) for network in networks]:
            done.result()
        return pictures / (time.perf_counter() - begun_s)


def rate_of_survey(detectors: Sequence[Detector], files: list[Path], pictures: int) -> float:
    """What ``gridpatrol detect`` does, without its output."""
    begun_s = time.perf_counter()
    survey_all(detectors, files, pictures)
    return pictures / (time.perf_counter() - begun_s)


def survey_all(detectors: Sequence[Detector], files: list[Path], pictures: int) -> None:
    """Survey the files, over and over, until so many pictures were looked at.

    Raises:
        PictureUnreadable: a file cannot be decoded, or the files hold nothing.
    """
    free = iter(detectors)
    looked = 0
    for result in Survey(lambda: next(free), len(detectors)).run(looks(files, pictures)):
        if not isinstance(result, Found):
            raise result
        looked += 1
    if looked != pictures:
        raise PictureUnreadable(f"{looked} of {pictures} pictures were looked at; give a folder that holds pictures")


def looks(files: list[Path], pictures: int) -> Iterator[Look]:
    given = 0
    while True:
        before = given
        for file in files:
            for look in looks_in(file):
                if given == pictures:
                    return
                given += 1
                yield look
        if given == before:
            return


def table(result: dict[str, object]) -> Table:
    shown = Table("what", "pictures/s", title=f"{result['backend']} · {result['machine']}")
    shown.add_row("raw runtime, one network on every core", str(result["raw_one_network_per_s"]))
    shown.add_row("raw runtime, the better of both ways", str(result["raw_per_s"]))
    shown.add_row("gridpatrol detect", str(result["detect_per_s"]))
    shown.add_row("ratio", str(result["ratio"]))
    return shown


if __name__ == "__main__":
    typer.run(main)
