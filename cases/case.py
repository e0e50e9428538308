"""A case: one violation in one cell, as the fold of its events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases import life
from cases.life import Life, Stage
from cases.sources import Source
from core.clock import as_utc
from core.errors import CaseConflict
from core.ids import CameraId, CaseId, CategoryId, CellId, IncidentId

CLEARED_INCIDENTS_KEPT = 64
"""How many cleared incidents a case remembers, so that a late event of one does not bring it back."""


class CaseState(StrEnum):
    """Whether the desk still has work with the case."""

    OPEN = "open"
    CLOSED = "closed"


class CaseEventKind(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    SEEN = "seen"
    """It was seen again, by the same or another camera (``data["joined"]``: by an incident new to the case)."""
    CLEARED = "cleared"
    """One incident's camera sees it no more."""
    LATE_SIGHTING = "late_sighting"
    """A report from before the closing that arrived after it."""
    CLOSED = "closed"
    CORRECTED = "corrected"
    """A person drew what really stands in one of its pictures; the case itself stays as it is."""
    ACCEPTED = "accepted"
    """It is a case: registered."""
    DISPATCHED = "dispatched"
    TAKEN = "taken"
    """Its unit has begun."""
    HANDED_BACK = "handed_back"
    """Its unit says it is not theirs."""
    REPORTED = "reported"
    """Its unit says it is put right."""
    VERIFIED = "verified"
    """It was looked at again, and is put right."""
    REWORKED = "reworked"
    """It was looked at again, and is not put right."""
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DEADLINE_SET = "deadline_set"
    PROPOSED = "proposed"
    """The cameras say whether it is gone (``data["proposal"]``), by the pictures ``before`` and ``after``."""
    TOLD = "told"
    """A person or another system told of it, too (``data["source"]``)."""
    COMMENTED = "commented"
    UNDONE = "undone"
    """Whoever decided on the candidate took the decision back at once; ``data["unit"]`` is the unit from before it."""


class CloseReason(StrEnum):
    """Why a person closed a case."""

    HANDLED = "handled"
    """Put right. 已处置"""
    FALSE_ALARM = "false_alarm"
    """There was no violation. 误报作废"""
    PERMITTED = "permitted"
    """It is there by permission. 属许可范围"""
    OTHER = "other"
    """Something else; the note says what. 其他"""


@dataclass(frozen=True, slots=True)
class EvidenceRefs:
    """The three pictures of one look, each named by the SHA-256 (64 lower-case hex digits) of its JPEG."""

    original: str
    annotated: str
    crop: str

    def as_json(self) -> dict[str, str]:
        return {"original": self.original, "annotated": self.annotated, "crop": self.crop}

    def all(self) -> tuple[str, str, str]:
        return (self.original, self.annotated, self.crop)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's history; written once, never changed.

    ``data`` is JSON. For opened, seen, cleared and late_sighting it holds ``incident_id, sequence, incident_kind,
    camera_id, view_id, worker_id, first_seen_at, last_seen_at, object_count, confidence, boxes [[x0,y0,x1,y1]],
    model {name, sha256}, evidence {original, annotated, crop}|null, joined``, and ``probability`` where the model tells
    one; opened adds ``number, cell_id, category, zone, unit, previous_case_id, recurrence, source``, and one that a
    person opened has no camera, incident or picture; closed holds ``reason, note``; corrected holds ``picture``
    (SHA-256 of an original), ``regions [{category, box}], note``. What a command wrote holds ``note`` and what that
    command needs (``unit, handler, hours``). Times in it are RFC 3339 text in UTC.
    """

    seq: int
    """Counts all events of all cases from 1 without gaps, in the order in which they became visible."""
    case_id: CaseId
    kind: CaseEventKind
    at: datetime
    """When it happened in the street (capture time); for closed: when the person closed. Aware, UTC."""
    recorded_at: datetime
    """When it was written down; aware, UTC."""
    actor: str
    """Who: ``worker:<id>`` or the name of the person's key."""
    data: Mapping[str, Any]

    @property
    def camera_id(self) -> CameraId | None:
        found = self.data.get("camera_id")
        return None if found is None else CameraId(found)

    @property
    def evidence(self) -> EvidenceRefs | None:
        refs = self.data.get("evidence")
        return None if refs is None else EvidenceRefs(refs["original"], refs["annotated"], refs["crop"])


