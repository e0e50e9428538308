"""Data sets for training: several sources composed into one folder in YOLO layout, with a fingerprint.

The folder holds ``images/<part>``, ``labels/<part>`` and ``data.yaml``; parts are ``train``, ``val`` (photographs only)
and ``render_val`` (held-out rendered scenes, always judged apart from photographs).
"""

import hashlib
import importlib
import json
import shutil
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ModelError

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png")
JPEG_QUALITY = 90


class PhotoSource(BaseModel):
    """A folder in YOLO layout with its own ``train`` and ``val`` parts; ``val`` is passed on untouched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["yolo"]
    path: str
    repeat_by_prefix: dict[str, int] = Field(default_factory=dict)
    """File-name prefix -> how often a training picture is shown per epoch (1 where not named)."""


class RenderSource(BaseModel):
    """A folder of rendered scenes: ``<name>.png``, ``.txt`` (YOLO labels) and ``.json`` (every object's box).

    A scene is complete once its ``.json`` exists; others are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["renders"]
    path: str
    repeat: int = Field(default=1, ge=1)
    holdout_one_in: int = Field(default=10, ge=2)
    """Scenes with ``seed // 2 % holdout_one_in == 0`` go to ``render_val`` (seeds are handed out in steps of two)."""
    context_groups: dict[str, int] = Field(default_factory=dict)
    """Scene objects that ``.txt`` leaves out -> class id to label them with, e.g. ``{"street_bin": 3}``."""
    context_min_visible: float = Field(default=0.3, ge=0, le=1)
    context_min_px: float = Field(default=8, ge=0)


class DatasetRecipe(BaseModel):
    """What a training set is made of; read from TOML, paths relative to the working folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    """Category names in class-id order."""
    photos: tuple[PhotoSource, ...] = ()
    renders: tuple[RenderSource, ...] = ()


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


def read_recipe(path: Path) -> DatasetRecipe:
    """Read a recipe; ``ModelError`` names the file and the key that is wrong."""
    try:
        return DatasetRecipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelError(f"data recipe {path}: {error}; mend the file, see docs/models.md") from error


def compose(recipe: DatasetRecipe, out: Path) -> Path:
    """Write the composed data set into ``out`` (emptied first if it is one of ours) and return its ``data.yaml``."""
    if not recipe.photos and not recipe.renders:
        raise ModelError("the data recipe names no source; mend: add a [[photos]] or [[renders]] section")
    if out.exists():
        if any(out.iterdir()) and not (out / "data.yaml").is_file():
            raise ModelError(f"{out} is not empty and is no composed data set; mend: name a new folder with --out")
        shutil.rmtree(out)
    for source in recipe.photos:
        _add_photos(source, out)
    for scenes in recipe.renders:
        _add_renders(scenes, out)
    parts = {part.name: f"images/{part.name}" for part in sorted((out / "images").iterdir())}
    content = {"path": str(out.resolve()), **parts, "names": dict(enumerate(recipe.names))}
    data = out / "data.yaml"
    data.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")  # JSON is YAML, too
    return data


def _add_photos(source: PhotoSource, out: Path) -> None:
    for part in ("train", "val"):
        folder = Path(source.path) / "images" / part
        if not folder.is_dir():
            raise ModelError(f"no folder {folder}; mend: check the source's path in the data recipe")
        for picture in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES):
            labels = picture.parents[2] / "labels" / part / f"{picture.stem}.txt"
            text = labels.read_text(encoding="utf-8") if labels.is_file() else ""
            repeats = max((n for p, n in source.repeat_by_prefix.items() if picture.name.startswith(p)), default=1)
            for copy in range(repeats if part == "train" else 1):
                name = picture.stem if copy == 0 else f"{picture.stem}__{copy}"
                target = _label_beside(out, part, name, text) / f"{name}{picture.suffix.lower()}"
                target.symlink_to(picture.resolve())


def _add_renders(source: RenderSource, out: Path) -> None:
    folder = Path(source.path)
    if not folder.is_dir():
        raise ModelError(f"no folder {folder}; mend: check the source's path in the data recipe")
    for facts_path in sorted(folder.glob("*.json")):
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        picture = cv2.imread(str(facts_path.with_suffix(".png")))
        if picture is None:
            raise ModelError(f"scene {facts_path} has no readable picture beside it; mend: render it again")
        lines = facts_path.with_suffix(".txt").read_text(encoding="utf-8").split("\n")
        lines = [line for line in lines if line.strip()] + context_labels(facts, source)
        held_out = int(facts["seed"]) // 2 % source.holdout_one_in == 0
        part, repeats = ("render_val", 1) if held_out else ("train", source.repeat)
        for copy in range(repeats):
            name = facts_path.stem if copy == 0 else f"{facts_path.stem}__{copy}"
            target = _label_beside(out, part, name, "\n".join(lines)) / f"{name}.jpg"
            cv2.imwrite(str(target), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def context_labels(facts: dict[str, Any], source: RenderSource) -> list[str]:
    """YOLO lines for context objects (bins) that a scene shows but its ``.txt`` leaves out."""
    width, height = facts["size"]
    lines: list[str] = []
    for group in facts["groups"]:
        class_id = source.context_groups.get(group["name"]) if group["cls"] is None else None
        if class_id is None or not group.get("box") or group["visible"] < source.context_min_visible:
            continue
        x0, y0, x1, y1 = group["box"]
        if min(x1 - x0, y1 - y0) < source.context_min_px:
            continue
        values = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
        lines.append(" ".join([str(class_id), *(f"{v:.6f}" for v in values)]))
    return lines


def _label_beside(out: Path, part: str, name: str, text: str) -> Path:
    images, labels = out / "images" / part, out / "labels" / part
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    (labels / f"{name}.txt").write_text(text.strip() + "\n" if text.strip() else "", encoding="utf-8")
    return images


def read_spec(data: Path) -> DatasetSpec:
    """Read a ``data.yaml`` (YOLO layout); ``ModelError`` names the file and what it lacks."""
    try:
        content = _parse_yaml(data.read_text(encoding="utf-8"))
        root = Path(content.get("path", data.parent))
        root = root if root.is_absolute() else data.parent / root
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
        found.append(LabelledPicture(path, width, height, _boxes_in_pixels(text, width, height, labels)))
    return found


def _boxes_in_pixels(text: str, width: int, height: int, path: Path) -> tuple[LabelledBox, ...]:
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
