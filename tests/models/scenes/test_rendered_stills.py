"""Blender really renders: the same seed gives the same picture, and what is complete is not rendered again."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "GRIDPATROL_SCENES_PYTHON"
PYTHON = os.environ.get(VARIABLE) or (sys.executable if importlib.util.find_spec("bpy") else "")

pytestmark = [
    pytest.mark.scenes,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PYTHON, reason=f"no Blender here; mend: {VARIABLE}=.venv-scenes/bin/python, docs/scenes.md"),
]


def _render(out: Path, seed: int = 31, *more: str) -> str:
    small = ["--size", "160x90", "--samples", "1", "--kind", "mixed", "--light", "rain"]
    command = [PYTHON, "-m", "models.scenes", "stills", "--first-seed", str(seed), "--out", str(out), *small, *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _record(out: Path, seed: int = 31) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((out / f"rd_{seed:06d}.json").read_text(encoding="utf-8"))
    return facts


def test_a_seed_gives_the_same_picture_and_labels_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    _render(first)
    _render(second)
    assert _record(first)["groups"] == _record(second)["groups"]
    assert any(group["keep"] for group in _record(first)["groups"])
    for ending in (".txt", ".png"):
        name = f"rd_000031{ending}"
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_complete_still_is_skipped_and_blender_is_silent(tmp_path: Path) -> None:
    assert _render(tmp_path).count("\n") == 2
    written = (tmp_path / "rd_000031.png").stat().st_mtime_ns
    assert _render(tmp_path).startswith("0 rendered, 1 were complete")
    assert (tmp_path / "rd_000031.png").stat().st_mtime_ns == written


def test_goods_being_unloaded_stand_in_the_scenes_that_they_are_asked_for_in(tmp_path: Path) -> None:
    seeds = range(31, 35)
    for seed in seeds:
        _render(tmp_path, seed, "--lookalike", "unloading")
    named = [[group["name"] for group in _record(tmp_path, seed)["groups"]] for seed in seeds]
    assert sum("unloading" in names for names in named) >= 3
