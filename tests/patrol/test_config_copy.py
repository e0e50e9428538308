"""The configuration in a backup: readable, whole, and without one secret."""

import tomllib
from pathlib import Path

import pytest

from core.errors import ConfigError
from patrol.config_copy import TAKEN_OUT, config_copies, without_secrets

TEXT = """
[database]
url = "postgresql://gridpatrol:hunter2@db.example/cases"   # here
[[cameras]]
id = "CAM-01"
url = "rtsp://admin:s3cret@192.0.2.1/stream?token=abc123&channel=1"
username = "admin"
password = "pass \\" word"
password_env = "CAM_01_PASSWORD"
[gateways.city]
url = "http://192.0.2.20"
api_key = 'k-998877'
second_token = '''
hunter2
'''
headers = { secret_query = "q-5566", name = "kept" }
"""
SECRETS = ("hunter2", "s3cret", "abc123", "pass \\", "k-998877", "q-5566")


def test_every_secret_is_taken_out_and_the_rest_stays() -> None:
    cleaned = without_secrets(TEXT)
    assert not [secret for secret in SECRETS if secret in cleaned]
    read = tomllib.loads(cleaned)
    assert read["database"]["url"] == "postgresql://db.example/cases"
    camera = read["cameras"][0]
    assert (camera["username"], camera["password"], camera["password_env"]) == ("admin", TAKEN_OUT, "CAM_01_PASSWORD")
    assert camera["url"].startswith("rtsp://192.0.2.1/stream?token=")
    assert camera["url"].endswith("&channel=1")
    assert read["gateways"]["city"]["headers"] == {"secret_query": TAKEN_OUT, "name": "kept"}
    assert "# here" in cleaned


def test_a_secret_that_cannot_be_taken_out_stops_the_backup_and_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="password cannot be taken out") as raised:
        without_secrets('password = ["hunter2"]\n')
    assert "hunter2" not in str(raised.value)


def test_camera_files_come_along(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "gridpatrol.toml").write_text('[[cameras]]\npassword = "x"\n')
    (tmp_path / "gridpatrol.toml").write_text('camera_files = ["more/gridpatrol.toml"]\n')
    copies = config_copies(tmp_path / "gridpatrol.toml")
    assert list(copies) == ["gridpatrol.toml", "cameras-1.toml"]
    assert TAKEN_OUT in copies["cameras-1.toml"]


def test_what_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no TOML"):
        without_secrets("[")
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        config_copies(tmp_path / "missing.toml")
