"""The judge's little city: a street for each lapse, cells along it, clocks that lie in the past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ConfigError, ModelError
from core.geometry import Point
from grid.cells import load_geojson
from patrol.lapses.site import CELL_M, LapseStreet, lay_out, stays_of
from patrol.lapses.stays import Stay
from patrol.lapses.truth import LapseError, lapses_in
from patrol.settings import Settings, load_settings
from patrol.wiring import open_city, refuse_unpatrollable
from tests.patrol.lapse_folders import Drawn, truth_of, write_lapse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GARBAGE = "exposed_garbage"


def laid_out(folder: Path, *truths: list[Drawn], now: datetime = NOW) -> Settings:
    for number, events in enumerate(truths, start=1):
        write_lapse(folder / "in" / f"lapse_{number:06d}", truth_of(events))
    return load_settings(lay_out(lapses_in(folder / "in"), folder / "out", 8650, "gridpatrol-n", now))


def stays(folder: Path, settings: Settings) -> list[Stay]:
    city = open_city(settings)
    pairs = zip(lapses_in(folder / "in"), settings.cameras, strict=True)
    return [stay for lapse, camera in pairs for stay in stays_of(lapse, camera, city)]


def test_a_patrol_can_start_on_what_was_laid_out(tmp_path: Path) -> None:
    settings = laid_out(tmp_path, [Drawn(GARBAGE, 0.0, 0, 17)], [])
    refuse_unpatrollable(settings)
    assert [camera.id for camera in settings.cameras] == ["lapse_000001", "lapse_000002"]
    assert all((camera.pace, camera.loop, camera.time_scale) == ("fast", False, 60.0) for camera in settings.cameras)


def test_each_thing_stands_in_its_own_lapses_street(tmp_path: Path) -> None:
    settings = laid_out(tmp_path, [Drawn(GARBAGE, 0.0, 0, 17)], [Drawn(GARBAGE, 0.0, 0, 17)])
    one, other = stays(tmp_path, settings)
    assert one.cell_id != other.cell_id
    assert not one.near_cells | other.near_cells


@pytest.mark.parametrize(
    ("x_m", "cell", "near"),
    [
        pytest.param(0.0, 4, None, id="in the middle"),
        pytest.param(CELL_M / 2 - 1.1, 4, None, id="a little more than a metre before the border"),
        pytest.param(CELL_M / 2 - 0.9, 4, 5, id="a little less than a metre before the border"),
        pytest.param(CELL_M / 2 + 0.9, 5, 4, id="a little behind it"),
        pytest.param(-CELL_M / 2 - 1.1, 3, None, id="well in the next cell west"),
    ],
)
def test_a_thing_stands_in_the_cell_of_its_foot_and_near_a_border_also_beyond(
    tmp_path: Path, x_m: float, cell: int, near: int | None
) -> None:
    (stay,) = stays(tmp_path, laid_out(tmp_path, [Drawn(GARBAGE, x_m, 0, 17)]))
    assert stay.cell_id == f"510104001001{cell:03d}"
    assert stay.near_cells == (frozenset() if near is None else {f"510104001001{near:03d}"})


def test_everything_a_camera_sees_lies_in_some_cell(tmp_path: Path) -> None:
    settings = laid_out(tmp_path, [])
    city = load_geojson(settings.grid.file)
    street = LapseStreet(1)
    for place in (Point(-119, -59), Point(119, 59), Point(-12.0, 30), Point(0, 0)):
        lon, lat = street.lonlat(place)
        assert city.cell_at(Point(lon, lat)) is not None


@pytest.mark.parametrize("now", [NOW, datetime(2026, 5, 14, 0, 31, tzinfo=UTC)], ids=["later", "while it is rendered"])
def test_no_picture_is_of_the_future_and_stays_follow_the_patrols_clock(tmp_path: Path, now: datetime) -> None:
    settings = laid_out(tmp_path, [Drawn(GARBAGE, 0.0, 3, 17)], now=now)
    started_at = settings.cameras[0].started_at
    assert started_at is not None
    (stay,) = stays(tmp_path, settings)
    assert (stay.first_at, stay.last_at) == (started_at + timedelta(minutes=3), started_at + timedelta(minutes=17))
    assert stay.last_at < now


def test_an_earlier_judgement_is_replaced_and_a_strangers_folder_is_not(tmp_path: Path) -> None:
    write_lapse(tmp_path / "in" / "lapse_000001", truth_of([]))
    lapses = lapses_in(tmp_path / "in")
    lay_out(lapses, tmp_path / "out", 8650, "gridpatrol-n", NOW)
    (tmp_path / "out" / "old.jpg").touch()
    lay_out(lapses, tmp_path / "out", 8650, "gridpatrol-n", NOW)
    assert not (tmp_path / "out" / "old.jpg").exists()
    with pytest.raises(ConfigError, match="--data-dir"):
        lay_out(lapses, tmp_path / "in", 8650, "gridpatrol-n", NOW)
    assert (tmp_path / "in" / "lapse_000001").is_dir()


def test_an_unknown_model_is_told_before_the_folder_is_emptied(tmp_path: Path) -> None:
    write_lapse(tmp_path / "in" / "lapse_000001", truth_of([]))
    lapses = lapses_in(tmp_path / "in")
    lay_out(lapses, tmp_path / "out", 8650, "gridpatrol-n", NOW)
    (tmp_path / "out" / "gridpatrol.db").touch()
    with pytest.raises(ModelError):
        lay_out(lapses, tmp_path / "out", 8650, "gridpatrol-x", NOW)
    assert (tmp_path / "out" / "gridpatrol.db").exists()


def test_a_thing_above_the_horizon_is_refused(tmp_path: Path) -> None:
    truth = truth_of([Drawn(GARBAGE, 0.0, 0, 17)])
    marks = (
        ([10, 110], [-3, 1]),
        ([150, 110], [3, 1]),
        ([60, 40], [-3, 12]),
        ([100, 40], [3, 12]),
        ([80, 110], [0, 1]),
    )
    truth["control_points"] = [{"pixel": pixel, "world_m": world} for pixel, world in marks]
    truth["events"][0]["box_xyxy"] = [70, 0, 90, 2]
    write_lapse(tmp_path / "in" / "lapse_000001", truth)
    settings = load_settings(lay_out(lapses_in(tmp_path / "in"), tmp_path / "out", 8650, "gridpatrol-n", NOW))
    with pytest.raises(LapseError, match="event 1"):
        stays(tmp_path, settings)
