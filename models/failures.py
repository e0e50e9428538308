"""What a model gets wrong on labelled pictures, told apart: missed, confused, misplaced, seen where nothing is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.detections import Detection
from core.geometry import Box
from models.matching import JudgedPicture, match_picture, overlaps_of

FailureKind = Literal["missed", "confused", "misplaced", "false_alarm"]
KINDS: tuple[FailureKind, ...] = ("missed", "confused", "misplaced", "false_alarm")
SAME_THING_IOU = 0.5
TOUCHING_IOU = 0.1
"""A find that overlaps a thing of its kind by so much means that thing, however badly its box fits."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One mistake at the operating thresholds; boxes in source pixels."""

    kind: FailureKind
    category: str
    """The truth's; for a false alarm the model's."""
    taken_for: str | None
    """What a confused thing was taken for."""
    confidence: float | None
    """None where it was missed."""
    there: Box | None
    """What is there; None for a false alarm."""
    found: Box | None
    """What the model found; None where it missed."""
    picture: JudgedPicture

    @property
    def box(self) -> Box:
        """Where to look."""
        box = self.there or self.found
        assert box is not None, "a mistake is about something there or something found"  # noqa: S101
        return box

    @property
    def weight(self) -> float:
        """The larger the worse within its kind: a miss's area at 640 px, else the confidence."""
        if self.confidence is None:
            return self.box.area * self.picture.area_factor
        return self.confidence


def failures_in(
    judged: Sequence[JudgedPicture], thresholds: Mapping[str, float], violations: Iterable[str]
) -> list[Failure]:
    """Every mistake about violations, each once, the worst of each kind first.

    Confused: a detection above its threshold on a box whose truth is another category, one of the two a violation.
    Misplaced: it lies at a thing of its kind, with a box that fits badly or comes on top of one that fits. Boxes of
    either are not missed as well, nor are such detections false alarms.

    Args:
        thresholds: of every category; equal ones keep the pictures' order.
    """
    wanted = frozenset(violations)
    found = [failure for picture in judged for failure in _failures_of(picture, thresholds, wanted)]
    return sorted(found, key=lambda failure: (KINDS.index(failure.kind), -failure.weight))


def worst_of_each(failures: Sequence[Failure], most: int) -> list[Failure]:
    """At most so many of each kind, one of each kind from a picture, so that a sheet shows different scenes."""
    chosen: list[Failure] = []
    for kind in KINDS:
        taken: set[int] = set()
        for failure in failures:
            if failure.kind == kind and len(taken) < most and id(failure.picture) not in taken:
                taken.add(id(failure.picture))
                chosen.append(failure)
    return chosen


def _failures_of(picture: JudgedPicture, thresholds: Mapping[str, float], wanted: frozenset[str]) -> list[Failure]:
    matched = {category: match_picture(picture, category, least) for category, least in thresholds.items()}
    failures: list[Failure] = []
    for category, outcome in matched.items():
        for alarm in outcome.false_alarms:
            failure = _failure_of_alarm(alarm, picture)
            if wanted & {category, failure.category}:
                failures.append(failure)
    told = {(failure.category, failure.there) for failure in failures}
    for category, outcome in matched.items():
        for box in outcome.missed:
            if category in wanted and (category, box) not in told:
                failures.append(Failure("missed", category, None, None, box, None, picture))
    return failures


def _failure_of_alarm(alarm: Detection, picture: JudgedPicture) -> Failure:
    """What kind of mistake a detection without a truth box of its own is."""
    overlapped = {
        category: max(zip(overlaps_of([alarm], truth)[0], truth, strict=True), key=lambda one: one[0])
        for category, truth in picture.truth.items()
        if truth
    }
    overlap, own = overlapped.pop(alarm.category, (0.0, None))
    for other, (share, box) in sorted(overlapped.items(), key=lambda one: -one[1][0]):
        if share >= max(SAME_THING_IOU, overlap):
            return Failure("confused", other, str(alarm.category), alarm.confidence, box, alarm.box, picture)
    if overlap >= TOUCHING_IOU:
        return Failure("misplaced", str(alarm.category), None, alarm.confidence, own, alarm.box, picture)
    return Failure("false_alarm", str(alarm.category), None, alarm.confidence, None, alarm.box, picture)