@dataclass(frozen=True, slots=True)
class Presence:
    """What one incident says now: still standing (``cleared_at`` None) or gone, as of its event ``sequence``."""

    incident_id: IncidentId
    sequence: int
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """One violation in one cell, as it stands after ``version`` events."""

    id: CaseId
    number: str
    """As printed: district 6 + yyyymmdd + source 2 + serial 6."""
    cell_id: CellId
    category: CategoryId
    zone: str | None
    """``strict``, ``controlled`` or ``general``; None when the grid was not known."""
    unit: str | None
    """The responsible unit's name."""
    state: CaseState
    opened_at: datetime
    """Capture time of the report that opened it."""
    first_seen_at: datetime
    last_seen_at: datetime
    sighting_count: int
    """Reports that saw it, the opening one included."""
    object_count: int
    """Most objects in one picture."""
    confidence: float
    """Highest so far, 0 to 1."""
    probability: float | None
    """Highest so far that a report is right, 0 to 1; None where no model told one."""
    cameras: tuple[CameraId, ...]
    """Every camera that saw it, the first first."""
    presences: tuple[Presence, ...]
    cleared_at: datetime | None
    """When the last camera that saw it found it gone; None while one still sees it."""
    evidence: EvidenceRefs | None
    """Pictures of the earliest look."""
    evidence_at: datetime | None
    latest_evidence: EvidenceRefs | None
    """Pictures of the newest look (the same as ``evidence`` when there is one look)."""
    latest_evidence_at: datetime | None
    previous_case_id: CaseId | None
    """The closed case that this one repeats."""
    closed_at: datetime | None
    close_reason: CloseReason | None
    close_note: str | None
    closed_by: str | None
    life: Life
    """How far it has come."""
    version: int
    """Events folded so far: give it back as ``expected_version`` to close exactly what was looked at."""
    opened_seq: int
    updated_seq: int

    @property
    def is_open(self) -> bool:
        return self.state is CaseState.OPEN


def fold(events: Iterable[CaseEvent]) -> Case:
    """The case that its events, oldest first, make.

    Raises:
        CaseConflict: no event, or events in an order that no case can have.
    """
    case: Case | None = None
    for event in events:
        case = apply(case, event)
    if case is None:
        raise CaseConflict("a case without events does not exist; read its events before folding them")
    return case


def apply(case: Case | None, event: CaseEvent) -> Case:
    """The case after one more event.

    Raises:
        CaseConflict: the case cannot take this event in its state.
    """
    if event.kind is CaseEventKind.OPENED:
        if case is not None:
            raise CaseConflict(f"case {case.id} is already opened; event {event.seq} cannot open it again")
        return _opened(event)
    if case is None or case.id != event.case_id:
        raise CaseConflict(f"event {event.seq} ({event.kind}) of case {event.case_id} needs that case's opening first")
    if event.kind is CaseEventKind.CLOSED:
        return _closed(case, event)
    if event.kind is CaseEventKind.CORRECTED or event.kind is CaseEventKind.COMMENTED:
        return replace(case, version=case.version + 1, updated_seq=event.seq)
    if event.kind is CaseEventKind.UNDONE:
        return _undone(case, event)
    if event.kind in _STEPS:
        return _stepped(case, event)
    if event.kind is CaseEventKind.SEEN and not case.is_open:
        raise CaseConflict(f"case {case.number} is closed; a sighting of it is late, or opens a new case")
    if event.kind is CaseEventKind.LATE_SIGHTING and case.is_open:
        raise CaseConflict(f"case {case.number} is open; a sighting of it is not late")
    return _reported(case, event)


_STEPS: Mapping[CaseEventKind, Callable[[Life, datetime, Mapping[str, Any]], Life]] = {
    CaseEventKind.ACCEPTED: life.accepted,
    CaseEventKind.DISPATCHED: life.dispatched,
    CaseEventKind.TAKEN: life.taken,
    CaseEventKind.HANDED_BACK: life.handed_back,
    CaseEventKind.REPORTED: life.reported,
    CaseEventKind.VERIFIED: life.verified,
    CaseEventKind.REWORKED: life.reworked,
    CaseEventKind.EXTENSION_ASKED: life.extension_asked,
    CaseEventKind.EXTENSION_GRANTED: life.extension_granted,
    CaseEventKind.EXTENSION_REFUSED: life.extension_refused,
    CaseEventKind.SUSPENDED: life.suspended,
    CaseEventKind.RESUMED: life.resumed,
    CaseEventKind.DEADLINE_SET: life.deadline_set,
    CaseEventKind.PROPOSED: life.proposed,
    CaseEventKind.TOLD: life.told,
}


def _stepped(case: Case, event: CaseEvent) -> Case:
    if not case.is_open:
        raise CaseConflict(f"case {case.number} is closed (by {case.closed_by}); nothing more can be done with it")
    unit = event.data.get("unit") or case.unit
    stepped = _STEPS[event.kind](case.life, event.at, event.data)
    return replace(case, unit=unit, life=stepped, version=case.version + 1, updated_seq=event.seq)


def _undone(case: Case, event: CaseEvent) -> Case:
    if case.life.stage not in (Stage.REGISTERED, Stage.VOID):
        raise CaseConflict(f"case {case.number} is {case.life.stage}; only a decision on a candidate is taken back")
    return replace(
        case,
        unit=event.data["unit"],
        state=CaseState.OPEN,
        life=life.undone(case.life),
        closed_at=None,
        close_reason=None,
        close_note=None,
        closed_by=None,
        version=case.version + 1,
        updated_seq=event.seq,
    )


