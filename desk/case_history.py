"""A case's events as lines of a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import CaseEvent, CaseEventKind
from cases.life import moment
from desk.case_people import NO_NAMES, Names, name_of
from desk.case_row import evidence_href
from desk.surety import Surety

_MOVE_NOTHING = frozenset(
    {
        CaseEventKind.OPENED,
        CaseEventKind.SEEN,
        CaseEventKind.CLEARED,
        CaseEventKind.LATE_SIGHTING,
        CaseEventKind.DEADLINE_SET,
        CaseEventKind.TOLD,
        CaseEventKind.COMMENTED,
        CaseEventKind.CORRECTED,
    }
)
NEWEST_SHOWN = 40
OLDEST_SHOWN = 3
"""Of a long history: what stands between the newest and the oldest parts is folded too."""
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
    sent_to: str = ""
    """The unit and person that it was given to."""
    hours: float | None = None
    """Asked for."""
    due_at: datetime | None = None
    """The deadline that was set."""
    proposal: str = ""
    source: str = ""
    """Who else told of it."""


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """Lines that stand together; a folded part is a run of plain sightings, or the middle of a long history."""

    lines: tuple[HistoryLine, ...]
    is_folded: bool = False
    is_mixed: bool = False
    """Not sightings alone."""


def view_history(events: Sequence[CaseEvent], names: Names = NO_NAMES) -> tuple[HistoryPart, ...]:
    """The events, newest first, with long runs of plain sightings folded in their middle, and a long history, too."""
    lines = [_line(event, names) for event in reversed(events)]
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
    return _with_middle_folded(parts)


def _with_middle_folded(parts: Sequence[HistoryPart]) -> tuple[HistoryPart, ...]:
    if len(parts) <= NEWEST_SHOWN + OLDEST_SHOWN + 1:
        return tuple(parts)
    middle = tuple(line for part in parts[NEWEST_SHOWN:-OLDEST_SHOWN] for line in part.lines)
    folded = HistoryPart(middle, is_folded=True, is_mixed=True)
    return (*parts[:NEWEST_SHOWN], folded, *parts[-OLDEST_SHOWN:])


def _parts_of_run(run: list[HistoryLine]) -> list[HistoryPart]:
    if len(run) < RUN_SHOWN:
        return [HistoryPart((line,)) for line in run]
    return [HistoryPart((run[0],)), HistoryPart(tuple(run[1:-1]), is_folded=True), HistoryPart((run[-1],))]


def last_step(events: Sequence[CaseEvent], names: Names = NO_NAMES) -> HistoryLine | None:
    """The newest step that a person, or a rule, took with the case; None before the first."""
    found = next((event for event in reversed(events) if event.kind not in _MOVE_NOTHING), None)
    return None if found is None else _line(found, names)


def _line(event: CaseEvent, names: Names) -> HistoryLine:
    data = event.data
    joined = event.kind is CaseEventKind.SEEN and bool(data.get("joined"))
    count = data.get("object_count")
    return HistoryLine(
        kind="joined" if joined else event.kind.value,
        at=event.at,
        recorded_at=event.recorded_at,
        actor=name_of(event.actor, names),
        camera=str(event.camera_id or ""),
        objects=int(count) if isinstance(count, int) else None,
        surety=Surety.of(data),
        reason=str(data.get("reason") or ""),
        note=str(data.get("note") or ""),
        picture=evidence_href(event.evidence.annotated) if event.evidence else "",
        sent_to=sent_to(event),
        hours=data["hours"] if isinstance(data.get("hours"), int | float) else None,
        due_at=moment(data["due_at"]) if isinstance(data.get("due_at"), str) else None,
        proposal=str(data.get("proposal") or ""),
        source=str(data.get("source") or "") if event.kind is CaseEventKind.TOLD else "",
    )


def sent_to(event: CaseEvent) -> str:
    """To whom it was given; an opening names its unit as a fact of the place."""
    if event.kind not in (CaseEventKind.ACCEPTED, CaseEventKind.DISPATCHED, CaseEventKind.TAKEN):
        return ""
    return " · ".join(str(event.data[name]) for name in ("unit", "handler") if event.data.get(name))
