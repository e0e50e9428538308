"""Every wrong, missed and duplicate case, told so that a person can find it and look."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.clock import isoformat_z
from core.detections import Detection
from core.ids import CameraId, CaseId
from detector.evidence import annotate, as_jpeg
from detector.ports import Detector
from patrol.lapses.run import FiledEvidence
from patrol.lapses.score import SAME_THING_IOU, CaseVerdict, JudgedCase, Judgement, Verdict
from patrol.lapses.stays import Stay, Violation
from patrol.lapses.truth import Lapse, LapseError
from patrol.settings import CameraSettings
from patrol.survey import looks_in

LEAST_IOU = 0.1
"""Below this a case's box shows something that the truth does not know."""


class FaultKind(StrEnum):
    """What went wrong."""

    WRONG = "wrong"
    MISSED = "missed"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Fault:
    """One case too many, or one too few."""

    kind: FaultKind
    lapse: str
    light: str
    category: str
    cell_id: str
    first_at: datetime
    last_at: datetime
    """Patrol's time: of a case its first and last sighting, of a missed violation how long it stood."""
    pictures: tuple[int, int]
    """The same as numbers of the clip's pictures, from 0."""
    what: str
    """What the truth knows of it."""
    case_number: str | None
    seen_in: tuple[int, int] | None
    """Of a missed violation: in how many pictures the detector alone sees its longest stay, of how many."""
    picture: Path | None
    """The case's annotated evidence, or a picture of what was missed; None where the case has no evidence."""

    def as_json(self) -> dict[str, object]:
        return {
            "kind": self.kind.value,
            "lapse": self.lapse,
            "light": self.light,
            "category": self.category,
            "cell_id": self.cell_id,
            "first_at": isoformat_z(self.first_at),
            "last_at": isoformat_z(self.last_at),
            "pictures": list(self.pictures),
            "what": self.what,
            "case_number": self.case_number,
            "seen_in": self.seen_in,
            "picture": None if self.picture is None else str(self.picture),
        }


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of one lapse: its clip, when its camera began, and what stood in it."""

    lapse: Lapse
    camera: CameraSettings
    stays: tuple[Stay, ...]

    def picture_at(self, at: datetime) -> int:
        """The number of the picture taken then."""
        begun_at = self.camera.started_at or self.lapse.started_at
        return min(max(0, round((at - begun_at) / self.lapse.step)), self.lapse.frames - 1)


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks once more at what was missed.

    Args:
        folder: where a picture of each goes.
    """

    detector: Detector
    folder: Path


def faults_of(
    judgement: Judgement,
    scenes: Mapping[CameraId, Scene],
    evidence: Mapping[CaseId, FiledEvidence],
    looker: Looker,
) -> tuple[Fault, ...]:
    """All faults, by lapse and time; a picture of each missed violation is written into the looker's folder.

    Raises:
        LapseError: a clip can no longer be read, or a picture cannot be written.
    """
    wrong = (_of_case(verdict, scenes[verdict.case.camera_id], evidence) for verdict in judgement.verdicts)
    faults = [fault for fault in wrong if fault is not None]
    faults += (_of_missed(each, scenes[each.camera_id], looker) for each in judgement.missed)
    return tuple(sorted(faults, key=lambda fault: (fault.lapse, fault.first_at, fault.kind, fault.category)))


def _of_case(verdict: CaseVerdict, scene: Scene, evidence: Mapping[CaseId, FiledEvidence]) -> Fault | None:
    case = verdict.case
    if verdict.verdict is Verdict.WRONG:
        kind, what = FaultKind.WRONG, shown_by(case, scene)
    elif verdict.verdict is Verdict.DUPLICATE and verdict.violation is not None:
        kind, what = FaultKind.DUPLICATE, f"a second case of {_names(verdict.violation.stays)}"
    else:
        return None
    filed = case.filed
    return Fault(
        kind=kind,
        lapse=case.camera_id,
        light=case.light,
        category=filed.category,
        cell_id=filed.cell_id,
        first_at=filed.first_seen_at,
        last_at=filed.last_seen_at,
        pictures=(scene.picture_at(filed.first_seen_at), scene.picture_at(filed.last_seen_at)),
        what=what,
        case_number=evidence[case.id].number,
        seen_in=None,
        picture=evidence[case.id].annotated,
    )


def shown_by(case: JudgedCase, scene: Scene) -> str:
    """What the truth knows of the thing in a wrong case's boxes."""
    at = case.filed.first_seen_at
    shown = [
        (max(box.iou(stay.box) for box in case.boxes), stay)
        for stay in scene.stays
        if case.boxes and stay.first_at <= case.filed.last_seen_at and at <= stay.last_at
    ]
    iou, stay = max(shown, key=lambda pair: pair[0], default=(0.0, None))
    if stay is None or iou < LEAST_IOU:
        return "nothing that the truth knows of"
    minutes = stay.length.total_seconds() / 60
    kind = stay.category or "no violation"
    return f"{_name(stay)} ({kind}, stood {minutes:.0f} min in cell {stay.cell_id}, IoU {iou:.2f})"


def _of_missed(violation: Violation, scene: Scene, looker: Looker) -> Fault:
    first_at, last_at = violation.presences[0].first_at, violation.presences[-1].last_at
    longest = max(violation.stays, key=lambda stay: (stay.is_judged, stay.length))
    minutes = longest.length.total_seconds() / 60
    return Fault(
        kind=FaultKind.MISSED,
        lapse=violation.camera_id,
        light=violation.light,
        category=violation.category,
        cell_id=violation.cell_id,
        first_at=first_at,
        last_at=last_at,
        pictures=(scene.picture_at(first_at), scene.picture_at(last_at)),
        what=f"{_names(violation.stays)} (stood {minutes:.0f} min)",
        case_number=None,
        seen_in=_seen_in(longest, scene, looker.detector),
        picture=_picture_of(longest, scene, looker.folder),
    )


def _seen_in(stay: Stay, scene: Scene, detector: Detector) -> tuple[int, int]:
    first, last = scene.picture_at(stay.first_at), scene.picture_at(stay.last_at)
    seen = [
        any(d.category == stay.category and d.box.iou(stay.box) >= SAME_THING_IOU for d in detector.detect(look.load()))
        for look in looks_in(scene.lapse.clip)
        if look.frame is not None and first <= look.frame <= last
    ]
    return sum(seen), len(seen)


def _picture_of(stay: Stay, scene: Scene, folder: Path) -> Path:
    """The picture in the middle of the stay, with the true box drawn."""
    wanted = scene.picture_at(stay.first_at + stay.length / 2)
    look = next((look for look in looks_in(scene.lapse.clip) if look.frame == wanted), None)
    if look is None or stay.category is None:
        raise LapseError(f"{scene.lapse.clip}: has no picture {wanted}; mend: render the lapse again")
    drawn = annotate(
        look.load().whole(), (Detection(stay.category, 1.0, stay.box),), f"missed: {_name(stay)}, picture {wanted}"
    )
    path = folder / f"{stay.camera_id}_{stay.event_id}_{re.sub(r'[^A-Za-z0-9_-]', '-', stay.category)}.jpg"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_jpeg(drawn))
    except OSError as error:
        raise LapseError(
            f"{path}: cannot be written ({error.strerror}); mend: free space, or another --data-dir"
        ) from error
    return path


def _names(stays: Sequence[Stay]) -> str:
    return " and ".join(_name(stay) for stay in stays)


def _name(stay: Stay) -> str:
    words = [stay.name or (stay.category or "thing"), stay.variant]
    return f"{' '.join(word for word in words if word)} #{stay.event_id}"
