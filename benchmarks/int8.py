"""What int8 would cost and bring: a copy of a package whose convolutions are quantised after training.

    python -m benchmarks.int8 PACKAGE --pictures FOLDER --out FOLDER

Needs an environment with the extra ``train``. Activations are calibrated on letterboxed pictures at the package's first
size (never on pictures that judge it), weights per channel. The copy is a package like any other: hold it against the
original with ``gridpatrol models compare``. Its time is measured against the original's, turn by turn, on one thread.
"""

import importlib
import json
import shutil
import statistics
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, get_args

import cv2
import numpy as np
import typer

from detector.letterbox import as_input, letterbox
from detector.load import open_network
from detector.runtimes import Backend, Network, Tensor
from models.manifest import load_package, read_manifest, sha256_of, write_manifest
from models.registry import MANIFEST_NAME
from streams.frames import ImagePicture

WARM_UP_RUNS = 3


class Calibration:
    """Pictures one by one, as onnxruntime's quantiser asks for them."""

    def __init__(self, pictures: list[Path], size: tuple[int, int], name: str) -> None:
        self._inputs: Iterator[dict[str, Tensor]] = ({name: prepared(path, size)} for path in pictures)

    def get_next(self) -> dict[str, Tensor] | None:
        return next(self._inputs, None)

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        return self._inputs

    def __next__(self) -> dict[str, Tensor]:
        return next(self._inputs)


def main(
    package: Annotated[Path, typer.Argument(help="Package folder.")],
    pictures: Annotated[Path, typer.Option(help="Folder of training pictures for calibration.")],
    out: Annotated[Path, typer.Option(help="Package folder to write.")],
    count: Annotated[int, typer.Option(min=1, help="Pictures to calibrate on, evenly through the folder.")] = 64,
    rounds: Annotated[int, typer.Option(min=5, help="Pictures a side for the time.")] = 20,
) -> None:
    """Write the quantised package, and print one JSON object: sizes, and times of both in each runtime."""
    original = load_package(package)
    size = original.manifest.input_size
    found = sorted(path for path in pictures.iterdir() if path.suffix.lower() in {".jpg", ".png"})
    shutil.copytree(package, out)
    quantise(original.weights_path, out / original.manifest.file, found[:: max(1, len(found) // count)][:count], size)
    manifest = read_manifest(out / MANIFEST_NAME).model_copy(update={"sha256": sha256_of(out / original.manifest.file)})
    write_manifest(manifest, out)
    quantised = load_package(out)
    tensor = prepared(found[0], size)
    result: dict[str, object] = {
        "file_mb": [round(one.weights_path.stat().st_size / 2**20, 2) for one in (original, quantised)],
        "calibrated_on": min(count, len(found)),
    }
    for backend in (name for name in get_args(Backend) if find_spec(name) is not None):
        pair = [open_network(one, backend, 1) for one in (original, quantised)]
        timings = [[milliseconds(network, tensor) for network in pair] for _ in range(WARM_UP_RUNS + rounds)]
        result[backend] = {
            "ms": [round(statistics.median(column), 2) for column in zip(*timings[WARM_UP_RUNS:], strict=True)],
            "ratio": round(statistics.median(b / a for a, b in timings[WARM_UP_RUNS:]), 3),
        }
    typer.echo(json.dumps(result))


def quantise(source: Path, target: Path, pictures: list[Path], size: tuple[int, int]) -> None:
    """Convolutions to int8 (QDQ); what follows them in the head stays as it is, its numbers span too much."""
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    onnx: Any = importlib.import_module("onnx")
    quantization.quantize_static(
        str(source),
        str(target),
        Calibration(pictures, size, onnx.load(str(source)).graph.input[0].name),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        op_types_to_quantize=["Conv"],
        per_channel=True,
    )


def prepared(path: Path, size: tuple[int, int]) -> Tensor:
    picture = cv2.imread(str(path))
    if picture is None:
        raise typer.BadParameter(f"{path} cannot be read; give a folder of pictures")
    boxed, _ = letterbox(ImagePicture(np.asarray(picture, dtype=np.uint8)), size)
    return as_input(boxed, 1 / 255)


def milliseconds(network: Network, tensor: Tensor) -> float:
    begun_s = time.perf_counter()
    network.run(tensor)
    return 1000 * (time.perf_counter() - begun_s)


if __name__ == "__main__":
    typer.run(main)
