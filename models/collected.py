"""A data set out of pictures that a city's desk has decided on, in YOLO layout, split by camera.

Cases come in as plain facts (``CollectedPicture``); this room knows no case store.
"""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.clock import isoformat_z
from core.errors import ModelError
from core.geometry import Box

LICENCE = "city-owned footage, not for publication"
LEAST_SIDE_PX = 2.0
"""A box that is thinner after it was clipped to its picture teaches nothing."""
PROVENANCE_NAME = "provenance.csv"
COLUMNS = (
    "file",
    "sha256",
    "part",
    "source",
    "camera",
    "captured_at",
    "decision",
    "reason",
    "category",
    "boxes",
    "decided_by",
    "licence",
)

Pixels = NDArray[np.uint8]
"""(height, width, 3), BGR."""


@dataclass(frozen=True, slots=True)
class NamedBox:
    """One thing in a picture; ``box`` in its pixels."""

    category: str
    box: Box


@dataclass(frozen=True, slots=True)
class Origin:
    """One desk decision that speaks for a picture; no person's name is kept."""

    case: str
    """``number/uuid``."""
    decision: str
    """``confirmed``, ``rejected`` or ``corrected``; ``carried`` for a box taken over from another look of its case."""
    reason: str
    category: str


@dataclass(frozen=True, slots=True)
class CollectedPicture:
    """One original with all that the desk knows to stand in it."""

    sha256: str
    camera: str
    captured_at: datetime
    boxes: tuple[NamedBox, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class CameraSplit:
    """Which cameras are for judging only: by a hash, so that a camera keeps its side when others are added."""

    hold_out: float = 0.2
    """Share of cameras, 0 to 1."""
    seed: int = 0

    def held_out(self, cameras: Sequence[str]) -> frozenset[str]:
        """The cameras of ``val``: at least one, and never all of two or more; none of one."""
        if len(set(cameras)) < 2:
            return frozenset()
        ranked = sorted(set(cameras), key=self._rank)
        chosen = [camera for camera in ranked if self._rank(camera)[0] < self.hold_out]
        return frozenset(chosen[: len(ranked) - 1] or ranked[:1])

    def _rank(self, camera: str) -> tuple[float, str]:
        digest = hashlib.sha256(f"{self.seed}:{camera}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64, camera


@dataclass(frozen=True, slots=True)
class WritingRules:
    """How the data set is written."""

    names: tuple[str, ...]
    """Categories in the order of the model's class index."""
    split: CameraSplit
    site: str
    """The city's or installation's name in ``source``."""
    licence: str = LICENCE


def write_collected(
    pictures: Sequence[CollectedPicture],
    original: Callable[[str], bytes],
    context: Callable[[Pixels], Sequence[NamedBox]],
    rules: WritingRules,
    out: Path,
    progress: Callable[[int], None] = lambda done: None,
) -> Path:
    """Write ``images/``, ``labels/``, ``data.yaml``, ``classes.txt`` and ``provenance.csv``; return ``data.yaml``.

    Args:
        original: a picture's JPEG by its SHA-256.
        context: boxes of things that no case is about (bins), as the model sees them in the picture.

    Raises:
        ModelError: nothing to write, ``out`` is not empty, or a picture is not the one its hash names.
    """
    if not pictures:
        raise ModelError("no picture of a decided case to write; mend: close cases at the desk, or an earlier --since")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ModelError(f"{out} is not empty, and labels a person has checked may lie there; mend: name a new folder")
    held_out = rules.split.held_out([picture.camera for picture in pictures])
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in ("train", "val"):  # both, also where one stays empty: who composes data sets looks for both
        (partial / "images" / part).mkdir(parents=True)
        (partial / "labels" / part).mkdir(parents=True)
    rows: list[Mapping[str, str]] = []
    for number, picture in enumerate(sorted(pictures, key=lambda p: (p.camera, p.captured_at, p.sha256)), start=1):
        part = "val" if picture.camera in held_out else "train"
        rows.append(_write_one(picture, original(picture.sha256), context, rules, partial, part))
        progress(number)
    with (partial / PROVENANCE_NAME).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    write_yolo_head(partial, rules.names, ("train", "val"))
    if out.exists():
        out.rmdir()
    os.replace(partial, out)
    return out / "data.yaml"


def write_yolo_head(folder: Path, names: Sequence[str], parts: Sequence[str]) -> None:
    """``data.yaml`` and ``classes.txt``, as Ultralytics, CVAT and Label Studio's converter look for them.

    No ``path`` key: the folder may be moved or zipped, and readers then take the file's own folder.
    """
    content = {part: f"images/{part}" for part in parts} | {"names": dict(enumerate(names))}
    (folder / "data.yaml").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def label_text(boxes: Sequence[NamedBox], names: Sequence[str], width_px: int, height_px: int) -> str:
    """YOLO lines ``class cx cy w h`` (shares of the picture); what lies outside the picture is cut off."""
    lines: list[str] = []
    for named in boxes:
        x0, x1 = (min(max(x, 0.0), float(width_px)) for x in (named.box.x0, named.box.x1))
        y0, y1 = (min(max(y, 0.0), float(height_px)) for y in (named.box.y0, named.box.y1))
        if min(x1 - x0, y1 - y0) < LEAST_SIDE_PX:
            continue
        shares = ((x0 + x1) / 2 / width_px, (y0 + y1) / 2 / height_px, (x1 - x0) / width_px, (y1 - y0) / height_px)
        lines.append(" ".join([str(names.index(named.category)), *(f"{share:.6f}" for share in shares)]) + "\n")
    return "".join(lines)


def file_stem(camera: str, captured_at: datetime, sha256: str) -> str:
    """A name that sorts by camera and time and is safe in a folder, a zip and a URL."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in camera)[:40]
    return f"{safe}_{captured_at:%Y%m%dT%H%M%S}_{sha256[:12]}"


def _write_one(
    picture: CollectedPicture,
    jpeg: bytes,
    context: Callable[[Pixels], Sequence[NamedBox]],
    rules: WritingRules,
    folder: Path,
    part: str,
) -> Mapping[str, str]:
    if hashlib.sha256(jpeg).hexdigest() != picture.sha256:
        raise ModelError(f"picture {picture.sha256} is not the one its hash names; mend: restore the evidence folder")
    pixels = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ModelError(
            f"picture {picture.sha256} of {picture.camera} cannot be decoded; mend: remove its case's look"
        )
    stem = file_stem(picture.camera, picture.captured_at, picture.sha256)
    file = f"images/{part}/{stem}.jpg"
    (folder / file).write_bytes(jpeg)
    boxes = (*picture.boxes, *context(np.asarray(pixels, dtype=np.uint8)))
    text = label_text(boxes, rules.names, pixels.shape[1], pixels.shape[0])
    (folder / f"labels/{part}/{stem}.txt").write_text(text, encoding="utf-8")
    return {
        "file": file,
        "sha256": picture.sha256,
        "part": part,
        "source": "; ".join(f"{rules.site}/{origin.case}" for origin in picture.origins),
        "camera": picture.camera,
        "captured_at": isoformat_z(picture.captured_at),
        "decision": "; ".join(origin.decision for origin in picture.origins),
        "reason": "; ".join(origin.reason for origin in picture.origins),
        "category": "; ".join(origin.category for origin in picture.origins),
        "boxes": str(text.count("\n")),
        "decided_by": "operator",
        "licence": rules.licence,
    }
