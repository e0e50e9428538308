"""Known failures as one picture for the model's card: what is there and what the model made of it, side by side.

A row of each kind of mistake. Dashed boxes are what is there, full ones what the model found; the colour is the
category's (Okabe and Ito's palette, told apart by every kind of colour vision), the mistake's own box is thick.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from core.errors import ModelError
from models.failures import KINDS, Failure, FailureKind
from models.sheets import CAPTION_PX, COLUMNS, TILE_HEIGHT_PX, TILE_WIDTH_PX, Picture, surroundings_of

MOST_BYTES = 300_000
SHOWN_OF_EACH = COLUMNS
HEAD_PX, ROW_HEAD_PX = 34, 24

_PALETTE = ((0, 159, 230), (233, 180, 86), (167, 121, 204), (115, 158, 0), (66, 228, 240), (0, 94, 213), (178, 114, 0))
"""BGR: orange, sky blue, reddish purple, bluish green, yellow, vermilion, blue."""
_PAPER, _INK, _DARK = 32, (245, 245, 245), (20, 20, 20)
_TITLES: Mapping[FailureKind, str] = {
    "missed": "missed: there, and not found (the largest)",
    "confused": "confused: taken for something else (the surest)",
    "misplaced": "misplaced: found, with a box that fits badly or comes twice (the surest)",
    "false_alarm": "false alarms: found where there is no such thing (the surest)",
}
_QUALITIES = range(86, 30, -4)
_DASH_PX, _GAP_PX = 7, 4


def colour_of(category: str, categories: Sequence[str]) -> tuple[int, int, int]:
    """BGR; by the category's place in the model."""
    return _PALETTE[categories.index(category) % len(_PALETTE)]


def draw_failures(failures: Sequence[Failure], thresholds: Mapping[str, float]) -> Picture:
    """The sheet, ``(H, 1280, 3)`` BGR; a kind that did not happen has no row.

    Args:
        failures: in the order in which they are shown; at most ``SHOWN_OF_EACH`` of a kind are.
        thresholds: of every category, in the model's order; fainter detections are not drawn.

    Raises:
        ModelError: a picture cannot be read.
    """
    categories = tuple(thresholds)
    rows = [_row(kind, failures, thresholds) for kind in KINDS if any(one.kind == kind for one in failures)]
    head = np.full((HEAD_PX, COLUMNS * TILE_WIDTH_PX, 3), _PAPER, dtype=np.uint8)
    left = 8
    for category in categories:
        cv2.rectangle(head, (left, 12), (left + 18, 24), colour_of(category, categories), -1)
        left += 24 + _write(head, category, (left + 24, 23)) + 20
    _write(head, "dashed: is there   full: found", (left + 10, 23))
    return np.vstack([head, *rows])


def failures_jpeg(failures: Sequence[Failure], thresholds: Mapping[str, float], most_bytes: int = MOST_BYTES) -> bytes:
    """The sheet as JPEG, as good as ``most_bytes`` allow.

    Raises:
        ModelError: a picture cannot be read, or the sheet does not fit.
    """
    sheet = draw_failures(failures, thresholds)
    for quality in _QUALITIES:
        done, jpeg = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and jpeg.size <= most_bytes:
            return jpeg.tobytes()
    raise ModelError(f"the failures do not fit into {most_bytes} bytes; mend: show fewer of them")


def _row(kind: FailureKind, failures: Sequence[Failure], thresholds: Mapping[str, float]) -> Picture:
    row = np.full((ROW_HEAD_PX + TILE_HEIGHT_PX + CAPTION_PX, COLUMNS * TILE_WIDTH_PX, 3), _PAPER, dtype=np.uint8)
    _write(row, _TITLES[kind], (8, 17), 0.5)
    shown = [one for one in failures if one.kind == kind][:SHOWN_OF_EACH]
    for number, failure in enumerate(shown):
        left = number * TILE_WIDTH_PX
        tile = _tile(failure, thresholds)
        row[ROW_HEAD_PX : ROW_HEAD_PX + tile.shape[0], left : left + tile.shape[1]] = tile
        row[ROW_HEAD_PX:, left + TILE_WIDTH_PX - _GAP_PX : left + TILE_WIDTH_PX] = _PAPER
        for line, text in enumerate(caption_of(failure)):
            _write(row, text, (left + 4, ROW_HEAD_PX + TILE_HEIGHT_PX + 15 + 17 * line))
    return row


def caption_of(failure: Failure) -> tuple[str, str]:
    """What happened, and in which scene."""
    name = "" if failure.picture.path is None else failure.picture.path.stem
    sure = "" if failure.confidence is None else f" {failure.confidence:.2f}"
    if failure.kind == "confused":
        return f"{failure.category} taken for {failure.taken_for}{sure}", name
    return f"{failure.category}{sure}", name


def _tile(failure: Failure, thresholds: Mapping[str, float]) -> Picture:
    """The mistake with what is around it, and every box that is there or was found."""
    picture = failure.picture
    if picture.path is None:
        raise ModelError("a failure's picture was never a file; mend: judge pictures of a data set")
    tile, place = surroundings_of(picture.path, failure.box)
    categories = tuple(thresholds)
    found = [(str(d.category), d.box) for d in picture.detections if d.confidence >= thresholds.get(d.category, 2.0)]
    there = [(category, box) for category, boxes in picture.truth.items() for box in boxes]
    for boxes, is_dashed in ((there, True), (found, False)):
        for category, box in boxes:
            x0, y0, x1, y1 = place(box)
            is_own = box == (failure.there if is_dashed else failure.found)
            thick = 3 if is_own else 2
            for colour, width in ((_DARK, thick + 1), (colour_of(category, categories), thick)):
                if is_dashed:
                    _dashed(tile, (x0, y0, x1, y1), colour, width)
                else:
                    cv2.rectangle(tile, (x0, y0), (x1, y1), colour, width)
    return tile


def _dashed(picture: Picture, box: tuple[int, int, int, int], colour: tuple[int, int, int], width: int) -> None:
    x0, y0, x1, y1 = box
    for at in range(x0, x1, 2 * _DASH_PX):
        end = min(at + _DASH_PX, x1)
        cv2.line(picture, (at, y0), (end, y0), colour, width)
        cv2.line(picture, (at, y1), (end, y1), colour, width)
    for at in range(y0, y1, 2 * _DASH_PX):
        end = min(at + _DASH_PX, y1)
        cv2.line(picture, (x0, at), (x0, end), colour, width)
        cv2.line(picture, (x1, at), (x1, end), colour, width)


def _write(picture: Picture, text: str, at: tuple[int, int], size: float = 0.42) -> int:
    """Put text there and answer its width in pixels."""
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA)
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    return int(width)
