"""A case's events as lines of a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import CaseEvent, CaseEventKind
from desk.case_list import evidence_href
from desk.surety import Surety

RUN_SHOWN = 4
"""A longer run of plain sightings is folded: its first and last stay, the rest opens on a click."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to the case."""

    kind: str
    """Key of its words: ``event.<kind>``."""
    at: datetime
    recorded_at: datetime
    actor: str
    camera: str
    objects: int | None
    surety: Surety | None
    reason: str
    note: str
    picture: str
    """Address of the annotated picture of this moment, or empty."""


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Lines that stand together; a folded part is a run of plain sightings."""

    lines: tuple[HistoryLine, ...]
    is_folded: bool = False


def view_history(events: Sequence[CaseEvent]) -> tuple[HistoryPart, ...]:
    """The events, newest first, with long runs of plain sightings folded in their middle."""
    lines = [_line(event) for event in reversed(events)]
    parts: list[HistoryPart] = []
    run: list[HistoryLine] = []
    for line in [*lines, None]:
        if line is not None and line.kind == "seen":
            run.append(line)
            continue
        parts.extend(_parts_of_run(run))
        run = []
        if line is not None:
            parts.append(HistoryPart((line,)))
    return tuple(parts)


def _parts_of_run(run: list[HistoryLine]) -> list[HistoryPart]:
    if len(run) < RUN_SHOWN:
        return [HistoryPart((line,)) for line in run]
    return [HistoryPart((run[0],)), HistoryPart(tuple(run[1:-1]), is_folded=True), HistoryPart((run[-1],))]


def _line(event: CaseEvent) -> HistoryLine:
    data = event.data
    joined = event.kind is CaseEventKind.SEEN and bool(data.get("joined"))
    count = data.get("object_count")
    return HistoryLine(
        kind="joined" if joined else event.kind.value,
        at=event.at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        camera=str(event.camera_id or ""),
        objects=int(count) if isinstance(count, int) else None,
        surety=Surety.of(data),
        reason=str(data.get("reason") or ""),
        note=str(data.get("note") or ""),
        picture=evidence_href(event.evidence.annotated) if event.evidence else "",
    )
