"""Several sources composed into one training set, a folder in YOLO layout.

Parts: ``train``; ``val`` (photographs only); ``val_shapes`` (those of them that were stretched to squares, in shapes
that they may have had); ``render_val`` (held-out rendered scenes) and ``ordinary_val`` (clips of ordinary streets),
each always judged apart.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.errors import ModelError
from models.cutouts import CutOut, cut_out
from models.datasets import PICTURE_SUFFIXES, LabelledBox, boxes_in_pixels
from models.pasting import paste_in_turn
from models.showings import Showings, in_shape, random_of
from models.sources import DatasetRecipe, PasteSource, PhotoSource, RenderSource, VideoSource
from models.windows import LabelledImage, Picture, cut_windows, scale_to_width, yolo_lines

JPEG_QUALITY = 90
_MARK = "composed"
"""In ``data.yaml``: this folder can be made again from its recipe, so it may be emptied for that."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the sources leave for cut-and-paste, kept as pictures in memory (a few hundred)."""

    streets: list[LabelledImage] = field(default_factory=list)
    """Windows without a violation."""
    photos: list[tuple[Path, str]] = field(default_factory=list)
    """Training photographs with their label text."""


def compose(recipe: DatasetRecipe, out: Path) -> Path:
    """Write the composed data set into ``out`` (emptied first if it is one of ours) and return its ``data.yaml``."""
    if not (recipe.photos or recipe.renders or recipe.videos):
        raise ModelError("the data recipe names no source; mend: add a [[photos]], [[renders]] or [[videos]] section")
    if out.exists():
        if any(out.iterdir()) and not _is_composed(out):
            raise ModelError(f"{out} is not empty and is no composed data set; mend: name a new folder with --out")
        shutil.rmtree(out)
    gathered = _Gathered()
    for source in recipe.photos:
        _add_photos(source, out, gathered)
    for scenes in recipe.renders:
        _add_renders(scenes, out, gathered)
    for clips in recipe.videos:
        _add_videos(clips, out, gathered)
    for pastes in recipe.pastes:
        _add_pastes(pastes, out, gathered)
    parts = {part.name: f"images/{part.name}" for part in sorted((out / "images").iterdir())}
    content = {"path": str(out.resolve()), **parts, "names": dict(enumerate(recipe.names)), _MARK: True}
    data = out / "data.yaml"
    data.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")  # JSON is YAML, too
    return data


