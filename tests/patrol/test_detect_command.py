"""``gridpatrol detect``: pictures, folders and videos in; JSON lines and annotated pictures out."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from typer.testing import CliRunner, Result

from core.errors import ConfigError, ModelError
from patrol.cli import app
from patrol.survey import PictureUnreadable
from tests.detector.clips import PICTURES, write_clip

NAMES = sorted(path.name for path in PICTURES.glob("*.jpg"))
KEYS = ["source", "frame", "time_s", "width", "height", "detections"]
EXACT = ("--backend", "onnxruntime", "--workers", "1")
DEADLINE_S = 60.0


def detect(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["detect", *map(str, arguments), *EXACT])


def lines_of(text: str) -> list[dict[str, Any]]:
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "patrol.cli", "detect", *map(str, arguments), *EXACT]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three of the pictures."""
    folder = tmp_path / "street"
    folder.mkdir()
    for name in NAMES[:3]:
        shutil.copy(PICTURES / name, folder / name)
    return folder


@pytest.fixture
def sigint_arrives() -> Iterator[None]:
    """A child started now takes Ctrl-C, even where this process was started in the background without it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_folder_becomes_json_lines_in_name_order(tmp_path: Path) -> None:
    target = tmp_path / "new" / "found.jsonl"
    result = detect(PICTURES, "--json", target)
    assert result.exit_code == 0
    lines = lines_of(target.read_text(encoding="utf-8"))
    assert [line["source"] for line in lines] == [str(PICTURES / name) for name in NAMES]
    assert any(line["detections"] for line in lines)
    for line in lines:
        assert list(line) == KEYS
        assert (line["frame"], line["time_s"]) == (None, None)
        height_px, width_px = cv2.imread(line["source"]).shape[:2]  # type: ignore[union-attr]  # it was read before
        assert (line["width"], line["height"]) == (width_px, height_px)
        for found in line["detections"]:
            assert list(found) == ["category", "confidence", "box_xyxy"]
            x0, y0, x1, y1 = found["box_xyxy"]
            assert 0 <= x0 < x1 <= width_px
            assert 0 <= y0 < y1 <= height_px
            assert 0 < found["confidence"] <= 1
    assert f"{len(NAMES)} 张 / pictures" in result.stderr
    assert result.stdout == ""


def test_a_dash_prints_json_lines_and_nothing_else(folder: Path) -> None:
    run = subprocess.run(command(folder, "--json", "-"), capture_output=True, timeout=DEADLINE_S, check=False)
    assert run.returncode == 0, run.stderr.decode()
    lines = lines_of(run.stdout.decode())
    assert [Path(line["source"]).name for line in lines] == NAMES[:3]
    assert all(list(line) == KEYS for line in lines)
    assert "3/3" in run.stderr.decode(), "the progress goes to standard error"


def test_several_workers_keep_the_order(tmp_path: Path) -> None:
    one, three = tmp_path / "1.jsonl", tmp_path / "3.jsonl"
    assert detect(PICTURES, "--json", one).exit_code == 0
    again = ["detect", str(PICTURES), "--json", str(three), "--backend", "onnxruntime", "--workers", "3"]
    assert CliRunner().invoke(app, again).exit_code == 0
    assert one.read_text(encoding="utf-8") == three.read_text(encoding="utf-8")


def test_a_video_gives_key_frames_and_every_frame_on_request(tmp_path: Path) -> None:
    clip, target = write_clip(tmp_path / "clip.mp4"), tmp_path / "found.jsonl"
    assert detect(clip, "--json", target).exit_code == 0
    lines = lines_of(target.read_text(encoding="utf-8"))
    assert [(line["source"], line["frame"], line["time_s"]) for line in lines] == [
        (str(clip), 0, 0.0),
        (str(clip), 1, 1.0),
    ]
    saved = tmp_path / "saved"
    assert detect(clip, "--json", target, "--every-frame", "--save", saved).exit_code == 0
    lines = lines_of(target.read_text(encoding="utf-8"))
    assert [(line["frame"], line["time_s"]) for line in lines] == [(n, round(n / 5, 3)) for n in range(10)]
    assert sorted(path.name for path in saved.iterdir()) == [f"clip_{number:06d}.jpg" for number in range(10)]


def test_what_cannot_be_read_is_skipped_and_named_and_the_rest_is_written(folder: Path, tmp_path: Path) -> None:
    whole = (folder / NAMES[0]).read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.mp4").touch()
    target = tmp_path / "found.jsonl"
    result = detect(folder, "--json", target)
    assert result.exit_code == 1
    lines = lines_of(target.read_text(encoding="utf-8"))
    assert [Path(line["source"]).name for line in lines] == NAMES[:3]
    told = "".join(result.stderr.split())
    assert "cut.jpg:notapicturethatcanbedecoded" in told
    assert "empty.mp4:cannotbedecoded" in told
    assert result.stderr.count("跳过 / skipped") == 2


def test_a_missing_path_is_a_named_error(tmp_path: Path) -> None:
    result = detect(tmp_path / "nowhere")
    assert isinstance(result.exception, PictureUnreadable)
    assert "nowhere: no such file or folder" in str(result.exception)


def test_an_error_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    run = subprocess.run(command(tmp_path), capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith(f"{tmp_path}: no picture or video in this folder")
    assert "Traceback" not in run.stderr


def test_an_unknown_model_is_a_named_error() -> None:
    result = detect(PICTURES, "--model", "gridpatrol-m")
    assert isinstance(result.exception, ModelError)
    assert "did you mean 'gridpatrol-n'?" in str(result.exception)


@pytest.mark.parametrize("option", ["--json", "--save"])
def test_a_place_that_cannot_be_written_is_a_named_error(folder: Path, tmp_path: Path, option: str) -> None:
    taken = tmp_path / "taken"
    if option == "--json":
        taken.mkdir()
    else:
        taken.touch()
    result = detect(folder, option, taken)
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith(f"{option} {taken}: ")


def test_saved_pictures_are_annotated_and_the_sources_stay(folder: Path, tmp_path: Path) -> None:
    saved = tmp_path / "deep" / "saved"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert detect(folder, "--save", saved, "--conf", "0.05").exit_code == 0
    assert sorted(path.name for path in saved.iterdir()) == NAMES[:3]
    for path in folder.iterdir():
        assert path.read_bytes() == before[path]
        original, drawn = cv2.imread(str(path)), cv2.imread(str(saved / path.name))
        assert original is not None
        assert drawn is not None
        assert original.shape == drawn.shape
        assert cv2.absdiff(original, drawn).max() > 60


def test_pictures_of_one_name_are_all_saved(folder: Path, tmp_path: Path) -> None:
    (folder / "b").mkdir()
    shutil.copy(folder / NAMES[1], folder / "b" / NAMES[0])
    saved = tmp_path / "saved"
    assert detect(folder / NAMES[0], folder / "b", "--save", saved).exit_code == 0
    stem = Path(NAMES[0]).stem
    assert sorted(path.name for path in saved.iterdir()) == [f"{stem}(2).jpg", f"{stem}.jpg"]


def test_a_higher_confidence_finds_fewer(folder: Path, tmp_path: Path) -> None:
    counts = []
    for confidence in ("0.05", "0.99"):
        target = tmp_path / f"{confidence}.jsonl"
        assert detect(folder, "--conf", confidence, "--json", target).exit_code == 0
        found = [d for line in lines_of(target.read_text(encoding="utf-8")) for d in line["detections"]]
        assert all(d["confidence"] > float(confidence) for d in found)
        counts.append(len(found))
    assert counts[0] > counts[1]


def test_a_confidence_above_one_is_a_usage_error(folder: Path) -> None:
    assert detect(folder, "--conf", "1.5").exit_code == 2


@pytest.mark.usefixtures("sigint_arrives")
def test_ctrl_c_keeps_the_finished_lines(tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    source = shutil.copy(PICTURES / NAMES[0], tmp_path / "one.jpg")
    for number in range(400):
        os.link(source, many / f"{number:03d}.jpg")
    target = tmp_path / "found.jsonl"
    with subprocess.Popen(command(many, "--json", target), stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + DEADLINE_S
            while not (target.exists() and target.read_bytes().count(b"\n") >= 3):
                assert time.monotonic() < deadline, "no line came"
                assert process.poll() is None, "it ended by itself"
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "interrupted; finished lines are kept" in told
    assert "Traceback" not in told
    lines = lines_of(target.read_text(encoding="utf-8"))
    assert 3 <= len(lines) < 400
    assert [Path(line["source"]).name for line in lines] == [f"{number:03d}.jpg" for number in range(len(lines))]
