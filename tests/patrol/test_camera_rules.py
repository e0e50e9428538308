"""What a camera must be before the API keeps it: told key by key, and never with a secret."""

from pathlib import Path
from typing import Any

import pytest

from api.problems import SectionRefused
from grid.cells import load_geojson
from patrol.camera_rules import SiteRules
from tests.patrol.camera_site import Site
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, camera

PASSWORD = "s3cret-w0rd"


@pytest.fixture
def site(tmp_path: Path, outage_api: OutageApi) -> Site:
    return Site(tmp_path, outage_api)


@pytest.fixture
def rules(site: Site) -> SiteRules:
    return SiteRules(site.settings(), load_geojson(site.folder / "grids.geojson"), site.config)


def live(**changes: Any) -> dict[str, Any]:
    section = dict(camera("CAM-01", "rtsp://192.0.2.7/one"), **changes)
    return {name: value for name, value in section.items() if value is not None}


def test_a_sound_section_is_kept_as_it_was_given_its_secrets_apart(rules: SiteRules) -> None:
    checked = rules.check(live(url=f"RTSP://patrol:{PASSWORD}@192.0.2.7/one?token={PASSWORD}2&channel=1"), ())
    assert checked.section == live(url="rtsp://192.0.2.7/one?channel=1", username="patrol")
    assert checked.secrets == {"password": PASSWORD, "secret_query": f"token={PASSWORD}2"}
    assert PASSWORD not in repr(checked)
    assert rules.check(checked.section, checked.secrets).section == checked.section


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        pytest.param({"interval": 2}, "interval", "did you mean 'interval_s'", id="unknown key"),
        pytest.param({"url": None}, "url", "is missing", id="no url"),
        pytest.param({"interval_s": PASSWORD}, "interval_s", "number", id="no number"),
        pytest.param({"view": {}}, "view", "control", id="no view"),
        pytest.param(
            {"view": {"regions": [{"cell": "510104001001099", "polygon": [[0, 0], [9, 0], [9, 9]]}]}},
            "view",
            "510104001001099",
            id="a cell that is not in the city",
        ),
        pytest.param(
            {"view": {"regions": [{"cell": CELL, "polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}]}},
            "view",
            "mend|cross|itself|valid",
            id="a polygon that crosses itself",
        ),
        pytest.param({"url": "clips/a.mp4"}, "url", "whole path", id="a path from nowhere"),
        pytest.param(
            {"url": "wvp://city/34020000001320000001/34020000001320000002"}, "url", "gateways.city", id="gateway"
        ),
        pytest.param({"url": f"rtsp://o:{PASSWORD}@h:no/1"}, "camera", "port", id="address"),
        pytest.param(
            {"username": "o", "password_env": "GRIDPATROL_WORKER_KEY"}, "password_env", "own", id="our own variables"
        ),
        pytest.param({"id": "a/b"}, "id", "none of /", id="id in no path"),
        pytest.param({"id": " a"}, "id", "space", id="id with a space around it"),
        pytest.param({"name": "x\n2026 forged line"}, "name", "printable", id="name of two lines"),
        pytest.param({"name": "x" * 3000}, "name", "1000", id="name without end"),
        pytest.param({"name": "\ud800"}, "name", "printable", id="half a character"),
        pytest.param({"password": PASSWORD}, "camera", "add username", id="password of nobody"),
    ],
)
def test_what_is_not_right_is_told_by_its_key_with_the_mend_and_no_value(
    rules: SiteRules, changes: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(SectionRefused, match=told) as refused:
        rules.check(live(**changes), ())
    assert field in {fault.field for fault in refused.value.faults}
    assert PASSWORD not in str(refused.value)


def test_a_sealed_password_excludes_another_way_to_give_one(rules: SiteRules) -> None:
    with pytest.raises(SectionRefused, match="password = null"):
        rules.check(live(username="o", password_env="CAM_PASSWORD"), ("password",))
    with pytest.raises(SectionRefused, match="nobody to belong to"):
        rules.check(live(), ("password",))
    assert rules.check(live(username="o", password_env="CAM_PASSWORD"), ()).section["password_env"] == "CAM_PASSWORD"


def test_the_files_cameras_are_known_as_they_stand_there_now(site: Site, rules: SiteRules) -> None:
    assert rules.file_cameras() == ()
    site.write([live(url=f"rtsp://patrol:{PASSWORD}@192.0.2.7/one")])
    (found,) = rules.file_cameras()
    assert (found.camera_id, found.file) == ("CAM-01", str(site.config))
    assert found.section["url"] == "rtsp://192.0.2.7/one"
    assert PASSWORD not in repr(found)
    site.write_text("[[")
    assert rules.file_cameras() == (found,)
    site.top = "camera_files = ['more.toml']"
    site.write([])
    (site.folder / "more.toml").write_text("", encoding="utf-8")
    assert rules.file_cameras() == ()
