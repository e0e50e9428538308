"""Data sets in YOLO layout: reading them, their fingerprint, their counts.

The folder holds ``images/<part>``, ``labels/<part>`` and ``data.yaml``. ``models.composing`` writes them.
"""

import hashlib
import importlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from core.errors import ModelError

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """One labelled object; ``box`` in source pixels, xyxy."""

    class_id: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture with its truth; no boxes means a negative picture."""

    path: Path
    width_px: int
    height_px: int
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """A ``data.yaml`` as read: where its parts lie and what its classes are called."""

    root: Path
    names: tuple[str, ...]
    parts: dict[str, Path]


def read_spec(data: Path) -> DatasetSpec:
    """Read a ``data.yaml`` (YOLO layout); ``ModelError`` names the file and what it lacks."""
    try:
        content = _parse_yaml(data.read_text(encoding="utf-8"))
        root = data.parent / content.get("path", "")  # an absolute path stands by itself
        names = content["names"]
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        ordered = tuple(name for _, name in sorted((int(i), str(name)) for i, name in pairs))
        parts = {k: root / v for k, v in content.items() if isinstance(v, str) and k not in {"path", "names"}}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelError(f"data set {data} cannot be read ({error!r}); mend: see docs/models.md") from error
    return DatasetSpec(root, ordered, parts)


def _parse_yaml(text: str) -> dict[str, Any]:
    """Parse our own ``data.yaml`` (JSON) without a YAML parser, others' with PyYAML (part of the train extra)."""
    try:
        content = json.loads(text)
    except ValueError:
        try:
            yaml = importlib.import_module("yaml")
        except ImportError as error:
            raise ModelError("reading a YAML data set needs PyYAML; mend: pip install pyyaml, or write JSON") from error
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error
    if not isinstance(content, dict):
        raise ValueError("expected keys such as 'train', 'val', 'names'")
    return content


def pictures_of(spec: DatasetSpec, part: str) -> list[LabelledPicture]:
    """Every picture of one part with its truth in pixels, in file-name order."""
    folder = spec.parts.get(part)
    if folder is None or not folder.is_dir():
        raise ModelError(f"data set {spec.root} has no part '{part}'; it has: {', '.join(spec.parts) or 'none'}")
    found: list[LabelledPicture] = []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES):
        picture = cv2.imread(str(path))
        if picture is None:
            raise ModelError(f"picture {path} cannot be read; mend: replace or remove it and its label file")
        height, width = picture.shape[:2]
        labels = folder.parents[1] / "labels" / folder.name / f"{path.stem}.txt"
        text = labels.read_text(encoding="utf-8") if labels.is_file() else ""
        found.append(LabelledPicture(path, width, height, boxes_in_pixels(text, width, height, labels)))
    return found


def boxes_in_pixels(text: str, width: int, height: int, path: Path) -> tuple[LabelledBox, ...]:
    """YOLO label text as boxes; ``ModelError`` names the line of ``path`` that does not hold."""
    boxes: list[LabelledBox] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            class_id, cx, cy, w, h = (float(v) for v in line.split())
        except ValueError as error:
            raise ModelError(f"{path}:{number}: expected 'class cx cy w h', found '{line}'; mend that line") from error
        corners = ((cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height)
        boxes.append(LabelledBox(int(class_id), corners))
    return tuple(boxes)


def fingerprint(spec: DatasetSpec) -> str:
    """SHA-256 over every part's sorted picture names, their sizes in bytes and their labels' contents."""
    digest = hashlib.sha256("\0".join(spec.names).encode())
    for part, folder in sorted(spec.parts.items()):
        for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES):
            labels = folder.parents[1] / "labels" / folder.name / f"{path.stem}.txt"
            digest.update(f"{part}/{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(labels.read_bytes() if labels.is_file() else b"")
    return digest.hexdigest()


def count_boxes(spec: DatasetSpec, part: str) -> tuple[int, Counter[int]]:
    """Pictures in a part and boxes per class id, counted from the label files."""
    folder = spec.parts[part]
    pictures = [p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES]
    counts: Counter[int] = Counter()
    for path in pictures:
        labels = folder.parents[1] / "labels" / folder.name / f"{path.stem}.txt"
        if labels.is_file():
            counts.update(int(line.split()[0]) for line in labels.read_text(encoding="utf-8").splitlines() if line)
    return len(pictures), counts
