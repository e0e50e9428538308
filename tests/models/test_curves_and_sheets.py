"""What a person looks at after the figures: the curve and the worst mistakes."""

from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from core.detections import Detection
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from models.curves import precision_recall_svg
from models.matching import JudgedPicture, Matches, match
from models.sheets import CAPTION_PX, COLUMNS, TILE_HEIGHT_PX, TILE_WIDTH_PX, draw_sheet, worst_mistakes, write_sheet

STALL, HEAP = CategoryId("street_stall"), CategoryId("exposed_garbage")
SVG = "{http://www.w3.org/2000/svg}"


def _square(x: float, side: float = 20) -> Box:
    return Box(x, 20, x + side, 20 + side)


@pytest.fixture
def street(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    cv2.imwrite(str(path), np.full((180, 320, 3), 90, dtype=np.uint8))
    return path


def _judged(path: Path | None) -> list[JudgedPicture]:
    found = [
        Detection(STALL, 0.9, _square(0)),
        Detection(STALL, 0.8, _square(100)),
        Detection(STALL, 0.7, _square(200)),
        Detection(STALL, 0.2, _square(240)),
    ]
    return [JudgedPicture({STALL: [_square(0), _square(260), _square(40, side=50)]}, found, path, 320)]


def test_the_worst_mistakes_are_the_surest_alarms_and_the_largest_misses(street: Path) -> None:
    alarms, misses = worst_mistakes(_judged(street), {STALL: 0.5})
    assert [mistake.weight for mistake in alarms] == [0.8, 0.7]
    assert [mistake.weight for mistake in misses] == [50**2 * 4, 20**2 * 4]  # 320 px wide: twice as large at 640
    assert [len(few) for few in worst_mistakes(_judged(street), {STALL: 0.5}, most=1)] == [1, 1]


def test_pictures_that_were_never_a_file_are_not_on_the_sheet() -> None:
    assert worst_mistakes(_judged(None), {STALL: 0.5}) == ([], [])


def test_the_sheet_has_a_marked_tile_per_mistake(street: Path, tmp_path: Path) -> None:
    alarms, misses = worst_mistakes(_judged(street), {STALL: 0.5})
    write_sheet([*alarms, *misses, *misses], tmp_path / "sheet.png")
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape == (2 * (TILE_HEIGHT_PX + CAPTION_PX), COLUMNS * TILE_WIDTH_PX, 3)
    alarm, miss = sheet[:TILE_HEIGHT_PX, :TILE_WIDTH_PX], sheet[:TILE_HEIGHT_PX, 2 * TILE_WIDTH_PX : 3 * TILE_WIDTH_PX]
    assert _has(alarm, (60, 60, 230))
    assert _has(miss, (40, 210, 240))
    assert not _has(miss, (60, 60, 230))


def test_no_mistakes_are_an_empty_sheet_and_a_lost_picture_is_named(street: Path) -> None:
    assert draw_sheet([]).shape[0] == TILE_HEIGHT_PX + CAPTION_PX
    alarms, _ = worst_mistakes(_judged(street), {STALL: 0.5})
    street.unlink()
    with pytest.raises(ModelError, match=r"street\.png cannot be read; mend:"):
        draw_sheet(alarms)


def test_the_curve_has_a_line_and_a_dot_for_each_category_that_the_pictures_show() -> None:
    judged = _judged(None)
    matches: dict[str, Matches] = {category: match(judged, category, 0.5) for category in (STALL, HEAP)}
    root = ElementTree.fromstring(precision_recall_svg(matches, {STALL: 0.5, HEAP: 0.5}, "a < b"))  # noqa: S314
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert (len(root.findall(f"{SVG}polyline")), len(root.findall(f"{SVG}circle"))) == (1, 1)
    assert "a < b" in texts
    assert "at 0.50: precision 0.33, recall 0.33" in texts


def test_a_category_in_which_nothing_was_found_has_an_empty_curve() -> None:
    matches: dict[str, Matches] = {STALL: match([JudgedPicture({STALL: [_square(0)]}, [])], STALL, 0.5)}
    assert 'points=""' in precision_recall_svg(matches, {STALL: 0.5}, "blind")


def _has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == colour).all(axis=2).any())
