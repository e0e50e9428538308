"""How the commands that judge a package let it look at labelled pictures: the options they share, and the looking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from core.detections import Detection
from core.errors import ModelError
from detector.load import load_detector
from detector.runtimes import InputSize, Precision
from models.datasets import LabelledPicture, pictures_of, read_spec
from models.evaluation import judge
from models.light import light_of, recorded_light
from models.manifest import ModelPackage
from models.matching import JudgedPicture, Light
from streams.frames import ImagePicture

LOWEST_CONFIDENCE = 0.001
"""Average precision needs the faint detections, too."""

Backend = Literal["auto", "onnxruntime", "openvino"]
BackendOption = Annotated[Backend, typer.Option(help="What runs the network.")]
DataOption = Annotated[Path, typer.Option("--data", help="data.yaml of a data set in YOLO layout.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the figures here, too.")]
PartOption = Annotated[str, typer.Option(help="Which part of the data set, e.g. val or render_val.")]
PrecisionOption = Annotated[
    Precision, typer.Option(help="OpenVINO only: bf16 is faster where the processor multiplies it.")
]
ThreadsOption = Annotated[int, typer.Option(min=0, help="CPU threads; 0 lets the runtime choose.")]


@dataclass(frozen=True, slots=True)
class Looking:
    """With what a package looks."""

    backend: Backend = "auto"
    threads: int = 0
    precision: Precision = "f32"
    input_size: InputSize | None = None
    """None: the package's first."""


def judge_part(
    package: ModelPackage, data: Path, part: str, looking: Looking, scenes: Path | None = None
) -> list[JudgedPicture]:
    """Let a package look at every picture of one part.

    Args:
        scenes: folder of scene records, which tell a rendered picture's light.

    Raises:
        ModelError: no such part, a category that the package does not know, a picture that cannot be read.
    """
    spec = read_spec(data)
    missing = sorted(set(spec.names) - set(package.manifest.categories))
    if missing:
        raise ModelError(f"{package.manifest.name} does not know {', '.join(missing)}; mend: another --model or --data")
    pictures = pictures_of(spec, part)
    detect = detect_with(package, looking)

    def light_in(picture: LabelledPicture) -> Light:
        return recorded_light(picture.path, scenes) or light_of(_pixels_of(picture))

    with typer.progressbar(length=len(pictures), label=f"{part}: {len(pictures)} pictures") as bar:
        return judge(pictures, spec.names, detect, lambda done: bar.update(1), light_in)


def detect_with(package: ModelPackage, looking: Looking) -> Callable[[LabelledPicture], Sequence[Detection]]:
    """What the package sees in a picture file, down to ``LOWEST_CONFIDENCE``."""
    detector = load_detector(
        package, looking.backend, looking.threads, LOWEST_CONFIDENCE, looking.precision, looking.input_size
    )

    def detect(picture: LabelledPicture) -> Sequence[Detection]:
        return detector.detect(ImagePicture(_pixels_of(picture)))

    return detect


def _pixels_of(picture: LabelledPicture) -> NDArray[np.uint8]:
    image = cv2.imread(str(picture.path))
    if image is None:
        raise ModelError(f"picture {picture.path} cannot be read; mend: replace it")
    return np.asarray(image, dtype=np.uint8)
