"""New footage with a model's boxes, for a person to check: a folder in YOLO layout that can be added to at any time.

``predictions.jsonl`` is the journal: one line a picture, with every box and its score. A label file that a person has
changed is theirs from then on and is never written again.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.detections import ModelRef
from core.errors import ModelError
from core.geometry import Box
from detector.evidence import as_jpeg
from models.collected import NamedBox, label_text, write_yolo_head
from models.datasets import PICTURE_SUFFIXES, boxes_in_pixels
from models.interchange import Format, MarkedBox, MarkedPicture, write_interchange
from patrol.survey import Found, Look

JOURNAL_NAME = "predictions.jsonl"
WRITTEN_NAME = "written.json"
PART = "train"
"""The one part that every tool takes by name."""


@dataclass(frozen=True, slots=True)
class PreLabel:
    """One picture's line in the journal."""

    source: str
    """Relative to the labelled folder."""
    frame: int | None
    file: str
    width_px: int
    height_px: int
    model_sha256: str
    label_sha256: str
    """Of the label file as we wrote it."""
    boxes: tuple[MarkedBox, ...]

    @property
    def key(self) -> tuple[str, int | None]:
        return (self.source, self.frame)

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "frame": self.frame,
            "file": self.file,
            "width": self.width_px,
            "height": self.height_px,
            "model_sha256": self.model_sha256,
            "label_sha256": self.label_sha256,
            "detections": [
                {"category": b.category, "confidence": b.score, "box_xyxy": [round(v, 2) for v in b.box.as_xyxy()]}
                for b in self.boxes
            ],
        }


