"""Lapses for tests: the demo's rendered clips in the judge's form, and small drawn streets whose truth is free."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.geometry import Point
from grid.cells import load_geojson
from grid.plane import LocalPlane
from patrol.demo.site import ASSETS
from tests.streams.clips import make_clip

STARTED_AT = "2026-05-14T00:30:00Z"
SIZE = (160, 120)
PICTURES = 18
M_PER_PX = 0.1
"""The drawn camera looks straight down from the south: x = (u - 80) / 10, y = (120 - v) / 10."""


def world_of(u: float, v: float) -> list[float]:
    """The place on the ground that a pixel of the drawn camera shows, metres."""
    return [round((u - SIZE[0] / 2) * M_PER_PX, 6), round((SIZE[1] - v) * M_PER_PX, 6)]


CORNERS = ((10.0, 110.0), (150.0, 110.0), (10.0, 20.0), (150.0, 20.0), (80.0, 60.0))


@dataclass(frozen=True, slots=True)
class Drawn:
    """One event of a drawn lapse: a 20 x 20 px thing whose foot is at x metres along the street."""

    category: str | None
    x_m: float
    first: int
    last: int
    judged: bool = True

    @property
    def box(self) -> list[float]:
        middle = SIZE[0] / 2 + self.x_m / M_PER_PX
        return [middle - 10, 70.0, middle + 10, 90.0]


def truth_of(events: Sequence[Drawn], **more: Any) -> dict[str, Any]:
    """``truth.json`` of a drawn lapse."""
    return {
        "format": 1,
        "seed": 7,
        "light": "day",
        "camera": {"height_m": 5.0},
        "step_s": 60,
        "frames": PICTURES,
        "size": list(SIZE),
        "started_at": STARTED_AT,
        "control_points": [{"pixel": [u, v], "world_m": world_of(u, v)} for u, v in CORNERS],
        "events": [
            {
                "id": number,
                "category": event.category,
                "name": event.category or "closed_bin",
                "variant": "drawn",
                "world_m": [event.x_m, 3.0],
                "first_frame": event.first,
                "last_frame": event.last,
                "box_xyxy": event.box,
                "judged": event.judged,
            }
            for number, event in enumerate(events, start=1)
        ],
        "boxes": [],
    } | more


def write_lapse(folder: Path, truth: dict[str, Any], clip: Path | None = None) -> Path:
    """A lapse's folder; without a clip, one whose pictures tell their number by their grey level."""
    folder.mkdir(parents=True)
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    if clip is None:
        make_clip(folder / "clip.mp4", pictures=PICTURES, fps=1, gop=1, size=SIZE)
    else:
        shutil.copy(clip, folder / "clip.mp4")
    return folder


def demo_lapses(folder: Path) -> Path:
    """The demo's four rendered clips; each becomes a street of its own, so that no camera helps another."""
    truth = json.loads((ASSETS / "truth.json").read_text(encoding="utf-8"))
    rings = {unit.code: unit.ring for unit in load_geojson(ASSETS / "grids.geojson")}
    for number, camera in enumerate(truth["cameras"], start=1):
        ring = rings[camera["cell"]]
        plane = LocalPlane.at(Point(middle([place.x for place in ring]), middle([place.y for place in ring])))
        marks = []
        for mark in camera["control_points"]:
            place = plane.to_metres(Point(*mark["lonlat"]))
            marks.append({"pixel": mark["pixel"], "world_m": [place.x, place.y]})
        events = [
            {"id": index, "name": event["category"], "judged": True, **event}
            for index, event in enumerate(camera["events"], start=1)
        ]
        kept = {name: truth[name] for name in ("started_at", "step_s", "frames", "size")}
        write_lapse(
            folder / f"lapse_{number:06d}",
            {"format": 1, "light": camera["weather"], "control_points": marks, "events": events, **kept},
            ASSETS / camera["clip"],
        )
    return folder


def middle(values: Sequence[float]) -> float:
    return (min(values) + max(values)) / 2
