"""The worst mistakes on one sheet of pictures: the surest false alarms and the largest things missed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.geometry import Box
from models.matching import JudgedPicture, match_picture

Picture = NDArray[np.uint8]
"""BGR, ``(H, W, 3)``."""
Corners = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of a tile."""

COLUMNS = 4
TILE_WIDTH_PX, TILE_HEIGHT_PX, CAPTION_PX = 320, 220, 40
_MARGIN = 1.0
"""Surroundings shown on each side of the box, in box sides."""
_LEAST_CROP_PX = 96
_RED, _YELLOW, _WHITE = (60, 60, 230), (40, 210, 240), (245, 245, 245)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One false alarm or one miss at the operating threshold."""

    kind: Literal["false alarm", "missed"]
    category: str
    path: Path
    box: Box
    weight: float
    """A false alarm's confidence; a missed box's area, in square pixels at ``REFERENCE_SIDE_PX``."""


def worst_mistakes(
    judged: Sequence[JudgedPicture], thresholds: Mapping[str, float], most: int = 12
) -> tuple[list[Mistake], list[Mistake]]:
    """The surest false alarms and the largest misses, at most so many of each; pictures without a file are left out."""
    alarms: list[Mistake] = []
    misses: list[Mistake] = []
    for picture in judged:
        if picture.path is None:
            continue
        for category, threshold in thresholds.items():
            found = match_picture(picture, category, threshold)
            alarms += [Mistake("false alarm", category, picture.path, d.box, d.confidence) for d in found.false_alarms]
            misses += [
                Mistake("missed", category, picture.path, box, box.area * picture.area_factor) for box in found.missed
            ]
    for mistakes in (alarms, misses):
        mistakes.sort(key=lambda mistake: -mistake.weight)
    return alarms[:most], misses[:most]


def draw_sheet(mistakes: Sequence[Mistake]) -> Picture:
    """One tile per mistake: its surroundings, its box (red false alarm, yellow missed) and what it is.

    Raises:
        ModelError: a picture cannot be read.
    """
    tile_height = TILE_HEIGHT_PX + CAPTION_PX
    rows = max(1, -(-len(mistakes) // COLUMNS))
    sheet = np.full((rows * tile_height, COLUMNS * TILE_WIDTH_PX, 3), 32, dtype=np.uint8)
    for number, mistake in enumerate(mistakes):
        top, left = number // COLUMNS * tile_height, number % COLUMNS * TILE_WIDTH_PX
        tile = _marked(mistake)
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
        weight = f"{mistake.weight:.2f}" if mistake.kind == "false alarm" else f"{mistake.weight:.0f} px2"
        for line, text in enumerate((f"{mistake.kind}: {mistake.category} {weight}", mistake.path.stem[:44])):
            at = (left + 4, top + TILE_HEIGHT_PX + 16 + 17 * line)
            cv2.putText(sheet, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, _WHITE, 1, cv2.LINE_AA)
    return sheet


def write_sheet(mistakes: Sequence[Mistake], path: Path) -> None:
    """Write the sheet as PNG.

    Raises:
        ModelError: a picture cannot be read, or the sheet cannot be written.
    """
    done, png = cv2.imencode(".png", draw_sheet(mistakes))
    try:
        path.write_bytes(png.tobytes())
    except OSError as error:
        raise ModelError(f"sheet {path} cannot be written: {error.strerror}; mend: name another folder") from error
    if not done:
        raise ModelError(f"sheet {path} cannot be encoded; mend: check the opencv package")


def surroundings_of(path: Path, box: Box) -> tuple[Picture, Callable[[Box], Corners]]:
    """What is around a box in a picture, fitted into a tile, and where a box of the picture lies in it.

    Returns:
        ``(<= TILE_HEIGHT_PX, <= TILE_WIDTH_PX, 3)``, and a function from source pixels to the tile's.

    Raises:
        ModelError: the picture cannot be read.
    """
    picture = cv2.imread(str(path))
    if picture is None:
        raise ModelError(f"picture {path} cannot be read; mend: replace it")
    height, width = picture.shape[:2]
    half_x = max(box.width * (0.5 + _MARGIN), _LEAST_CROP_PX / 2)
    half_y = max(box.height * (0.5 + _MARGIN), _LEAST_CROP_PX / 2)
    centre_x, centre_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    x0, x1 = max(0, round(centre_x - half_x)), min(width, round(centre_x + half_x))
    y0, y1 = max(0, round(centre_y - half_y)), min(height, round(centre_y + half_y))
    crop = picture[y0:y1, x0:x1]
    gain = min(TILE_WIDTH_PX / (x1 - x0), TILE_HEIGHT_PX / (y1 - y0))
    size = (max(1, int((x1 - x0) * gain)), max(1, int((y1 - y0) * gain)))
    tile = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if gain < 1 else cv2.INTER_LINEAR)

    def place(one: Box) -> Corners:
        left, top = round((one.x0 - x0) * gain), round((one.y0 - y0) * gain)
        return left, top, round((one.x1 - x0) * gain), round((one.y1 - y0) * gain)

    return np.asarray(tile, dtype=np.uint8), place


def _marked(mistake: Mistake) -> Picture:
    tile, place = surroundings_of(mistake.path, mistake.box)
    x0, y0, x1, y1 = place(mistake.box)
    cv2.rectangle(tile, (x0, y0), (x1, y1), _RED if mistake.kind == "false alarm" else _YELLOW, 2)
    return tile
