"""How many cameras a page of the wall holds, and how they stand on it."""

from datetime import UTC, datetime

import pytest

from cases.cameras import CameraRecord
from cases.wall.tours import Tour
from core.ids import CameraId
from desk.wall_page import WallAsked, fitting_size, grid_for, view_wall

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)


def cameras(count: int) -> list[CameraRecord]:
    return [CameraRecord(CameraId(f"CAM-{number:03}"), "", "rtsp://192.0.2.1/1", "live", AT) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "size"), [(0, 1), (1, 1), (2, 4), (4, 4), (5, 9), (9, 9), (10, 16), (16, 16), (17, 9), (500, 9)]
)
def test_a_page_has_room_for_the_cameras_that_there_are(count: int, size: int) -> None:
    assert fitting_size(count) == size
    wall = view_wall(cameras(count), (), WallAsked())
    assert [choice.size for choice in wall.sizes if choice.is_chosen] == [size]
    assert len(wall.tiles) == min(count, size)


@pytest.mark.parametrize(
    ("tiles", "grid"), [(0, (1, 1)), (1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (16, (4, 4))]
)
def test_no_row_is_left_empty(tiles: int, grid: tuple[int, int]) -> None:
    assert grid_for(tiles) == grid


def test_a_last_page_that_is_not_full_keeps_the_places_of_the_others() -> None:
    wall = view_wall(cameras(20), (), WallAsked(size=16, page=1))
    assert (len(wall.tiles), wall.places, wall.columns, wall.rows) == (4, 16, 4, 4)


def test_what_is_asked_for_stands_against_the_number_of_cameras() -> None:
    wall = view_wall(cameras(3), (), WallAsked(size=16))
    assert (wall.size, wall.places, wall.all_href) == (16, 3, "/wall?size=16")


def test_a_tour_that_is_asked_for_by_name_alone_has_its_own_size() -> None:
    tour = Tour("夜市", tuple(CameraId(f"CAM-{number:03}") for number in range(6)), per_page=1)
    wall = view_wall(cameras(20), (tour,), WallAsked(tour="夜市"))
    assert (wall.size, wall.pages, wall.all_href) == (1, 6, "/wall")
