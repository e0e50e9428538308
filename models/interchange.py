"""Labelled or pre-labelled pictures as other tools read them: COCO (CVAT, pycocotools) and Label Studio's JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from core.errors import ModelError
from core.geometry import Box
from models.datasets import DatasetSpec, pictures_of

Format = Literal["yolo", "coco", "label-studio"]
LABEL_STUDIO_ROOT = "/data/local-files/?d="
"""How Label Studio's local storage names a file; what follows is relative to its document root."""
_COLOURS = ("#F0783C", "#E63232", "#B43CC8", "#3C8C5A", "#3CA0DC", "#8C8C3C")


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """One box with its score where a model drew it, without where a person stands for it."""

    category: str
    box: Box
    score: float | None = None


@dataclass(frozen=True, slots=True)
class MarkedPicture:
    """One picture of a data set; ``file`` is relative to the data set's folder, with forward slashes."""

    file: str
    width_px: int
    height_px: int
    boxes: tuple[MarkedBox, ...]


def marked_pictures(spec: DatasetSpec, part: str) -> tuple[MarkedPicture, ...]:
    """A part of a data set in YOLO layout; its boxes are a person's word."""
    return tuple(
        MarkedPicture(
            f"images/{part}/{picture.path.name}",
            picture.width_px,
            picture.height_px,
            tuple(MarkedBox(spec.names[labelled.class_id], Box(*labelled.box)) for labelled in picture.boxes),
        )
        for picture in pictures_of(spec, part)
    )


def as_coco(pictures: Sequence[MarkedPicture], names: Sequence[str], licence: str = "") -> dict[str, Any]:
    """COCO detection JSON: ids from 1, ``bbox`` x, y, width, height in pixels, a score where a model drew the box."""
    annotations: list[dict[str, Any]] = []
    for image_id, picture in enumerate(pictures, start=1):
        for marked in picture.boxes:
            box = marked.box
            annotation: dict[str, Any] = {
                "id": len(annotations) + 1,
                "image_id": image_id,
                "category_id": names.index(marked.category) + 1,
                "bbox": [round(value, 2) for value in (box.x0, box.y0, box.width, box.height)],
                "area": round(box.area, 2),
                "iscrowd": 0,
                "segmentation": [],
            }
            if marked.score is not None:
                annotation["score"] = round(marked.score, 4)
            annotations.append(annotation)
    return {
        "info": {"description": "Gridpatrol"},
        "licenses": [{"id": 1, "name": licence, "url": ""}] if licence else [],
        "categories": [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(names, start=1)],
        "images": [
            {"id": i, "file_name": p.file.rpartition("/")[2], "width": p.width_px, "height": p.height_px}
            for i, p in enumerate(pictures, start=1)
        ],
        "annotations": annotations,
    }


def from_coco(path: Path, folder: str) -> tuple[MarkedPicture, ...]:
    """COCO detection JSON read back, e.g. after a person checked it in CVAT.

    Args:
        folder: where the pictures lie in the data set, e.g. ``images/val``.

    Raises:
        ModelError: the file is not COCO detection JSON.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        names = {category["id"]: str(category["name"]) for category in content["categories"]}
        boxes: dict[int, list[MarkedBox]] = {image["id"]: [] for image in content["images"]}
        for one in content["annotations"]:
            x, y, width, height = one["bbox"]
            marked = MarkedBox(names[one["category_id"]], Box(x, y, x + width, y + height), one.get("score"))
            boxes[one["image_id"]].append(marked)
        return tuple(
            MarkedPicture(f"{folder}/{image['file_name']}", image["width"], image["height"], tuple(boxes[image["id"]]))
            for image in content["images"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not COCO detection JSON ({error!r}); mend: export it anew as COCO 1.0") from error


def as_label_studio(
    pictures: Sequence[MarkedPicture], root: str = LABEL_STUDIO_ROOT, model_version: str | None = None
) -> list[dict[str, Any]]:
    """Label Studio tasks: a person's boxes as annotations, a model's as predictions to check; in per cent.

    A picture without boxes is an annotation without regions: it was looked at, and nothing stands there.
    """
    tasks: list[dict[str, Any]] = []
    for picture in pictures:
        results = [_result(marked, picture, f"r{number}") for number, marked in enumerate(picture.boxes)]
        scores = [marked.score for marked in picture.boxes if marked.score is not None]
        task: dict[str, Any] = {"data": {"image": f"{root}{picture.file}"}}
        if model_version is None:
            task["annotations"] = [{"result": results}]
        else:
            mean = round(sum(scores) / len(scores), 4) if scores else 0.0
            task["predictions"] = [{"model_version": model_version, "score": mean, "result": results}]
        tasks.append(task)
    return tasks


def label_studio_config(names: Sequence[str]) -> str:
    """The labelling interface that goes with ``as_label_studio``."""
    labels = "\n".join(
        f'    <Label value={quoteattr(name)} background="{_COLOURS[i % len(_COLOURS)]}"/>'
        for i, name in enumerate(names)
    )
    return (
        '<View>\n  <Image name="image" value="$image" zoom="true"/>\n'
        f'  <RectangleLabels name="label" toName="image">\n{labels}\n  </RectangleLabels>\n</View>\n'
    )


def write_interchange(
    folder: Path,
    parts: Mapping[str, Sequence[MarkedPicture]],
    names: Sequence[str],
    to: Format,
    model_version: str | None = None,
    licence: str = "",
) -> tuple[Path, ...]:
    """Beside the YOLO layout, what the other format adds to it; the files written.

    ``coco``: ``annotations/instances_<part>.json``. ``label-studio``: ``tasks_<part>.json`` and ``label_config.xml``.
    """
    written: list[Path] = []
    for part, pictures in parts.items():
        if to == "coco":
            content: object = as_coco(pictures, names, licence)
            written.append(folder / "annotations" / f"instances_{part}.json")
        elif to == "label-studio":
            content = as_label_studio(pictures, model_version=model_version)
            written.append(folder / f"tasks_{part}.json")
        else:
            continue
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        written[-1].write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if to == "label-studio":
        written.append(folder / "label_config.xml")
        written[-1].write_text(label_studio_config(names), encoding="utf-8")
    return tuple(written)


def _result(marked: MarkedBox, picture: MarkedPicture, region_id: str) -> dict[str, Any]:
    box = marked.box
    result: dict[str, Any] = {
        "id": region_id,
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "original_width": picture.width_px,
        "original_height": picture.height_px,
        "image_rotation": 0,
        "value": {
            "x": round(100 * box.x0 / picture.width_px, 4),
            "y": round(100 * box.y0 / picture.height_px, 4),
            "width": round(100 * box.width / picture.width_px, 4),
            "height": round(100 * box.height / picture.height_px, 4),
            "rotation": 0,
            "rectanglelabels": [marked.category],
        },
    }
    if marked.score is not None:
        result["score"] = round(marked.score, 4)
    return result
