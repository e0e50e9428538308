"""The configuration refuses what it does not know, and says where and what was meant."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from patrol.settings import Settings, load_settings, worker_key

SMALLEST = """
[grid]
file = "grids.geojson"
[[cameras]]
id = "CAM-01"
url = "clip.mp4"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "gridpatrol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, SMALLEST))
    assert settings.grid.file == tmp_path / "grids.geojson"
    assert settings.site.data_dir == tmp_path / "var"
    assert settings.cameras[0].url == str(tmp_path / "clip.mp4")
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'gridpatrol.db'}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            SMALLEST + "\n[api]\nprot = 1\n", r"unknown key 'api\.prot'; did you mean 'port'\?", id="top section"
        ),
        pytest.param(
            SMALLEST + "\ninterval = 2\n",
            r"unknown key 'cameras\[0\]\.interval'; did you mean 'interval_s'\?",
            id="camera",
        ),
        pytest.param("[detectors]\n" + SMALLEST, r"unknown key 'detectors'; did you mean 'detector'\?", id="section"),
        pytest.param(
            SMALLEST + "view.control_point = []\n",
            r"unknown key 'cameras\[0\]\.view\.control_point'; did you mean 'control_points'\?",
            id="inside a view",
        ),
        pytest.param("[site]\ndata_dir = 'd'\n", r"'grid' is missing", id="no grid"),
        pytest.param(
            SMALLEST + "[[cameras]]\nid = 'CAM-01'\nurl = 'b.mp4'\n",
            r"camera id 'CAM-01' is used twice",
            id="camera twice",
        ),
        pytest.param("[grid\n", r"not valid TOML", id="not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_keys_path(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load_settings(write(tmp_path, text))


def test_a_file_may_leave_all_cameras_to_the_api(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "[grid]\nfile = 'g'\n")).cameras == ()


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gridpatrol config init"):
        load_settings(tmp_path / "gridpatrol.toml")


def test_an_error_never_shows_a_password(tmp_path: Path) -> None:
    text = SMALLEST + 'password = "s3cret-word"\ninterval_s = "s3cret-word"\n'
    with pytest.raises(ConfigError) as caught:
        load_settings(write(tmp_path, text))
    assert "s3cret-word" not in str(caught.value)


def test_the_settings_never_show_a_password(tmp_path: Path) -> None:
    text = SMALLEST.replace("clip.mp4", "rtsp://patrol:s3cret-word@192.0.2.1/live")
    settings = load_settings(write(tmp_path, text))
    assert "s3cret-word" not in repr(settings)
    assert settings.cameras[0].feed.full_url() == "rtsp://patrol:s3cret-word@192.0.2.1/live"


def test_the_shipped_template_is_a_valid_configuration(tmp_path: Path) -> None:
    template = Path("patrol/templates/gridpatrol.toml").read_text(encoding="utf-8")
    settings = load_settings(write(tmp_path, template))
    assert isinstance(settings, Settings)


def test_the_workers_key_comes_from_the_environment_or_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRIDPATROL_WORKER_KEY", raising=False)
    settings = load_settings(write(tmp_path, SMALLEST))
    with pytest.raises(ConfigError, match="gridpatrol keys create worker-1"):
        worker_key(settings)
    settings.worker_key_path.parent.mkdir()
    settings.worker_key_path.write_text("gp_file\n", encoding="ascii")
    assert worker_key(settings) == "gp_file"
    monkeypatch.setenv("GRIDPATROL_WORKER_KEY", "gp_env")
    assert worker_key(settings) == "gp_env"
