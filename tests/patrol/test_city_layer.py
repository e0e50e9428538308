"""The grid that the desk makes: a file that follows the places, read anew by whoever asks, and by the worker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases.database import migrate, open_database
from cases.places.layers import read_layer
from cases.places.store import PlaceStore
from core.clock import ManualClock
from core.errors import ConfigError
from core.geometry import Point
from grid.squares import square_layer
from patrol.city_layer import DeskLayer
from patrol.demo.site import free_port
from patrol.first_config import lay_out_first
from patrol.settings import GridSettings, load_settings
from patrol.site_facts import outboxes_in
from patrol.supervisor import Supervisor
from patrol.wiring import open_city
from tests.api.city import NOON
from tests.patrol.test_supervisor import small_children

MIDDLE = Point(104.081, 30.657)


@dataclass
class Site:
    places: PlaceStore
    layer: DeskLayer
    file: Path

    def take(self, community: str, middle: Point = MIDDLE, side: int = 2) -> None:
        text = json.dumps(square_layer(middle, side, 100.0, community, "x")).encode()
        self.places.take(read_layer(text, "x", self.places.catalogue()), "test", NOON, source="x")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    engine = open_database(f"sqlite:///{tmp_path / 'cases.db'}")
    migrate(engine)
    places = PlaceStore(engine)
    file = tmp_path / "var" / "grids.geojson"
    settings = GridSettings(from_desk=True).model_copy(update={"file": file})
    yield Site(places, DeskLayer(settings, places, ManualClock(NOON)), file)
    engine.dispose()


def test_imported_unit_grids_become_the_layer_and_who_asks_sees_them(site: Site) -> None:
    assert not site.layer.refresh()
    assert len(site.layer.city()) == 0
    site.take("990000001001")
    assert site.layer.refresh()
    assert not site.layer.refresh(), "nothing changed"
    assert len(site.layer.city()) == 4
    site.take("990000001002", Point(104.091, 30.657))
    assert len(site.layer.city()) == 4
    assert site.layer.refresh()
    assert len(site.layer.city()) == 8


def test_a_damaged_layer_leaves_the_grid_as_it_was(site: Site) -> None:
    site.take("990000001001")
    site.layer.refresh()
    assert len(site.layer.city()) == 4
    site.file.write_text("no GeoJSON", encoding="utf-8")
    assert len(site.layer.city()) == 4


def test_the_worker_starts_again_when_the_layer_changes_and_the_api_does_not(site: Site, tmp_path: Path) -> None:
    port = free_port(18870)
    address = f"http://127.0.0.1:{port}"
    supervisor = Supervisor(tmp_path / "gridpatrol.toml", address, small_children(port), site.file)
    try:
        supervisor.start(timeout_s=20)
        first = supervisor.pids()
        supervisor.run(seconds=0.5)
        assert supervisor.pids() == first
        site.take("990000001001")
        site.layer.refresh()
        supervisor.run(seconds=1.5)
        second = supervisor.pids()
    finally:
        supervisor.stop_worker()
        supervisor.stop_api()
    assert second["api"] == first["api"]
    assert second["worker"] != first["worker"]


def test_an_empty_folder_gets_a_configuration_that_waits_for_the_grid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lay_out_first(Path("gridpatrol.toml"), 18999)
    assert not lay_out_first(Path("gridpatrol.toml"), 18999), "what is there stays"
    settings = load_settings(Path("gridpatrol.toml"))
    assert settings.api.port == 18999
    assert settings.grid.file == tmp_path / "var" / "grids.geojson"
    assert len(open_city(settings)) == 0
    assert not lay_out_first(tmp_path / "mistyped.toml", 18999)


@pytest.mark.parametrize(
    ("section", "told"),
    [('[grid]\nfile = "a"\nfrom_desk = true\n', "keep one of them"), ("[grid]\n", "file is missing")],
)
def test_one_place_has_the_grid(tmp_path: Path, section: str, told: str) -> None:
    path = tmp_path / "gridpatrol.toml"
    path.write_text(section, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_settings(path)


def test_an_outbox_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "worker-1.lock").touch()
    (tmp_path / "worker-1.db").write_text("no database", encoding="utf-8")
    assert [(each.worker, each.waiting) for each in outboxes_in(tmp_path)] == [("worker-1", None)]
