"""Day from night and small from large."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.detections import Detection
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from models.breakdown import break_down
from models.light import NIGHT_BELOW, light_of, recorded_light
from models.matching import JudgedPicture, Light

STALL = CategoryId("street_stall")


def _square(side: float, x: float = 0) -> Box:
    return Box(x, 0, x + side, side)


def _found(box: Box, confidence: float = 0.9) -> Detection:
    return Detection(STALL, confidence, box)


@pytest.mark.parametrize(("grey", "light"), [(NIGHT_BELOW - 1, "night"), (NIGHT_BELOW, "day"), (0, "night")])
def test_an_even_picture_is_night_below_the_brightness_that_the_rule_names(grey: float, light: Light) -> None:
    assert light_of(np.full((90, 160, 3), grey, dtype=np.uint8)) == light


def test_street_lamps_do_not_make_a_night_a_day() -> None:
    street = np.full((96, 160, 3), 40, dtype=np.uint8)
    street[:16, :32] = 255  # a ninth of the picture glares
    assert light_of(street) == "night"


def test_a_night_that_was_exposed_for_its_lamps_is_night_although_it_is_not_dark_on_average() -> None:
    noise = np.random.default_rng(0).normal(0, 25, (360, 640, 1))
    street = np.full((360, 640, 3), 75.0) + noise
    street[200:280, 100:540] += 90  # under the lamps: a seventh of the picture
    assert street.mean() > 80
    assert light_of(np.clip(street, 0, 255).astype(np.uint8)) == "night"


def test_a_dark_lane_by_day_is_day_for_its_strip_of_sky() -> None:
    lane = np.full((360, 640, 3), 30, dtype=np.uint8)
    lane[:120] = 170
    assert lane.mean() < 80
    assert light_of(lane) == "day"


def test_green_weighs_more_than_blue_as_it_does_for_an_eye() -> None:
    blue, green = (np.zeros((8, 8, 3), dtype=np.uint8) for _ in range(2))
    blue[..., 0], green[..., 1] = 200, 200
    assert (light_of(blue), light_of(green)) == ("night", "day")


@pytest.mark.parametrize(
    ("record", "light"),
    [
        ({"weather": "night"}, "night"),
        ({"weather": "dusk"}, "dusk"),
        ({"weather": "wet"}, "day"),
        ({"light": "night", "weather": "wet"}, "night"),
        ({}, None),
    ],
)
def test_a_scene_record_tells_the_light_from_its_folder_or_from_beside_the_picture(
    record: dict[str, str], light: Light | None, tmp_path: Path
) -> None:
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    (scenes / "rd_1.json").write_text(json.dumps(record))
    assert recorded_light(tmp_path / "rd_1.jpg", scenes) == light
    assert recorded_light(tmp_path / "rd_1.jpg") is None
    assert recorded_light(scenes / "rd_1.jpg") == light


@pytest.mark.parametrize("text", ["", "[]", "\x00"])
def test_a_record_that_cannot_be_read_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "rd_1.json").write_text(text)
    with pytest.raises(ModelError, match=r"rd_1\.json cannot be read .*; mend: render the scene anew"):
        recorded_light(tmp_path / "rd_1.jpg")


def test_a_model_that_is_blind_at_night_shows_it_there_only() -> None:
    box = _square(50)
    judged = [
        JudgedPicture({STALL: [box]}, [_found(box)], light="day"),
        JudgedPicture({STALL: [box]}, [], light="night"),
        JudgedPicture({}, [_found(box)], light="night"),
    ]
    lights = break_down(judged, [STALL]).by_light
    assert [(row.boxes, row.ap50) for row in (*lights["day"], *lights["night"])] == [(1, 1.0), (1, 0.0)]


def test_pictures_whose_light_nobody_looked_at_are_in_no_light() -> None:
    assert break_down([JudgedPicture({STALL: [_square(50)]}, [])], [STALL]).by_light == {}


def test_objects_are_sorted_by_their_size_in_the_scaled_picture() -> None:
    # 40 px of a 1280-px picture are 20 px of a 640-px one: small.
    box = _square(40)
    judged = [JudgedPicture({STALL: [box]}, [_found(box)], long_side_px=1280)]
    sizes = break_down(judged, [STALL]).by_size
    assert {size: rows[0].boxes for size, rows in sizes.items()} == {"small": 1, "medium": 0, "large": 0}
    assert (sizes["small"][0].ap50, sizes["medium"][0].ap50) == (1.0, None)


def test_a_small_false_alarm_does_not_count_against_the_large_objects() -> None:
    large, small = _square(200), _square(20, x=300)
    judged = [JudgedPicture({STALL: [large]}, [_found(small, 0.95), _found(large)])]
    sizes = break_down(judged, [STALL]).by_size
    assert sizes["large"][0].ap50 == pytest.approx(1.0)