def _is_composed(folder: Path) -> bool:
    """Whether a composing made this folder; a data set of a person's work is not to be emptied."""
    try:
        content = json.loads((folder / "data.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get(_MARK) is True


def _add_photos(source: PhotoSource, out: Path, gathered: _Gathered) -> None:
    for part in ("train", "val"):
        folder = Path(source.path) / "images" / part
        if not folder.is_dir():
            raise ModelError(f"no folder {folder}; mend: check the source's path in the data recipe")
        for picture in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES):
            if part == "train" and picture.name.startswith(source.leave_out_prefixes):
                continue
            labels = picture.parents[2] / "labels" / part / f"{picture.stem}.txt"
            text = labels.read_text(encoding="utf-8") if labels.is_file() else ""
            repeats = max((n for p, n in source.repeat_by_prefix.items() if picture.name.startswith(p)), default=1)
            if part == "train":
                gathered.photos.append((picture, text))
            showings = Showings.of(source, picture.name)
            if part == "val" and showings.shapes:
                shaped = showings.shapes[int(random_of(picture.stem).integers(len(showings.shapes)))]
                _write(out, "val_shapes", picture.stem, in_shape(_labelled(picture, text), shaped))
            for copy in range(repeats if part == "train" else 1):
                name = picture.stem if copy == 0 else f"{picture.stem}__{copy}"
                if copy % 2 and (another := showings.again(_labelled(picture, text), name)):
                    _write(out, part, name, another)
                    continue
                target = _label_beside(out, part, name, text) / f"{name}{picture.suffix.lower()}"
                target.symlink_to(picture.resolve())


def _add_renders(source: RenderSource, out: Path, gathered: _Gathered) -> None:
    folder = Path(source.path)
    if not folder.is_dir():
        raise ModelError(f"no folder {folder}; mend: check the source's path in the data recipe")
    for facts_path in sorted(folder.glob("*.json")):
        facts = json.loads(facts_path.read_text(encoding="utf-8"))
        text = facts_path.with_suffix(".txt").read_text(encoding="utf-8")
        lines = [line for line in text.split("\n") if line.strip()] + context_labels(facts, source)
        image = _labelled(facts_path.with_suffix(".png"), "\n".join(lines))
        if int(facts["seed"]) // 2 % source.holdout_one_in == 0:
            _write(out, "render_val", facts_path.stem, image)
            continue
        images = [image]
        if source.windows is not None:
            images = cut_windows(image, source.windows, random_of(facts_path.stem))
        for number, one in enumerate(images):
            _write_copies(out, f"{facts_path.stem}{_letter(number)}", one, source.repeat)
            if not text.strip():
                gathered.streets.append(one)


def _add_videos(source: VideoSource, out: Path, gathered: _Gathered) -> None:
    both = set(source.train) & set(source.val)
    if both:
        raise ModelError(f"clip {min(both)} stands in train and in val; mend: leave it in one of them")
    for part, clips in (("train", source.train), ("ordinary_val", source.val)):
        for clip in clips:
            for number, pixels in enumerate(_pictures_of_clip(Path(source.path) / clip, source)):
                name = f"vi_{Path(clip).stem}_{number:03d}"
                image = LabelledImage(pixels, ())
                if part != "train":
                    _write(out, part, name, image)
                    continue
                cut = [image] if source.windows is None else cut_windows(image, source.windows, random_of(name))
                gathered.streets.extend(cut)
                for letter, one in enumerate(cut):
                    _write_copies(out, f"{name}{_letter(letter)}", one, source.repeat)


def _pictures_of_clip(path: Path, source: VideoSource) -> Iterator[Picture]:
    """Pictures ``every_s`` apart, at most ``most_per_clip``; wide ones are brought to the windows' width first."""
    capture = cv2.VideoCapture(str(path))
    fps = capture.get(cv2.CAP_PROP_FPS)
    if not capture.isOpened() or fps <= 0:
        raise ModelError(f"clip {path} cannot be opened; mend: check the [[videos]] source's path and names")
    step, position, given = max(1, round(source.every_s * fps)), 0, 0
    try:
        while given < source.most_per_clip and capture.grab():
            if position % step == 0:
                read, pixels = capture.retrieve()
                if read:
                    given += 1
                    image = LabelledImage(np.asarray(pixels, dtype=np.uint8), ())
                    yield scale_to_width(image, source.windows.wide_px if source.windows else 640).pixels
            position += 1
    finally:
        capture.release()


def _add_pastes(source: PasteSource, out: Path, gathered: _Gathered) -> None:
    cuts = list(_cut_outs(source, gathered))
    if not cuts or not gathered.streets:
        raise ModelError(
            f"cut-and-paste has {len(cuts)} objects and {len(gathered.streets)} streets; mend: it needs [[photos]] "
            f"with classes {list(source.class_ids)} and [[renders]] or [[videos]] without violations"
        )
    images = paste_in_turn(cuts, gathered.streets, source.count, np.random.default_rng(source.seed))
    for number, image in enumerate(images):
        _write(out, "train", f"pa_{source.seed}_{number:05d}", image)


def _cut_outs(source: PasteSource, gathered: _Gathered) -> Iterator[CutOut]:
    for path, text in gathered.photos:
        if not any(line.split()[0] in {str(c) for c in source.class_ids} for line in text.splitlines() if line):
            continue
        photo = _labelled(path, text)
        for labelled in photo.boxes:
            x0, y0, x1, y1 = labelled.box
            if labelled.class_id in source.class_ids and min(x1 - x0, y1 - y0) >= source.least_box_px:
                cut = cut_out(photo, labelled)
                if cut is not None:
                    yield cut


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


def _labelled(path: Path, text: str) -> LabelledImage:
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise ModelError(f"picture {path} cannot be read; mend: replace it, or render the scene again")
    height, width = pixels.shape[:2]
    boxes: tuple[LabelledBox, ...] = boxes_in_pixels(text, width, height, path.with_suffix(".txt"))
    return LabelledImage(np.asarray(pixels, dtype=np.uint8), boxes)


def _letter(number: int) -> str:
    return f"_{chr(ord('a') + number % 26)}" if number else ""


def _write_copies(out: Path, name: str, image: LabelledImage, copies: int) -> None:
    first = _write(out, "train", name, image)
    for copy in range(1, copies):
        again = _label_beside(out, "train", f"{name}__{copy}", yolo_lines(image)) / f"{name}__{copy}.jpg"
        again.hardlink_to(first)


def _write(out: Path, part: str, name: str, image: LabelledImage) -> Path:
    target = _label_beside(out, part, name, yolo_lines(image)) / f"{name}.jpg"
    cv2.imwrite(str(target), image.pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return target


def _label_beside(out: Path, part: str, name: str, text: str) -> Path:
    images, labels = out / "images" / part, out / "labels" / part
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    (labels / f"{name}.txt").write_text(text.strip() + "\n" if text.strip() else "", encoding="utf-8")
    return images
