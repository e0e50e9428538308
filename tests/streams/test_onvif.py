"""ONVIF through the kept library, against a camera that answers over real HTTP and UDP."""

import json
import logging
import os
import socket

import pytest
from typer.testing import CliRunner

from patrol.cli import app
from streams.onvif_discovery import discover
from streams.onvif_media import OnvifError, ask_camera
from tests.support.onvif_camera import PASSWORD, USERNAME, OnvifCameraServer, discoverable

pytest.importorskip("onvif")


def test_profiles_and_addresses_come_largest_first_and_without_a_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with OnvifCameraServer() as server:
        camera = ask_camera("127.0.0.1", server.port, USERNAME, PASSWORD, 30)
    assert (camera.manufacturer, camera.model, camera.serial) == ("Fake", "Street 2", "SN7")
    main, sub = camera.profiles
    assert (main.token, main.width_px, main.height_px, main.fps, main.encoding) == ("main", 1920, 1080, 25.0, "H264")
    assert main.url == "rtsp://192.0.2.7:554/main"
    assert (sub.token, sub.width_px) == ("sub", 640)
    assert PASSWORD not in repr(camera)
    assert PASSWORD not in caplog.text


def test_a_wrong_password_is_told_without_repeating_it() -> None:
    with OnvifCameraServer() as server, pytest.raises(OnvifError) as refused:
        ask_camera("127.0.0.1", server.port, USERNAME, "wr0ng-s3cret", 30)
    assert refused.value.trouble == "auth"
    assert "s3cret" not in str(refused.value)


def test_a_camera_that_says_nothing_costs_the_deadline() -> None:
    with OnvifCameraServer(stall=True) as server, pytest.raises(OnvifError) as refused:
        ask_camera("127.0.0.1", server.port, USERNAME, PASSWORD, 2)
    assert refused.value.trouble == "stalled"


def test_a_closed_port_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    with pytest.raises(OnvifError) as refused:
        ask_camera("127.0.0.1", port, USERNAME, PASSWORD, 20)
    assert refused.value.trouble == "unreachable"


def test_the_command_holds_the_password_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_PASSWORD", PASSWORD)
    with OnvifCameraServer() as server:
        arguments = ["feeds", "onvif", "127.0.0.1", "--port", str(server.port), "--username", USERNAME]
        told = CliRunner().invoke(app, [*arguments, "--password-env", "CAMERA_PASSWORD", "--timeout", "30"])
        as_json = CliRunner().invoke(app, [*arguments, "--json", "--timeout", "30"])
    assert 'password_env = "CAMERA_PASSWORD"' in told.stdout
    assert 'url = "rtsp://192.0.2.7:554/main"' in told.stdout
    assert PASSWORD not in told.output
    assert json.loads(as_json.stdout)["error"]["kind"] == "auth"


def test_a_device_that_answers_a_probe_is_found() -> None:
    address = "http://192.0.2.7/onvif/device_service"
    try:
        with discoverable(address, "East%20Gate"):
            found = [device for device in discover(2.0) if address in device.service_addresses]
    except OSError as error:
        if os.environ.get("GRIDPATROL_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"this machine's network takes no multicast: {error}")
    assert [(device.name, device.hardware) for device in found] == [("East Gate", "Street2")]
