"""Which rendered things become labels, and how they are written."""

from typing import Any

import numpy as np
import pytest

from models.scenes.cameras import View
from models.scenes.labels import Group, box_of, is_label, label, silhouette, yolo_lines


def _group(category: str | None = "street_stall", **more: Any) -> Group:
    return Group(1, category, category or "bins", "", full_px=1000, **more)


def _view() -> View:
    """Ten metres above the origin, looking straight down, 90 degrees across 100 px."""
    world_to_camera = np.eye(4)
    world_to_camera[2, 3] = -10
    return View(world_to_camera, np.pi / 2, (100, 100))


def test_what_is_seen_of_a_thing_is_its_share_of_the_pixels_it_would_cover() -> None:
    index = np.zeros((60, 80), np.int64)
    index[10:30, 20:45] = 1
    group = _group()
    label([group], index, _view())
    assert (group.visible, group.box, group.keep) == (0.5, (20, 10, 45, 30), True)


def test_a_hidden_thing_has_no_box_and_no_label() -> None:
    group = _group(hidden=True, box=(1, 1, 9, 9), keep=True)
    label([group], np.ones((20, 20), np.int64), _view())
    assert (group.visible, group.box, group.keep) == (0.0, None, False)


@pytest.mark.parametrize(
    ("facts", "area_px"),
    [
        ({"visible": 0.29, "box": (0, 0, 40, 40)}, 400),
        ({"visible": 0.9, "box": (0, 0, 40, 7)}, 200),
        ({"visible": 0.9, "box": (0, 0, 40, 40)}, 80),
        ({"visible": 0.9, "box": None}, 0),
    ],
    ids=["hidden", "flat", "few pixels", "out of sight"],
)
def test_what_a_person_could_not_name_is_no_label(facts: dict[str, Any], area_px: int) -> None:
    assert not is_label(_group(**facts), area_px)


def test_a_look_alike_is_never_a_label() -> None:
    assert not is_label(_group(None, visible=1.0, box=(0, 0, 50, 50)), 2500)
    assert is_label(_group(visible=1.0, box=(0, 0, 50, 50)), 2500)


def test_a_silhouette_counts_what_nothing_stands_before() -> None:
    square = np.array([(-1.0, -1.0, 0.0), (1.0, -1.0, 0.0), (1.0, 1.0, 0.0), (-1.0, 1.0, 0.0)])
    pixels, box = silhouette([(square, [(0, 1, 2, 3)])], _view())
    assert pixels == pytest.approx(100, rel=0.15)  # 2 m at 10 m, 50 px focal length: 10 px
    assert box == [45.0, 45.0, 55.0, 55.0]


def test_an_empty_mask_has_no_box() -> None:
    assert box_of(np.zeros((4, 4), np.bool_)) is None


def test_labels_are_written_for_kept_violations_only() -> None:
    kept, dropped = _group(box=(0, 0, 50, 50), keep=True), _group(box=(0, 0, 50, 50), keep=False)
    assert yolo_lines([kept, dropped], (100, 100)) == ["0 0.250000 0.250000 0.500000 0.500000"]
