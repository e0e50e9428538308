"""From a training run to a model package: one ONNX file, its manifest, and the proof that both say the same."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.evaluation import EvaluationReport
from models.manifest import STRIDE_PX, Manifest, ThresholdChoice, read_manifest, sha256_of, write_manifest
from models.numbers import rounded
from models.probability import ConfidenceMap
from models.registry import MANIFEST_NAME
from models.torch_setup import load_yolo

LICENCE = "AGPL-3.0"
"""Weights tuned from Ultralytics' weights stay under Ultralytics' licence."""

VIOLATIONS = ("street_stall", "exposed_garbage", "roadside_clutter")
"""Known categories that can become a case; bins, over-full or not, are context."""

FIRST_THRESHOLD = 0.25
"""For every category until thresholds are chosen on validation pictures."""

MOST_BOX_ERROR_PX = 0.5
MOST_SCORE_ERROR = 1e-3
_OPSET = 17


InputSize = tuple[int, int]
"""Height, width of the network's input in pixels; multiples of 32."""

Prepare = Callable[[Path, InputSize], NDArray[np.float32]]
"""A picture as the network sees it, ``(1, 3, H, W)`` RGB in 0..1; passed in, as this room lies below ``detector``."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export and how to call it."""

    source: Path
    """A run folder, or a ``.pt`` file."""
    name: str
    version: str
    input_sizes: tuple[InputSize, ...]
    """The default first; with several, one file takes them all."""
    out: Path
    """The package folder to write."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest differences between the ONNX file and torch over some pictures at one input size."""

    input_size: InputSize
    pictures: int
    box_px: float
    score: float


def export(
    request: ExportRequest, pictures: Sequence[Path], prepare: Prepare
) -> tuple[Manifest, tuple[Agreement, ...]]:
    """Write ``model.onnx`` and ``manifest.json`` into ``request.out``; the check comes before anything is replaced.

    Weights for several sizes are one file whose sizes are fixed when it is loaded: measured to be as fast as a file
    made for each (``benchmarks/input_sizes.py``). Each size is checked by itself.

    Raises:
        ModelError: no weights in the source, a size the network cannot take, or ONNX and torch disagree.
    """
    for height, width in request.input_sizes:
        if min(height, width) <= 0 or height % STRIDE_PX or width % STRIDE_PX:
            raise ModelError(
                f"input size {height}x{width} does not fit; mend: two multiples of {STRIDE_PX}, e.g. 384x640"
            )
    weights = _weights_of(request.source)
    yolo = load_yolo()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "model.pt"
        shutil.copyfile(weights, copy)
        model = yolo(str(copy))
        onnx = Path(
            model.export(
                format="onnx",
                imgsz=list(request.input_sizes[0]),
                opset=_OPSET,
                simplify=True,
                dynamic=len(request.input_sizes) > 1,
                batch=1,
            )
        )
        agreements = tuple(
            compare_with_torch(yolo(str(copy)).model, onnx, [prepare(path, size) for path in pictures], size)
            for size in request.input_sizes
        )
        for agreement in agreements:
            if agreement.box_px > MOST_BOX_ERROR_PX or agreement.score > MOST_SCORE_ERROR:
                height, width = agreement.input_size
                raise ModelError(
                    f"{onnx.name} disagrees with {weights.name} at {height}x{width}: boxes by "
                    f"{agreement.box_px:.2f} px, scores by {agreement.score:.4f}; "
                    "mend: check the versions of the train extra"
                )
        request.out.mkdir(parents=True, exist_ok=True)
        _strip_export_facts(onnx, request.out / "model.onnx")
    names = tuple(model.names[index] for index in range(len(model.names)))
    manifest = Manifest(
        name=request.name,
        version=request.version,
        sha256=sha256_of(request.out / "model.onnx"),
        categories=names,
        violations=tuple(name for name in names if name in VIOLATIONS),
        input_size=request.input_sizes[0],
        other_input_sizes=request.input_sizes[1:],
        thresholds=dict.fromkeys(names, FIRST_THRESHOLD),
        licence=LICENCE,
        checkpoint_sha256=sha256_of(weights),
        **_origin(request.source),
    )
    write_manifest(manifest, request.out)
    return manifest, agreements


@dataclass(frozen=True, slots=True)
class Measured:
    """What validation pictures say about a package's thresholds and confidences; by category."""

    thresholds: Mapping[str, float]
    choices: Mapping[str, ThresholdChoice]
    probability: Mapping[str, ConfidenceMap]


def record_figures(package: Path, measured: Measured, figures: Mapping[str, EvaluationReport]) -> Manifest:
    """Put chosen thresholds and measured figures (part name -> report) into a package's manifest."""
    manifest = read_manifest(package / MANIFEST_NAME)
    measured_on = {part: rounded(report.as_json()) for part, report in figures.items()}
    content = manifest.model_dump() | {
        "thresholds": dict(measured.thresholds),
        "threshold_choices": {name: choice.model_dump() for name, choice in measured.choices.items()},
        "probability": {name: one.model_dump() for name, one in measured.probability.items()},
        "metrics": manifest.metrics | measured_on,
    }
    changed = Manifest.model_validate(content)
    write_manifest(changed, package)
    return changed


def compare_with_torch(
    network: Any, onnx: Path, inputs: Sequence[NDArray[np.float32]], input_size: InputSize
) -> Agreement:
    """Run the same inputs, (1, 3, height, width) RGB in 0..1, through both and compare (1, 4 + classes, anchors)."""
    torch = importlib.import_module("torch")
    runtime = importlib.import_module("onnxruntime")
    session = runtime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    network = network.float().eval()
    box_px, score = 0.0, 0.0
    for given in inputs:
        with torch.no_grad():
            wanted = network(torch.from_numpy(given))[0].numpy()
        found = session.run(None, {session.get_inputs()[0].name: given})[0]
        difference = np.abs(wanted - found)
        box_px = max(box_px, float(difference[:, :4].max()))
        score = max(score, float(difference[:, 4:].max()))
    return Agreement(input_size, len(inputs), box_px, score)


def _weights_of(source: Path) -> Path:
    weights = source / "weights" / "best.pt" if source.is_dir() else source
    if not weights.is_file():
        raise ModelError(f"no weights {weights}; mend: name a finished run's folder or a .pt file")
    return weights


def _origin(source: Path) -> dict[str, Any]:
    """What the run's or average's record says of data and start weights; nothing for a bare ``.pt``."""
    average = source.with_suffix(".json")
    if source.is_file() and average.is_file():
        sources = json.loads(average.read_text(encoding="utf-8"))["average_of"]
        return {"parents": tuple(f"{one['file']} {one['sha256']}" for one in sources)}
    run = source if source.is_dir() else source.parent.parent
    record = run / "run.json"
    if not record.is_file():
        return {}
    facts = json.loads(record.read_text(encoding="utf-8"))
    start = facts.get("start") or Path(facts["settings"]["start_from"]).name  # runs before 2.2 name the file only
    return {
        "trained_on": (f"data fingerprint {facts['data_fingerprint']}",),
        "parents": (f"{start} {facts['start_sha256']}",),
    }


def _strip_export_facts(source: Path, target: Path) -> None:
    """Copy an ONNX file without the exporter's notes (date, paths), so that equal weights give equal files."""
    onnx = importlib.import_module("onnx")
    model = onnx.load(str(source))
    del model.metadata_props[:]
    model.doc_string = ""
    onnx.save(model, str(target))
