"""The judge of time lapses runs the gate as it is told, and its report says what the gate did."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

from core.ids import CategoryId
from detector.gate import GateSettings
from detector.scripted import ScriptedDetector
from patrol.lapses.report import LapseReport, gate_line, report_on
from patrol.lapses.run import patrol_lapses
from patrol.lapses.site import PRODUCT_GATE, lay_out
from patrol.lapses.truth import lapses_in
from patrol.model_watch import Watchman
from patrol.settings import load_settings
from tests.detector.gate_street import noise_of, street, write_clip
from tests.patrol.lapse_folders import PICTURES, SIZE, truth_of, write_lapse

GARBAGE = CategoryId("exposed_garbage")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def judged(folder: Path, gate: GateSettings) -> LapseReport:
    clip = write_clip(folder / "still.mp4", noise_of([street(SIZE)] * PICTURES, 3.0), fps=1)
    write_lapse(folder / "in" / "lapse_000001", truth_of([]), clip)
    lapses = lapses_in(folder / "in")
    settings = load_settings(lay_out(lapses, folder / "out", 8650, "gridpatrol-n", NOW, gate))
    assert settings.gate == gate
    detector = ScriptedDetector(lambda image: (), (GARBAGE,))
    watchman = Watchman((detector,), frozenset({GARBAGE}))
    outcome = patrol_lapses(settings, lapses, watchman, threading.Event(), lambda done: None)
    assert outcome is not None
    return report_on(settings, lapses, outcome, detector)


def test_the_report_says_what_the_gate_did_with_every_picture(tmp_path: Path) -> None:
    report = judged(tmp_path, GateSettings(force_after_s=600))
    told = json.loads(json.dumps(report.as_json()))["gate"]
    assert (told["enabled"], told["force_after_s"], told["pictures"]) == (True, 600, PICTURES)
    assert told["first"] == told["forced"] == 1
    assert told["looked"] + told["carried"] == PICTURES == report.looks
    assert told["gate_share"] > 0.5
    assert f"{told['carried']} carried" in gate_line(report)


def test_with_the_gate_off_every_picture_is_looked_at(tmp_path: Path) -> None:
    report = judged(tmp_path, GateSettings(enabled=False))
    assert (report.gate.off, report.gate.looked, report.gate.carried) == (PICTURES, PICTURES, 0)
    assert "off" in gate_line(report)


def test_by_default_the_judge_gates_as_the_product_does() -> None:
    assert GateSettings() == PRODUCT_GATE