def _opened(event: CaseEvent) -> Case:
    data = event.data
    previous = data["previous_case_id"]
    by_camera = data.get("camera_id") is not None
    return Case(
        id=event.case_id,
        number=data["number"],
        cell_id=CellId(data["cell_id"]),
        category=CategoryId(data["category"]),
        zone=data["zone"],
        unit=data["unit"],
        state=CaseState.OPEN,
        opened_at=event.at,
        first_seen_at=_moment(data["first_seen_at"]),
        last_seen_at=_moment(data["last_seen_at"]),
        sighting_count=1,
        object_count=data.get("object_count", 1),
        confidence=data.get("confidence", 1.0),
        probability=data.get("probability"),
        cameras=(CameraId(data["camera_id"]),) if by_camera else (),
        presences=(Presence(IncidentId(data["incident_id"]), data["sequence"], None),) if by_camera else (),
        cleared_at=None,
        evidence=event.evidence,
        evidence_at=event.at if event.evidence else None,
        latest_evidence=event.evidence,
        latest_evidence_at=event.at if event.evidence else None,
        previous_case_id=None if previous is None else CaseId(previous),
        closed_at=None,
        close_reason=None,
        close_note=None,
        closed_by=None,
        life=life.opened(data),
        version=1,
        opened_seq=event.seq,
        updated_seq=event.seq,
    )


def _closed(case: Case, event: CaseEvent) -> Case:
    if not case.is_open:
        raise CaseConflict(f"case {case.number} is already closed (by {case.closed_by}); read it again")
    reason = CloseReason(event.data["reason"])
    return replace(
        case,
        state=CaseState.CLOSED,
        life=replace(case.life, stage=Stage.CLOSED if reason is CloseReason.HANDLED else Stage.VOID),
        closed_at=event.at,
        close_reason=reason,
        close_note=event.data["note"],
        closed_by=event.actor,
        version=case.version + 1,
        updated_seq=event.seq,
    )


def _reported(case: Case, event: CaseEvent) -> Case:
    data = event.data
    is_clearing = event.kind is CaseEventKind.CLEARED or data["incident_kind"] == "cleared"
    camera_id = CameraId(data["camera_id"])
    presences = _with_presence(
        case.presences,
        Presence(IncidentId(data["incident_id"]), data["sequence"], event.at if is_clearing else None),
    )
    cleared = [presence.cleared_at for presence in presences if presence.cleared_at is not None]
    # A picture of the place once it is clear shows no violation: its event keeps it, for the verification.
    refs = None if is_clearing else event.evidence
    is_earliest = refs is not None and (case.evidence_at is None or event.at < case.evidence_at)
    is_newest = refs is not None and (case.latest_evidence_at is None or event.at >= case.latest_evidence_at)
    return replace(
        case,
        first_seen_at=min(case.first_seen_at, _moment(data["first_seen_at"])),
        last_seen_at=max(case.last_seen_at, _moment(data["last_seen_at"])),
        sighting_count=case.sighting_count + (0 if is_clearing else 1),
        life=case.life if is_clearing else case.life.told_by(Source(data.get("source", Source.VIDEO_AI))),
        object_count=max(case.object_count, data["object_count"]),
        confidence=max(case.confidence, data["confidence"]),
        probability=_higher(case.probability, data.get("probability")),
        cameras=case.cameras if camera_id in case.cameras else (*case.cameras, camera_id),
        presences=presences,
        cleared_at=max(cleared) if len(cleared) == len(presences) else None,
        evidence=refs if is_earliest else case.evidence,
        evidence_at=event.at if is_earliest else case.evidence_at,
        latest_evidence=refs if is_newest else case.latest_evidence,
        latest_evidence_at=event.at if is_newest else case.latest_evidence_at,
        version=case.version + 1,
        updated_seq=event.seq,
    )


def _higher(one: float | None, other: float | None) -> float | None:
    return max((told for told in (one, other) if told is not None), default=None)


def _with_presence(presences: tuple[Presence, ...], new: Presence) -> tuple[Presence, ...]:
    """The newest word of each incident; one that speaks out of order does not overrule a later word."""
    known = next((presence for presence in presences if presence.incident_id == new.incident_id), None)
    if known is not None and known.sequence > new.sequence:
        return presences
    kept = [presence for presence in presences if presence.incident_id != new.incident_id]
    kept.append(new)
    cleared = [presence for presence in kept if presence.cleared_at is not None]
    forgotten = {presence.incident_id for presence in cleared[: max(0, len(cleared) - CLEARED_INCIDENTS_KEPT)]}
    return tuple(presence for presence in kept if presence.incident_id not in forgotten)


def _moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