class PreLabelFolder:
    """Where pictures, labels and the journal of one job lie.

    Args:
        source: the folder whose pictures and clips are labelled.
        names: the model's categories.

    Raises:
        ModelError: the folder holds something else, or labels of other categories.
    """

    def __init__(self, folder: Path, source: Path, names: Sequence[str], model: ModelRef) -> None:
        self._folder = folder
        self._source = source
        self._names = tuple(names)
        self._model = model
        self._lines = self._read_journal()
        self._files = {line.file for line in self._lines.values()}
        self.counts: Counter[str] = Counter()
        for part in ("images", "labels"):
            (folder / part / PART).mkdir(parents=True, exist_ok=True)
        write_yolo_head(folder, names, (PART,))
        (folder / JOURNAL_NAME).touch()

    def undone(self, looks: Iterator[Look]) -> Iterator[Look]:
        """The looks that this model has not labelled yet."""
        for look in looks:
            line = self._lines.get(self._key(look))
            if line is not None and line.model_sha256 == self._model.sha256 and (self._folder / line.file).is_file():
                self.counts["done before"] += 1
            else:
                yield look

    def keep(self, found: Found) -> None:
        """Write one picture, its label file (unless a person's) and its line."""
        key = self._key(found.look)
        known = self._lines.get(key)
        file = known.file if known else self._new_file(found.look)
        picture = self._folder / file
        if not picture.is_file():
            is_copy = found.look.frame is None and found.look.source.suffix.lower() in PICTURE_SUFFIXES
            picture.write_bytes(found.look.source.read_bytes() if is_copy else as_jpeg(found.image))
        boxes = tuple(MarkedBox(d.category, d.box, round(d.confidence, 4)) for d in found.detections)
        named = [NamedBox(box.category, box.box) for box in boxes]
        text = label_text(named, self._names, found.width_px, found.height_px)
        digest = hashlib.sha256(text.encode()).hexdigest()
        label = self._label_of(file)
        if self._is_checked(label, known, text):
            self.counts["checked, left alone"] += 1
            digest = known.label_sha256 if known else digest
        else:
            partial = label.with_suffix(".part")
            partial.write_text(text, encoding="utf-8")
            os.replace(partial, label)
            self.counts["labelled"] += 1
        line = PreLabel(*key, file, found.width_px, found.height_px, self._model.sha256, digest, boxes)
        self._lines[key] = line
        self._files.add(file)
        with (self._folder / JOURNAL_NAME).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(line.as_json(), ensure_ascii=False) + "\n")

    def marked(self) -> tuple[MarkedPicture, ...]:
        """Every picture: with the model's boxes and scores, or with a person's where they were changed."""
        made = []
        for line in sorted(self._lines.values(), key=lambda each: each.file):
            label = self._label_of(line.file)
            boxes = line.boxes
            if self._is_checked(label, line, None):
                text = label.read_text(encoding="utf-8")
                found = boxes_in_pixels(text, line.width_px, line.height_px, label)
                boxes = tuple(MarkedBox(self._names[each.class_id], Box(*each.box)) for each in found)
            made.append(MarkedPicture(line.file, line.width_px, line.height_px, boxes))
        return tuple(made)

    def write(self, to: Format) -> tuple[Path, ...]:
        """What another format adds; a file that a person put or changed there is not replaced.

        Raises:
            ModelError: such a file is in the way.
        """
        memory = self._folder / WRITTEN_NAME
        written: dict[str, str] = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
        for path in (self._folder / "annotations" / f"instances_{PART}.json", self._folder / f"tasks_{PART}.json"):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and written.get(name) != _sha256_of(path):
                raise ModelError(f"{path} was changed since it was written; mend: keep it elsewhere and remove it here")
        paths = write_interchange(self._folder, {PART: self.marked()}, self._names, to, self._model.name)
        written |= {path.relative_to(self._folder).as_posix(): _sha256_of(path) for path in paths}
        memory.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        return paths

    def _is_checked(self, label: Path, known: PreLabel | None, ours: str | None) -> bool:
        """The label file is there and not as we wrote it."""
        try:
            text = label.read_text(encoding="utf-8")
        except FileNotFoundError:
            return False
        is_as_written = known is not None and hashlib.sha256(text.encode()).hexdigest() == known.label_sha256
        return not is_as_written and text != ours

    def _key(self, look: Look) -> tuple[str, int | None]:
        return (look.source.relative_to(self._source).as_posix(), look.frame)

    def _label_of(self, file: str) -> Path:
        return self._folder / "labels" / PART / f"{Path(file).stem}.txt"

    def _new_file(self, look: Look) -> str:
        """A name in one flat folder; label files go by the stem, so stems are told apart, too."""
        relative = look.source.relative_to(self._source)
        stem = "__".join((*relative.parts[:-1], relative.stem))
        stem += "" if look.frame is None else f"_{look.frame:06d}"
        is_copy = look.frame is None and relative.suffix.lower() in PICTURE_SUFFIXES
        suffix = relative.suffix.lower() if is_copy else ".jpg"
        stems = {Path(file).stem for file in self._files}
        number, free = 1, stem
        while free in stems:
            number += 1
            free = f"{stem}({number})"
        return f"images/{PART}/{free}{suffix}"

    def _read_journal(self) -> dict[tuple[str, int | None], PreLabel]:
        path = self._folder / JOURNAL_NAME
        if not path.is_file():
            if any(path.is_file() for path in self._folder.rglob("*")):
                raise ModelError(f"{self._folder} is not empty and holds no pre-labels; mend: another --out")
            return {}
        classes = (self._folder / "classes.txt").read_text(encoding="utf-8").splitlines()
        if tuple(classes) != self._names:
            raise ModelError(
                f"{self._folder} holds labels of other categories ({', '.join(classes)}); mend: another --out"
            )
        text = path.read_text(encoding="utf-8")
        whole, _, cut_off = text.rpartition("\n")
        if cut_off:  # a kill in the middle of a line: that picture is looked at again
            path.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
        lines = [_line_of(json.loads(line)) for line in whole.splitlines() if line]
        return {line.key: line for line in lines}


def _line_of(content: dict[str, Any]) -> PreLabel:
    return PreLabel(
        source=content["source"],
        frame=content["frame"],
        file=content["file"],
        width_px=content["width"],
        height_px=content["height"],
        model_sha256=content["model_sha256"],
        label_sha256=content["label_sha256"],
        boxes=tuple(
            MarkedBox(each["category"], Box(*each["box_xyxy"]), each["confidence"]) for each in content["detections"]
        ),
    )


def _sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
