"""From a training run to a model package: one ONNX file, its manifest, and the proof that both say the same."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.errors import ModelError
from models.evaluation import EvaluationReport
from models.manifest import Manifest, read_manifest, sha256_of, write_manifest
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


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export and how to call it."""

    source: Path
    """A run folder, or a ``.pt`` file."""
    name: str
    version: str
    size_px: int
    out: Path
    """The package folder to write."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest differences between the ONNX file and torch over some pictures."""

    pictures: int
    box_px: float
    score: float


def export(request: ExportRequest, pictures: Sequence[Path]) -> tuple[Manifest, Agreement]:
    """Write ``model.onnx`` and ``manifest.json`` into ``request.out``; the check comes before anything is replaced.

    Raises:
        ModelError: no weights in the source, or ONNX and torch disagree.
    """
    weights = _weights_of(request.source)
    yolo = load_yolo()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "model.pt"
        shutil.copyfile(weights, copy)
        model = yolo(str(copy))
        onnx = Path(
            model.export(format="onnx", imgsz=request.size_px, opset=_OPSET, simplify=True, dynamic=False, batch=1)
        )
        agreement = compare_with_torch(yolo(str(copy)).model, onnx, pictures, request.size_px)
        if agreement.box_px > MOST_BOX_ERROR_PX or agreement.score > MOST_SCORE_ERROR:
            raise ModelError(
                f"{onnx.name} disagrees with {weights.name}: boxes by {agreement.box_px:.2f} px, "
                f"scores by {agreement.score:.4f}; mend: check the versions of the train extra"
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
        input_size=(request.size_px, request.size_px),
        thresholds=dict.fromkeys(names, FIRST_THRESHOLD),
        licence=LICENCE,
        **_origin(request.source),
    )
    write_manifest(manifest, request.out)
    return manifest, agreement


def record_figures(package: Path, thresholds: Mapping[str, float], figures: Mapping[str, EvaluationReport]) -> Manifest:
    """Put chosen thresholds and measured figures (part name -> report) into a package's manifest."""
    manifest = read_manifest(package / MANIFEST_NAME)
    rounded = {part: _rounded(report.as_json()) for part, report in figures.items()}
    content = manifest.model_dump() | {"thresholds": dict(thresholds), "metrics": manifest.metrics | rounded}
    changed = Manifest.model_validate(content)
    write_manifest(changed, package)
    return changed


def compare_with_torch(network: Any, onnx: Path, pictures: Sequence[Path], size_px: int) -> Agreement:
    """Run the same input, (1, 3, size, size) RGB in 0..1, through both and compare (1, 4 + classes, anchors)."""
    torch = importlib.import_module("torch")
    runtime = importlib.import_module("onnxruntime")
    session = runtime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    network = network.float().eval()
    box_px, score = 0.0, 0.0
    for path in pictures:
        picture = cv2.imread(str(path))
        if picture is None:
            raise ModelError(f"picture {path} cannot be read; mend: name another")
        resized = cv2.resize(picture, (size_px, size_px))[:, :, ::-1].transpose(2, 0, 1)
        given = np.ascontiguousarray(resized[None], dtype=np.float32) / 255
        with torch.no_grad():
            wanted = network(torch.from_numpy(given))[0].numpy()
        found = session.run(None, {session.get_inputs()[0].name: given})[0]
        difference = np.abs(wanted - found)
        box_px = max(box_px, float(difference[:, :4].max()))
        score = max(score, float(difference[:, 4:].max()))
    return Agreement(len(pictures), box_px, score)


def _weights_of(source: Path) -> Path:
    weights = source / "weights" / "best.pt" if source.is_dir() else source
    if not weights.is_file():
        raise ModelError(f"no weights {weights}; mend: name a finished run's folder or a .pt file")
    return weights


def _origin(source: Path) -> dict[str, Any]:
    """What the run's record says of its data and start weights; nothing for a bare ``.pt``."""
    run = source if source.is_dir() else source.parent.parent
    record = run / "run.json"
    if not record.is_file():
        return {}
    facts = json.loads(record.read_text(encoding="utf-8"))
    start = Path(facts["settings"]["start_from"]).name
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


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
