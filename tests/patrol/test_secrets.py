"""A camera's password goes to the camera and nowhere else."""

import json
import logging
import socket
from pathlib import Path

import pytest

from patrol.cli import app
from tests.patrol.conftest import OutageApi
from tests.patrol.street import CELL, camera, garbage_in, run, settings, state_of, worker

PASSWORD = "s3cret-w0rd"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_worker_whose_camera_is_away_never_shows_the_password(
    tmp_path: Path,
    outage_api: OutageApi,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    outage_api.come()
    url = f"rtsp://patrol:{PASSWORD}@127.0.0.1:{closed_port()}/live?token={PASSWORD}-2"
    cameras = [camera("CAM-01", url, CELL, timeout_s=2.0)]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(()))
    known: list[str] = []

    def is_over() -> bool:
        known.extend(str(record) for record in outage_api.store.cameras())
        return state_of(patrol, "CAM-01")["error_kind"] == "unreachable" and "unreachable" in "".join(known)

    run(patrol, is_over)
    shown = json.dumps(patrol.camera_statuses())
    assert "CAM-01" in caplog.text
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for place in (caplog.text, shown, "".join(known), "".join(capfd.readouterr()), repr(settings(tmp_path, cameras))):
        assert PASSWORD not in place
    assert PASSWORD.encode() not in written


@pytest.mark.parametrize("command", [("config", "check"), ("worker",), ("up",)])
def test_a_wrong_address_is_refused_without_its_password(tmp_path: Path, command: tuple[str, ...]) -> None:
    from typer.testing import CliRunner

    config = tmp_path / "gridpatrol.toml"
    config.write_text(
        f'[grid]\nfile = "g"\n[[cameras]]\nid = "CAM-01"\nurl = "rtsp://patrol:{PASSWORD}@host:no-port/live"\n',
        encoding="utf-8",
    )
    result = CliRunner().invoke(app, [*command, "-c", str(config)])
    assert result.exit_code == 1
    told = f"{result.output}{result.exception}"
    assert "cameras[0]" in told
    assert PASSWORD not in told
