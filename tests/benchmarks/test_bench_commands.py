"""``gridpatrol bench`` on the packaged clips: real decoding, the real worker, small numbers."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from typer.testing import CliRunner

from benchmarks.bars import bars_svg
from benchmarks.street_clips import FPS, GOP, HEIGHT_PX, WIDTH_PX, street_clips
from patrol.cli import app
from patrol.demo.site import ASSETS

CLIP = str(ASSETS / "CAM-01.mp4")


def last_json(output: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(output.strip().splitlines()[-1])
    return found


def test_bench_decode_tells_three_ways_of_reading(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["bench", "decode", "--clips", CLIP, "--json", str(tmp_path / "d.json")])
    assert ended.exit_code == 0, ended.output
    result = json.loads((tmp_path / "d.json").read_text())
    assert result["demultiplex_only"]["cameras_per_core"] > result["key_frames"]["cameras_per_core"] > 1


def test_bench_pipeline_runs_the_real_patrol_and_names_every_figure(tmp_path: Path) -> None:
    asked = ["bench", "pipeline", "--clips", CLIP, "--cameras", "2", "--seconds", "6", "--interval", "1"]
    asked += ["--backend", "onnxruntime", "--plot", str(tmp_path / "bars.svg")]
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code == 0, ended.output
    result = last_json(ended.output)
    assert {
        "cameras_per_core",
        "decode_limit_cameras_per_core",
        "ratio_to_decode_limit",
        "baseline_cameras_per_core",
        "ratio_to_baseline",
        "memory_mb_per_camera",
        "frame_age_p99_s",
        "gate_share",
    } <= result.keys()
    trials = result["trials"]
    assert isinstance(trials, list)
    assert trials[0]["looks"] >= 8, "two cameras, six seconds, a look a second"
    drawn = (tmp_path / "bars.svg").read_text()
    assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314 (our own drawing)


def test_a_number_of_cameras_that_is_none_is_refused() -> None:
    ended = CliRunner().invoke(app, ["bench", "pipeline", "--clips", CLIP, "--cameras", "many"])
    assert ended.exit_code != 0
    assert "a number from 1 on, or auto" in ended.output


def test_clips_made_for_it_are_as_street_cameras_send_them_and_are_kept(tmp_path: Path) -> None:
    import av

    (clip,) = street_clips(tmp_path, "busy", count=1, seconds=3)
    made_at = clip.stat().st_mtime_ns
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert (stream.width, stream.height, float(stream.average_rate or 0)) == (WIDTH_PX, HEIGHT_PX, FPS)
    assert [index for index, packet in enumerate(packets) if packet.is_keyframe] == [0, GOP]
    assert street_clips(tmp_path, "busy", count=1, seconds=3) == [clip]
    assert clip.stat().st_mtime_ns == made_at


def test_bars_tell_their_figures_and_escape_their_names() -> None:
    drawn = bars_svg({"a & b": 2.0, "c": 8.0}, "cameras < cores")
    root = ET.fromstring(drawn)  # noqa: S314 (our own drawing)
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert texts == ["cameras < cores", "a & b", "2.0", "c", "8.0"]
