"""How many heads and plates does the masking hide, how much besides them, and what does a picture cost?

    python -m benchmarks.masking SHARED_DATA [--json FILE] [--sheet FOLDER]

Against ``masking_by_eye.json``: heads marked by eye in pictures of the shared clips (candidates from YOLO26n at 1536
pixels, then each looked at, moved, added or dropped, once, by an AI model; window dummies, heads cut by the border and
crowds in which nobody could be told apart are not marked), and number plates that can be made out in photographs of
Indian streets. A head or plate is hidden when at least 80 % of its marked square lies in hidden regions. ``beside`` is
the area hidden for nothing that is marked: it holds the unmarked, too, so the true waste is smaller. Thresholds and
input sizes were chosen on these same pictures.
"""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import av
import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from core.errors import ConfigError
from core.geometry import Box
from detector.evidence import render_evidence
from detector.masking import MASKING_MODEL, MaskedPicture, PictureMasker
from detector.masking_rules import Hidden, PrivacySettings
from models.manifest import load_package
from streams.folder import read_image
from streams.frames import Image

BY_EYE = Path(__file__).with_name("masking_by_eye.json")
HIDDEN_FROM = 0.8
TIMED = 5


@dataclass(frozen=True, slots=True)
class Marked:
    """One picture and what was marked in it."""

    name: str
    image: Image
    kind: Hidden
    boxes: tuple[Box, ...]
    """Pixels."""


def main(
    data: Annotated[Path, typer.Argument(help="The shared data: street/ and video/.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write each masked picture here, to look at.")] = None,
) -> None:
    """Measure, and print one JSON object."""
    masker = PictureMasker(PrivacySettings())
    pictures = list(marked_pictures(data))
    result: dict[str, Any] = {}
    for kind in ("heads", "plates"):
        result[kind] = figures_of([each for each in pictures if each.kind == kind], masker, sheet)
    result |= {
        "cost": cost_of(pictures, masker),
        "weights": load_package(MASKING_MODEL).manifest.sha256,
        **machine_facts(),
    }
    finish(result, json_file, indent=1)


def marked_pictures(data: Path) -> Iterator[Marked]:
    """Every picture of ``masking_by_eye.json``."""
    marks = json.loads(BY_EYE.read_text(encoding="utf-8"))
    for row in marks["heads"]:
        image = picture_of_clip(data / "video" / row["clip"], row["picture"])
        yield Marked(f"{Path(row['clip']).stem}-{row['picture']}", image, "heads", _pixels(row["heads"], image))
    for row in marks["plates"]:
        path = data / "street" / "images" / row["picture"]
        photo = read_image(path)
        if photo is None:
            raise ConfigError(f"{path} cannot be read; give the folder that holds street/ and video/")
        yield Marked(path.stem, photo, "plates", _pixels(row["plates"], photo))


def figures_of(pictures: list[Marked], masker: PictureMasker, sheet: Path | None) -> dict[str, Any]:
    """Shares over all pictures together, and for each group of pictures by name."""
    rows = []
    for marked in pictures:
        masked = masker(marked.image)
        if sheet is not None:
            sheet.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(sheet / f"{marked.name}.png"), masked.image)
        rows.append((marked, *_coverage(marked, masked)))
    shares = [share for _, covered, _, _ in rows for share in covered]
    return {
        "pictures": len(rows),
        "marked": len(shares),
        "hidden": sum(share >= HIDDEN_FROM for share in shares),
        "hidden_share": round(sum(share >= HIDDEN_FROM for share in shares) / len(shares), 3),
        "half_hidden_share": round(sum(share >= 0.5 for share in shares) / len(shares), 3),
        "hidden_area_share": round(statistics.mean(area for *_, area, _ in rows), 4),
        "beside_area_share": round(statistics.mean(beside for *_, beside in rows), 4),
        "by_picture": {
            marked.name: f"{sum(share >= HIDDEN_FROM for share in covered)}/{len(covered)}"
            for marked, covered, _, _ in rows
        },
    }


def _coverage(marked: Marked, masked: MaskedPicture) -> tuple[list[float], float, float]:
    """Hidden share of each mark; hidden share of the picture; share hidden for no mark."""
    height_px, width_px = marked.image.shape[:2]
    hidden = np.zeros((height_px, width_px), dtype=bool)
    beside = np.zeros_like(hidden)
    for region in masked.regions:
        if region.kind != marked.kind:
            continue
        cut = _slices(region.box)
        hidden[cut] = True
        if not any(_meet(region.box, box) for box in marked.boxes):
            beside[cut] = True
    shares = [_mean(hidden[_slices(box)]) for box in marked.boxes]
    return shares, _mean(hidden), _mean(beside)


def cost_of(pictures: list[Marked], masker: PictureMasker) -> dict[str, float]:
    """Milliseconds, the median of the clips' pictures, each the quickest of a few: masking, and rendering without."""

    def quickest_ms(mask: PictureMasker | None, image: Image) -> float:
        timings = []
        for _ in range(TIMED):
            begun_s = time.perf_counter()
            if mask is None:
                render_evidence(image, (), "", PictureMasker(PrivacySettings(mask=False)))
            else:
                mask(image)
            timings.append(time.perf_counter() - begun_s)
        return 1000 * min(timings)

    street = [each.image for each in pictures if each.kind == "heads"]
    return {
        "mask_ms": round(statistics.median(quickest_ms(masker, image) for image in street), 1),
        "render_without_ms": round(statistics.median(quickest_ms(None, image) for image in street), 1),
    }


def picture_of_clip(path: Path, number: int) -> Image:
    """The clip's picture of that number, from 0."""
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == number:
                return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    raise ConfigError(f"{path} has no picture {number}; give the folder that holds street/ and video/")


def _pixels(boxes: list[list[float]], image: Image) -> tuple[Box, ...]:
    height_px, width_px = image.shape[:2]
    return tuple(
        Box(max(x0, 0) * width_px, max(y0, 0) * height_px, x1 * width_px, y1 * height_px) for x0, y0, x1, y1 in boxes
    )


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(int(box.y0), max(int(box.y1), int(box.y0) + 1)), slice(int(box.x0), max(int(box.x1), int(box.x0) + 1))


def _meet(one: Box, other: Box) -> bool:
    return one.iou(other) > 0


def _mean(part: NDArray[np.bool_]) -> float:
    return float(part.mean()) if part.size else 0.0


if __name__ == "__main__":
    typer.run(main)
