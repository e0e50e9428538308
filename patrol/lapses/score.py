"""Cases held against what stood in the streets: right, wrong, twice or missing. Pure arithmetic."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.geometry import Box
from core.ids import CameraId, CaseId
from patrol.demo.score import FiledCase
from patrol.lapses.stays import JudgeRules, Violation

SAME_THING_IOU = 0.5
"""A reported box that overlaps a thing's true box this much (intersection over union) shows that thing."""


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case with the pictures that prove it."""

    id: CaseId
    camera_id: CameraId
    light: str
    filed: FiledCase
    opened_at: datetime
    """Capture time of the picture that opened it."""
    boxes: tuple[Box, ...]
    """Every box it was ever reported with, source pixels."""


class Verdict(StrEnum):
    """What a case is."""

    RIGHT = "right"
    WRONG = "wrong"
    DUPLICATE = "duplicate"
    """A second case of a violation that has one."""
    UNJUDGED = "unjudged"
    """Of a violation that the truth leaves open: neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """One case, judged."""

    case: JudgedCase
    verdict: Verdict
    violation: Violation | None
    """The one it is right for, a second case of, or left open for."""

    @property
    def latency(self) -> timedelta | None:
        """City time from the thing's appearance to its case; None where the case is not right."""
        if self.verdict is not Verdict.RIGHT or self.violation is None:
            return None
        begun = [p.first_at for p in self.violation.presences if p.first_at <= self.case.opened_at]
        return self.case.opened_at - max(begun, default=self.violation.presences[0].first_at)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every case with its verdict, and every judged violation as found or missed."""

    verdicts: tuple[CaseVerdict, ...]
    found: tuple[Violation, ...]
    missed: tuple[Violation, ...]


def judge(violations: Sequence[Violation], cases: Sequence[JudgedCase], rules: JudgeRules) -> Judgement:
    """Give each violation at most one case and each case one verdict.

    A case counts for a violation of its camera and category when it is filed in one of the violation's cells and was
    first seen while the violation stood (one picture of slack). Cases and violations are paired so that as many
    violations as can be have a case; own cells go before a neighbour's. Two things at one border may share a case: a
    violation without one is found all the same when a case that counts for another, in one of its cells and seen while
    it stood, shows the very thing. A case left over is a duplicate when it counts for a judged violation that has its
    case, or shows one from a cell that is none of its own; unjudged when it counts for an unjudged violation; otherwise
    wrong.
    """
    judged = [violation for violation in violations if violation.is_judged]
    unjudged = [violation for violation in violations if not violation.is_judged]
    claims = [case for case in cases if any(_counts(case, violation, rules) for violation in judged)]
    shared = {index for index, each in enumerate(judged) if any(_shares(case, each, rules) for case in claims)}
    pairs = _pair(judged, cases, rules, shared)
    has_case = [judged[index] for index in sorted(pairs.values())]
    verdicts = tuple(
        CaseVerdict(case, Verdict.RIGHT, judged[pairs[number]])
        if number in pairs
        else _left_over(case, unjudged, has_case, rules)
        for number, case in enumerate(cases)
    )
    is_found = shared.union(pairs.values())
    return Judgement(
        verdicts,
        found=tuple(violation for index, violation in enumerate(judged) if index in is_found),
        missed=tuple(violation for index, violation in enumerate(judged) if index not in is_found),
    )


def _left_over(
    case: JudgedCase, unjudged: Sequence[Violation], has_case: Sequence[Violation], rules: JudgeRules
) -> CaseVerdict:
    left_open = next((violation for violation in unjudged if _counts(case, violation, rules)), None)
    if left_open is not None:
        return CaseVerdict(case, Verdict.UNJUDGED, left_open)
    again = next((v for v in has_case if _counts(case, v, rules) or _shows_during(case, v, rules)), None)
    if again is not None:
        return CaseVerdict(case, Verdict.DUPLICATE, again)
    return CaseVerdict(case, Verdict.WRONG, None)


def _counts(case: JudgedCase, violation: Violation, rules: JudgeRules) -> bool:
    return case.filed.cell_id in violation.cells and _stood_then(case, violation, rules)


def _shows_during(case: JudgedCase, violation: Violation, rules: JudgeRules) -> bool:
    return _stood_then(case, violation, rules) and _shows(case, violation)


def _stood_then(case: JudgedCase, violation: Violation, rules: JudgeRules) -> bool:
    if (case.camera_id, case.filed.category) != (violation.camera_id, violation.category):
        return False
    step = rules.step[case.camera_id]
    seen_at = case.filed.first_seen_at
    return any(p.first_at - step <= seen_at <= p.last_at + step for p in violation.presences)


def _shares(case: JudgedCase, violation: Violation, rules: JudgeRules) -> bool:
    """Whether a neighbour's case, which may be older, took this violation in."""
    if (case.camera_id, case.filed.category) != (violation.camera_id, violation.category):
        return False
    step = rules.step[case.camera_id]
    first_at, last_at = case.filed.first_seen_at - step, case.filed.last_seen_at + step
    is_alive = any(p.first_at <= last_at and first_at <= p.last_at for p in violation.presences)
    return is_alive and case.filed.cell_id in violation.cells and _shows(case, violation)


def _shows(case: JudgedCase, violation: Violation) -> bool:
    return any(box.iou(stay.box) >= SAME_THING_IOU for box in case.boxes for stay in violation.stays)


def _pair(
    judged: Sequence[Violation], cases: Sequence[JudgedCase], rules: JudgeRules, shared: Set[int]
) -> dict[int, int]:
    """Case number -> violation number: a largest pairing, found with augmenting paths.

    Args:
        shared: violations that can do without a case of their own; they come last.
    """
    choices = [
        sorted(
            (number for number, case in enumerate(cases) if _counts(case, violation, rules)),
            key=lambda number: (cases[number].filed.cell_id != violation.cell_id, cases[number].opened_at, number),
        )
        for violation in judged
    ]
    holder: dict[int, int] = {}

    def settle(index: int, tried: set[int]) -> bool:
        for number in choices[index]:
            if number in tried:
                continue
            tried.add(number)
            if number not in holder or settle(holder[number], tried):
                holder[number] = index
                return True
        return False

    needy = [index for index in range(len(judged)) if index not in shared]
    for indices in (needy, sorted(shared)):
        for index in indices:
            own = (n for n in choices[index] if n not in holder and cases[n].filed.cell_id == judged[index].cell_id)
            first_own = next(own, None)
            if first_own is not None:
                holder[first_own] = index
        for index in indices:
            if index not in holder.values():
                settle(index, set())
    return holder
