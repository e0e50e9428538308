"""Looks at one made-up view, written short: what stands where, second by second."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.dedupe import ConfirmationRules, DedupeState, step
from grid.incidents import IncidentEvent
from grid.sightings import Sighting, ViewSample
from grid.units import Zone

CAMERA, VIEW = CameraId("CAM-01"), ViewId("CAM-01")
START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
STALL, GARBAGE, CLUTTER = (CategoryId(name) for name in ("street_stall", "exposed_garbage", "roadside_clutter"))
A, B, C = (CellId(f"51010400100100{number}") for number in (1, 2, 3))
RULES = ConfirmationRules()


def seen(
    cell: CellId = A,
    category: CategoryId = GARBAGE,
    count: int = 1,
    confidence: float = 0.5,
    near: Iterable[CellId] = (),
    is_sure: bool = True,
) -> Sighting:
    boxes = tuple(Box(10.0 * index, 0.0, 10.0 * index + 5.0, 5.0) for index in range(count))
    return Sighting(cell, category, count, confidence, boxes, frozenset(near), is_sure)


def look(at_s: float, *sightings: Sighting, unobstructed: bool = True, start: datetime = START) -> ViewSample:
    return ViewSample(CAMERA, VIEW, start + timedelta(seconds=at_s), sightings, unobstructed)


def looks(from_s: float, to_s: float, every_s: float, *sightings: Sighting) -> list[ViewSample]:
    """Looks from one second to another, both included."""
    count = int((to_s - from_s) // every_s) + 1
    return [look(from_s + index * every_s, *sightings) for index in range(count)]


def controlled(_: CellId) -> Zone:
    return Zone.CONTROLLED


def live(
    samples: Sequence[ViewSample], rules: ConfirmationRules = RULES, state: DedupeState | None = None
) -> tuple[DedupeState, list[IncidentEvent]]:
    """A view's life through some looks."""
    state = state or DedupeState(VIEW)
    events: list[IncidentEvent] = []
    for sample in samples:
        state, new = step(state, sample, rules, controlled)
        events += new
    return state, events


def told(events: Iterable[IncidentEvent]) -> list[tuple[str, float]]:
    """Each event's kind and second."""
    return [(event.kind.value, (event.at - START).total_seconds()) for event in events]
