"""What a desk's decisions say about each picture: pure, from case histories to boxes.

Only pictures of which *everything* is decided are used, because a data set's empty place is a statement, too:

- ``handled`` and ``permitted`` confirm: the thing stood there, its boxes are kept (a permit is a matter for the desk,
  not for the detector).
- ``false_alarm`` rejects: the picture is kept without a box there.
- What a person drew (``corrected``) replaces the case's boxes in that picture, whatever became of the case.
- ``other``, and a case still open, decide nothing: pictures in which such a case stood are left out.
- A confirmed thing that stood in front of the same camera when another case's picture was taken has its box there, too,
  taken over from its own nearest look; where its looks before and after do not agree, the picture is left out.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases.case import Case, CaseEvent, CaseEventKind, CloseReason
from cases.policy.reviews import was_right
from cases.regions import RegionCorrection
from core.clock import as_utc
from core.geometry import Box
from models.collected import CollectedPicture, NamedBox, Origin
from patrol.casebook import CaseFile

SAME_BOX_IOU = 0.5
"""Two boxes of one category that overlap this much are one thing."""


class Decision(StrEnum):
    """What a person's word makes of a case."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class LeftOut(StrEnum):
    """Why a picture is not used."""

    UNDECIDED = "a case in it is open, or closed as other"
    MOVED = "a confirmed thing moved between its looks, and its place in it is not known"
    UNKNOWN_CATEGORY = "a box of a category that the model does not have"
    TOO_EARLY = "taken before --since"
    ENOUGH = "its case has --most-per-case pictures already"


