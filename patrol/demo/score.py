"""Cases against the truth: how many twice, how many missed, how many wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ids import CameraId, CategoryId, CellId
from patrol.demo.truth import DemoTruth, TrueEvent


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A case as the API gives it."""

    cell_id: CellId
    category: CategoryId
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """All three are 0 when every true violation has exactly one case and nothing else has one."""

    duplicates: int
    missed: int
    wrong: int


def score(
    truth: DemoTruth,
    cases: Sequence[FiledCase],
    watched_until: Mapping[CameraId, datetime],
    dwell: Mapping[CategoryId, timedelta],
    window: int,
) -> Score:
    """Hold the cases against what stood in the streets.

    A violation is what stood at least its category's dwell time (one thing seen by two cameras in one
    cell is one violation). It counts as missed only when some camera has watched it for its dwell time
    and ``window`` pictures more. A case is wrong when no violation of its category stood in its cell
    while it was seen. Every case beyond the first for one violation is a duplicate.

    Args:
        watched_until: capture time of each camera's last analysed picture.
        dwell: least stay per category.
        window: pictures the m-of-n rule looks at.
    """
    violations = [event for event in truth.events if event.last_at - event.first_at >= dwell[event.category]]
    passes = max((passes_begun(truth, until) for until in watched_until.values()), default=1)
    wrong = 0
    per_violation: Counter[tuple[CellId, CategoryId]] = Counter()
    for case in cases:
        if any(stood_during(truth, event, case, passes) for event in violations):
            per_violation[case.cell_id, case.category] += 1
        else:
            wrong += 1
    expected = {
        (event.cell_id, event.category)
        for event in violations
        if event.camera_id in watched_until
        and min(event.first_at + dwell[event.category] + window * truth.step, event.last_at)
        <= watched_until[event.camera_id]
    }
    missed = sum(1 for key in expected if per_violation[key] == 0)
    duplicates = sum(count - 1 for count in per_violation.values())
    return Score(duplicates, missed, wrong)


def passes_begun(truth: DemoTruth, until: datetime) -> int:
    """How often a looped clip has been begun when its clock shows ``until``."""
    return max(1, int((until - truth.started_at) / truth.duration) + 1)


def stood_during(truth: DemoTruth, event: TrueEvent, case: FiledCase, passes: int) -> bool:
    """Whether the event, in any pass, overlaps the time the case was seen; one picture of slack."""
    if (event.cell_id, event.category) != (case.cell_id, case.category):
        return False
    for number in range(passes):
        shift = number * truth.duration
        if (
            event.first_at + shift - truth.step <= case.last_seen_at
            and case.first_seen_at <= event.last_at + shift + truth.step
        ):
            return case.first_seen_at >= event.first_at + shift - truth.step
    return False
