"""``gridpatrol feeds gateway | import | presets`` against a gateway over real HTTP."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.errors import ConfigError
from patrol.cli import app
from patrol.settings import load_settings
from tests.support.wvp_gateway import CAMERA, DEVICE, OTHER_CAMERA, PASSWORD, USERNAME, FakeChannel, FakeDevice, FakeWvp

VIEW = "[cameras.view]\nregions = [ { cell = 'c', polygon = [[0, 0], [9, 0], [9, 9]] } ]\n"


@pytest.fixture
def wvp() -> Iterator[FakeWvp]:
    channels = [FakeChannel(CAMERA, '人民路 "东口"', longitude=104.066, latitude=30.66), FakeChannel(OTHER_CAMERA)]
    with FakeWvp([FakeDevice(DEVICE, channels)]) as gateway:
        yield gateway


@pytest.fixture
def config(tmp_path: Path, wvp: FakeWvp, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITY_PASSWORD", PASSWORD)
    path = tmp_path / "gridpatrol.toml"
    path.write_text(
        "camera_files = ['cameras.toml']\n[grid]\nfile = 'g'\n"
        f"[gateways.city]\nurl = '{wvp.url}'\nusername = '{USERNAME}'\npassword_env = 'CITY_PASSWORD'\n"
        "[[cameras]]\nid = 'CAM-01'\nurl = 'a.mp4'\n",
        encoding="utf-8",
    )
    (tmp_path / "cameras.toml").write_text("", encoding="utf-8")
    return path


def feeds(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["feeds", *arguments, "-c", str(config)])


def test_an_import_adds_every_camera_once_and_keeps_what_a_person_wrote(config: Path, wvp: FakeWvp) -> None:
    out = config.parent / "cameras.toml"
    assert feeds(config, "import", "city", "--out", str(out)).exit_code == 0
    first = out.read_text(encoding="utf-8")
    sections = tomllib.loads(first)["cameras"]
    assert [section["url"] for section in sections] == [
        f"wvp://city/{DEVICE}/{code}" for code in (CAMERA, OTHER_CAMERA)
    ]
    assert sections[0]["name"] == '人民路 "东口"'
    assert "104.066000, 30.660000" in first
    assert "s3cret" not in first

    edited = first.replace(f'id = "city-{CAMERA}"', 'id = "EAST"  # mine') + VIEW
    out.write_text(edited, encoding="utf-8")
    new = "34020000001320000003"
    wvp.devices[DEVICE].channels = [FakeChannel(CAMERA, "renamed there"), FakeChannel(new)]
    told = json.loads(feeds(config, "import", "city", "--out", str(out), "--json").stdout)
    assert told["added"] == [f"wvp://city/{DEVICE}/{new}"]
    assert told["gone"] == [f"wvp://city/{DEVICE}/{OTHER_CAMERA}"]
    assert out.read_text(encoding="utf-8").startswith(edited.rstrip("\n"))
    assert feeds(config, "import", "city", "--out", str(out)).exit_code == 0
    assert out.read_text(encoding="utf-8").count(new) == 2  # its id and its url, once each


def test_an_imported_camera_is_patrolled_once_its_view_is_drawn(config: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = config.parent / "cameras.toml"
    feeds(config, "import", "city", "--out", str(out))
    assert [camera.id for camera in load_settings(config).cameras] == ["CAM-01"]
    assert "2 cameras" in caplog.text
    out.write_text(out.read_text(encoding="utf-8") + VIEW, encoding="utf-8")
    settings = load_settings(config)
    assert [camera.id for camera in settings.cameras] == ["CAM-01", f"city-{OTHER_CAMERA}"]
    assert settings.cameras[1].feed.source_kind == "live"
    assert PASSWORD not in repr(settings)


def test_a_file_that_is_no_camera_file_is_left_alone(config: Path) -> None:
    out = config.parent / "other.toml"
    out.write_text("[site]\ndata_dir = 'x'\n", encoding="utf-8")
    refused = feeds(config, "import", "city", "--out", str(out))
    assert refused.exit_code == 1
    assert isinstance(refused.exception, ConfigError)
    assert out.read_text(encoding="utf-8") == "[site]\ndata_dir = 'x'\n"


def test_counts_are_reconciled_with_the_configuration(config: Path, wvp: FakeWvp) -> None:
    gone = "34020000001320000099"
    text = config.read_text(encoding="utf-8")
    config.write_text(text + f"[[cameras]]\nid = 'X'\nurl = 'wvp://city/{DEVICE}/{gone}'\n", encoding="utf-8")
    wvp.devices[DEVICE].announces = 4
    told = json.loads(feeds(config, "gateway", "city", "--sync", "--json").stdout)
    assert told["agrees"] is False
    assert (told["devices"][0]["announced"], told["devices"][0]["received"]) == (4, 2)
    assert told["gone"] == [f"wvp://city/{DEVICE}/{gone}"]
    assert len(told["unconfigured"]) == 2
    shown = feeds(config, "gateway", "city")
    assert shown.exit_code == 0
    assert gone in shown.stdout
    assert "数量不一致" in shown.stdout


def test_a_gateway_that_is_away_is_told_in_json(config: Path, wvp: FakeWvp) -> None:
    wvp.stop()
    away = feeds(config, "gateway", "city", "--json")
    assert away.exit_code == 1
    assert json.loads(away.stdout)["error"]["kind"] == "unreachable"


def test_presets_are_listed_and_called(config: Path, wvp: FakeWvp) -> None:
    url = f"wvp://city/{DEVICE}/{CAMERA}"
    assert "路口" in feeds(config, "presets", url).stdout
    assert feeds(config, "presets", url, "--call", "7").exit_code == 0
    assert wvp.called_presets == [(CAMERA, 7)]


def test_a_probe_through_a_gateway_tells_its_fault(config: Path) -> None:
    told = feeds(config, "probe", f"wvp://city/{DEVICE}/{CAMERA}", "--timeout", "2", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["error"]["kind"] == "stalled"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[cameras]]\nid = 'X'\nurl = 'wvp://town/{device}/{camera}'\n", r"add a \[gateways\.town\] section"),
        ("[[cameras]]\nid = 'X'\nurl = 'wvp://city/{device}/123'\n", "20 digits"),
        ("[gateways.town]\nurl = 'http://gw'\nusrname = 'op'\n", "did you mean 'username'"),
    ],
    ids=["unknown-gateway", "bad-code", "unknown-key"],
)
def test_a_wrong_configuration_names_the_mend(config: Path, text: str, told: str) -> None:
    config.write_text(config.read_text(encoding="utf-8") + text.format(device=DEVICE, camera=CAMERA), encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_settings(config)