@dataclass(frozen=True, slots=True)
class Labelling:
    """Pictures that can teach, and how many cannot, by reason."""

    pictures: tuple[CollectedPicture, ...]
    left_out: dict[LeftOut, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """One sighting of a case with its pictures."""

    camera: str
    at: datetime
    original: str
    boxes: tuple[NamedBox, ...]
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class _Stay:
    """How long one incident of a case stood in front of one camera; ``until`` None: nobody has seen it gone."""

    camera: str
    since: datetime
    until: datetime | None

    def covers(self, camera: str, at: datetime) -> bool:
        return camera == self.camera and self.since <= at and (self.until is None or at <= self.until)


@dataclass(frozen=True, slots=True)
class _Witness:
    """A case as far as pictures go."""

    case: Case
    decision: Decision
    looks: tuple[_Look, ...]
    stays: tuple[_Stay, ...]


def decision_of(case: Case, events: Sequence[CaseEvent] = ()) -> Decision:
    """What people said of it: by the closing reason, or by accepting a case that is not closed yet."""
    if case.close_reason is None and any(was_right(each.kind.value, each.data, each.actor) for each in events):
        return Decision.CONFIRMED
    if case.close_reason in (CloseReason.HANDLED, CloseReason.PERMITTED):
        return Decision.CONFIRMED
    return Decision.REJECTED if case.close_reason is CloseReason.FALSE_ALARM else Decision.UNDECIDED


def label_pictures(
    files: Iterable[CaseFile], names: Sequence[str], most_per_case: int, since: datetime | None = None
) -> Labelling:
    """Every usable picture with its boxes, by camera and time.

    Args:
        names: the categories a data set may have.
        most_per_case: pictures of one case at most, spread over its life: they look much alike.
        since: pictures taken before are left out.
    """
    witnesses = [_witness(file) for file in files]
    left_out: Counter[LeftOut] = Counter()
    wanted: dict[str, _Look] = {}
    seen: dict[str, _Look] = {}
    for witness in witnesses:
        seen |= {look.original: look for look in witness.looks}
        wanted |= {look.original: look for look in _spread(witness.looks, most_per_case)}
    left_out[LeftOut.ENOUGH] = len(seen) - len(wanted)
    pictures: list[CollectedPicture] = []
    for look in sorted(wanted.values(), key=lambda each: (each.camera, each.at, each.original)):
        if since is not None and look.at < since:
            left_out[LeftOut.TOO_EARLY] += 1
            continue
        made = _label(look, witnesses)
        if isinstance(made, LeftOut):
            left_out[made] += 1
        elif any(box.category not in names for box in made.boxes):
            left_out[LeftOut.UNKNOWN_CATEGORY] += 1
        else:
            pictures.append(made)
    return Labelling(tuple(pictures), {reason: count for reason, count in left_out.items() if count})


def _label(look: _Look, witnesses: Sequence[_Witness]) -> CollectedPicture | LeftOut:
    """One picture's boxes, from every case that has a word on it."""
    boxes: list[NamedBox] = []
    origins: list[Origin] = []
    for witness in witnesses:
        own = next((each for each in witness.looks if each.original == look.original), None)
        word: str = witness.decision
        if own is not None and own.is_corrected:
            found, word = own.boxes, "corrected"
        elif own is None and not any(stay.covers(look.camera, look.at) for stay in witness.stays):
            continue
        elif witness.decision is Decision.UNDECIDED:
            return LeftOut.UNDECIDED
        elif witness.decision is Decision.REJECTED:
            found = ()
        elif own is not None:
            found = own.boxes
        else:
            carried = _carried(look, witness)
            if carried is None:
                return LeftOut.MOVED
            found, word = carried, "carried"
        reason = witness.case.close_reason
        case = f"{witness.case.number}/{witness.case.id}"
        origins.append(Origin(case, word, "" if reason is None else reason.value, witness.case.category))
        first = word == "corrected"
        boxes = _joined(found, boxes) if first else _joined(boxes, found)
    return CollectedPicture(look.original, look.camera, look.at, tuple(boxes), tuple(origins))


def _carried(look: _Look, witness: _Witness) -> tuple[NamedBox, ...] | None:
    """A confirmed case's boxes from its nearest look by this camera; None where its looks around do not agree."""
    own = [each for each in witness.looks if each.camera == look.camera]
    before = max((each for each in own if each.at <= look.at), key=lambda each: each.at, default=None)
    after = min((each for each in own if each.at > look.at), key=lambda each: each.at, default=None)
    if before is None or after is None:
        nearest = before or after
        return None if nearest is None else nearest.boxes
    if not _agree(before.boxes, after.boxes):
        return None
    return before.boxes if look.at - before.at <= after.at - look.at else after.boxes


def _agree(some: Sequence[NamedBox], others: Sequence[NamedBox]) -> bool:
    return len(some) == len(others) and all(any(_is_same(one, other) for other in others) for one in some)


def _joined(first: Sequence[NamedBox], more: Sequence[NamedBox]) -> list[NamedBox]:
    """Both, without what two cases of neighbouring cells show twice."""
    return [*first, *(one for one in more if not any(_is_same(one, other) for other in first))]


def _is_same(one: NamedBox, other: NamedBox) -> bool:
    return one.category == other.category and one.box.iou(other.box) >= SAME_BOX_IOU


def _spread(looks: Sequence[_Look], most: int) -> Sequence[_Look]:
    """At most so many, first and last among them; those a person drew in always."""
    if len(looks) <= most:
        return looks
    steps = {round(i * (len(looks) - 1) / max(1, most - 1)) for i in range(most)}
    return [look for place, look in enumerate(looks) if place in steps or look.is_corrected]


def _witness(file: CaseFile) -> _Witness:
    corrected = {
        correction.picture: correction
        for correction in (
            RegionCorrection.from_json(event.data) for event in file.events if event.kind is CaseEventKind.CORRECTED
        )
    }
    looks = [
        _look(event, event.evidence.original, file.case, corrected.get(event.evidence.original))
        for event in file.events
        if event.evidence is not None and event.kind is not CaseEventKind.CLEARED  # that one shows the place clear
    ]
    looks.sort(key=lambda look: look.at)
    return _Witness(file.case, decision_of(file.case, file.events), tuple(looks), _stays(file))


def _look(event: CaseEvent, original: str, case: Case, correction: RegionCorrection | None) -> _Look:
    if correction is not None:
        boxes = tuple(NamedBox(region.category, region.box) for region in correction.regions)
    else:
        boxes = tuple(NamedBox(case.category, Box(*box)) for box in event.data["boxes"])
    return _Look(str(event.camera_id), event.at, original, boxes, correction is not None)


def _stays(file: CaseFile) -> tuple[_Stay, ...]:
    """When each incident stood where; what nobody saw leave stood until its case was closed, or stands."""
    stays: dict[str, _Stay] = {}
    for event in file.events:
        if event.camera_id is None:
            continue
        data = event.data
        is_gone = event.kind is CaseEventKind.CLEARED or data["incident_kind"] == "cleared"
        since, last = _moment(data["first_seen_at"]), _moment(data["last_seen_at"])
        known = stays.get(data["incident_id"])
        stays[data["incident_id"]] = _Stay(
            event.camera_id,
            min(since, known.since) if known else since,
            last if is_gone else known.until if known else None,
        )
    closed_at = file.case.closed_at
    return tuple(
        _Stay(stay.camera, stay.since, closed_at if stay.until is None else stay.until) for stay in stays.values()
    )


def _moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
