"""A worker whose camera is behind a gateway: played when it starts, hung up when it stops."""

from pathlib import Path

import pytest

from core.ids import CategoryId
from detector.scripted import ScriptedDetector
from grid.cells import load_geojson
from patrol.api_client import ApiClient
from patrol.model_watch import Watchman
from patrol.outbox import Outbox
from patrol.settings import Settings
from patrol.worker import Worker
from tests.patrol.conftest import OutageApi
from tests.patrol.street import camera, run, settings, state_of, worker_key
from tests.streams.clips import make_clip
from tests.support.rtsp_server import RtspServer, require_rtsp_server
from tests.support.wvp_gateway import CAMERA, DEVICE, PASSWORD, USERNAME, FakeChannel, FakeDevice, FakeWvp

STREAM = f"{DEVICE}_{CAMERA}"


@pytest.mark.rtsp
def test_a_worker_patrols_a_camera_behind_a_gateway(tmp_path: Path, outage_api: OutageApi) -> None:
    require_rtsp_server()
    outage_api.come()
    clip = make_clip(tmp_path / "clip.mp4", pictures=50, fps=25, gop=10, options={"preset": "veryfast", "bf": "0"})
    channel = FakeChannel(CAMERA)
    with RtspServer({STREAM: clip}) as media, FakeWvp([FakeDevice(DEVICE, [channel])]) as wvp:
        channel.rtsp = media.url(STREAM)
        section = {"url": wvp.url, "username": USERNAME, "password": PASSWORD}
        base = settings(tmp_path, [camera("CLIP", "a.mp4")]).model_dump(exclude={"cameras"})
        cameras = [camera("CAM-01", f"wvp://city/{DEVICE}/{CAMERA}")]
        configured = Settings.model_validate({**base, "gateways": {"city": section}, "cameras": cameras})
        patrol = Worker(
            configured,
            Watchman(
                (ScriptedDetector(lambda _image: (), (CategoryId("exposed_garbage"),)),),
                frozenset({CategoryId("exposed_garbage")}),
            ),
            load_geojson(configured.grid.file),
            Outbox(configured.outbox_path),
            ApiClient(outage_api.url, worker_key(outage_api)),
        )
        run(patrol, lambda: state_of(patrol, "CAM-01")["state"] == "live")
        assert wvp.count("/api/play/start") == 1
        assert state_of(patrol, "CAM-01")["gateway"] == {"plays": 1, "stops": 1, "failed_stops": 0}
        assert wvp.playing == set()
        assert PASSWORD not in repr(patrol.camera_statuses())
