import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ConfigError
from core.ids import CameraId
from patrol.commands.feeds import app
from streams.probe import probe, spec_for
from streams.spec import FeedSpec
from tests.streams.clips import make_clip
from tests.streams.servers import answers, tcp_server

SECRET = "geh3im"


def test_a_clip_is_probed_for_codec_size_rate_and_gop(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", fps=10, gop=5, size=(64, 48))
    found = probe(str(clip))
    assert (found.codec, found.width_px, found.height_px, found.fps) == ("h264", 64, 48, 10.0)
    assert (found.gop_s, found.gop_frames) == (0.5, 5)
    assert 0 < found.first_picture_s < 5


def test_one_key_frame_only_leaves_the_gop_open(tmp_path: Path) -> None:
    found = probe(str(make_clip(tmp_path / "clip.mp4", pictures=4, gop=50)))
    assert (found.gop_s, found.gop_frames) == (None, None)


def test_a_cameras_own_spec_can_be_probed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    spec = FeedSpec(id=CameraId("CAM-01"), url=str(clip), full_decode=True, loop=True)
    assert probe(spec).gop_frames == 4


def test_a_url_that_cannot_be_used_is_a_config_error_without_its_secret() -> None:
    with pytest.raises(ConfigError, match="percent-encode") as refused:
        spec_for(f"rtsp://op:{SECRET}/x@10.0.0.9/s1")
    assert SECRET not in str(refused.value)
    assert refused.value.__context__ is None


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["probe", str(make_clip(tmp_path / "clip.mp4"))])
    assert printed.exit_code == 0
    for told in ("h264", "128 x 96 px", "4.00 fps", "every 1.00 s, GOP of 4", "after 0."):
        assert told in printed.stdout


def test_the_command_prints_json(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["probe", str(make_clip(tmp_path / "clip.mp4")), "--json"])
    told = json.loads(printed.stdout)
    assert (told["codec"], told["gop_s"], told["kind"]) == ("h264", 1.0, "file")


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
def test_the_command_tells_the_fault_and_exits_1(more: list[str]) -> None:
    with tcp_server(answers("RTSP/1.0 401 Unauthorized")) as port:
        printed = CliRunner().invoke(app, ["probe", f"rtsp://op:{SECRET}@127.0.0.1:{port}/s1", *more])
    assert printed.exit_code == 1
    assert "check username and password_env" in printed.output
    assert SECRET not in printed.output
    if more:
        assert json.loads(printed.stdout)["error"]["kind"] == "auth"
    else:
        assert printed.stderr.startswith("auth: ")


def test_the_command_refuses_a_url_that_it_cannot_use() -> None:
    printed = CliRunner().invoke(app, ["probe", "srt://10.0.0.9:9000"])
    assert printed.exit_code == 1
    assert "the scheme srt:// is not known" in printed.stderr
