"""Where a look's time goes is told for every step of it."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from benchmarks.look_steps import main
from tests.streams.clips import make_clip


def test_every_step_of_a_look_is_timed_on_the_clip_s_own_key_frames(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    clip = make_clip(tmp_path / "street.mp4", pictures=8, fps=4, gop=2)
    told = CliRunner().invoke(app, [str(clip), "--precision", "f32", "--rounds", "5"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert list(found["median_ms"]) == [
        "decode a key frame",
        "judge the picture's health",
        "sketch for the change gate",
        "scale and letterbox",
        "tensor",
        "network, onnxruntime",
        "boxes",
    ]
    assert found["median_ms"]["network, onnxruntime"] > found["median_ms"]["tensor"] > 0
