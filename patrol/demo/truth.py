"""What really happens in the demo clips, by the clips' own clock."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import as_utc
from core.ids import CameraId, CategoryId, CellId


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """One thing that stands in a street for a while, seen by one camera."""

    camera_id: CameraId
    cell_id: CellId
    category: CategoryId
    first_at: datetime
    last_at: datetime
    """Capture times of the first and last picture it stands in, in the clip's first pass."""


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """Every event of every demo feed."""

    started_at: datetime
    duration: timedelta
    """City time one pass of a clip covers; passes follow each other without a gap."""
    step: timedelta
    """City time between two pictures."""
    events: tuple[TrueEvent, ...]


def load_truth(path: Path, started_at: datetime | None = None) -> DemoTruth:
    """Read ``truth.json`` as the renderer wrote it.

    Args:
        started_at: when the feeds began by their configuration, where that is not the clips' own date.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    started_at = as_utc(started_at or datetime.fromisoformat(data["started_at"]))
    step = timedelta(seconds=data["step_s"])
    events = tuple(
        TrueEvent(
            CameraId(camera["camera"]),
            CellId(camera["cell"]),
            CategoryId(event["category"]),
            started_at + event["first_frame"] * step,
            started_at + event["last_frame"] * step,
        )
        for camera in data["cameras"]
        for event in camera["events"]
    )
    return DemoTruth(started_at, data["frames"] * step, step, events)
