"""Precision, recall, duplicates and latency of judged cases: over all, per category, per light."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, sqrt

from patrol.lapses.score import CaseVerdict, Judgement, Verdict
from patrol.lapses.stays import Violation

_Z_95 = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Latency:
    """City time from a thing's appearance to its case, seconds, over the right cases."""

    median_s: float
    p90_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts, and what follows from them."""

    violations: int
    """Judged violations."""
    found: int
    right: int
    """Cases that are their violation's own; two things at one border may share one, so ``found`` can be more."""
    wrong: int
    duplicates: int
    unjudged: int
    """Cases that are neither right nor wrong; they count nowhere."""
    latency: Latency | None
    """None where no case is right."""

    @property
    def missed(self) -> int:
        return self.violations - self.found

    @property
    def precision(self) -> float | None:
        """Right cases among those that count; a duplicate counts against it. None without any."""
        counted = self.right + self.wrong + self.duplicates
        return self.right / counted if counted else None

    @property
    def recall(self) -> float | None:
        """Violations found; None where there was none."""
        return self.found / self.violations if self.violations else None

    @property
    def precision_95(self) -> tuple[float, float] | None:
        return interval_95(self.right, self.right + self.wrong + self.duplicates)

    @property
    def recall_95(self) -> tuple[float, float] | None:
        return interval_95(self.found, self.violations)

    def as_json(self) -> dict[str, object]:
        """Every figure under its own name."""
        latency = self.latency
        return {
            "violations": self.violations,
            "found": self.found,
            "missed": self.missed,
            "right": self.right,
            "wrong": self.wrong,
            "duplicates": self.duplicates,
            "unjudged": self.unjudged,
            "precision": self.precision,
            "precision_95": self.precision_95,
            "recall": self.recall,
            "recall_95": self.recall_95,
            "latency_s": None
            if latency is None
            else {"median": latency.median_s, "p90": latency.p90_s, "most": latency.most_s},
        }


@dataclass(frozen=True, slots=True)
class LapseFigures:
    """The whole score sheet; categories and kinds of light in alphabetical order."""

    overall: Figures
    by_category: Mapping[str, Figures]
    by_light: Mapping[str, Figures]

    def as_json(self) -> dict[str, object]:
        return {
            "all": self.overall.as_json(),
            "by_category": {name: figures.as_json() for name, figures in self.by_category.items()},
            "by_light": {name: figures.as_json() for name, figures in self.by_light.items()},
        }


def figures_of(judgement: Judgement) -> LapseFigures:
    """Add the judgement up."""
    return LapseFigures(
        _add_up(judgement.verdicts, judgement.found, judgement.missed),
        _parted(judgement, lambda verdict: verdict.case.filed.category, lambda violation: violation.category),
        _parted(judgement, lambda verdict: verdict.case.light, lambda violation: violation.light),
    )


def _parted(
    judgement: Judgement, of_case: Callable[[CaseVerdict], str], of_violation: Callable[[Violation], str]
) -> dict[str, Figures]:
    names = {of_case(verdict) for verdict in judgement.verdicts}
    names |= {of_violation(violation) for violation in (*judgement.found, *judgement.missed)}
    return {
        name: _add_up(
            [verdict for verdict in judgement.verdicts if of_case(verdict) == name],
            [violation for violation in judgement.found if of_violation(violation) == name],
            [violation for violation in judgement.missed if of_violation(violation) == name],
        )
        for name in sorted(names)
    }


def _add_up(verdicts: Sequence[CaseVerdict], found: Sequence[Violation], missed: Sequence[Violation]) -> Figures:
    count = Counter(verdict.verdict for verdict in verdicts)
    latencies = [verdict.latency for verdict in verdicts if verdict.latency is not None]
    return Figures(
        violations=len(found) + len(missed),
        found=len(found),
        right=count[Verdict.RIGHT],
        wrong=count[Verdict.WRONG],
        duplicates=count[Verdict.DUPLICATE],
        unjudged=count[Verdict.UNJUDGED],
        latency=latency_of(latencies),
    )


def latency_of(latencies: Sequence[timedelta]) -> Latency | None:
    """Median, ninth decile and most (each a value that occurred: the nearest rank); None for none."""
    if not latencies:
        return None
    ordered = sorted(latency.total_seconds() for latency in latencies)

    def rank(share: float) -> float:
        return ordered[max(0, ceil(share * len(ordered)) - 1)]

    return Latency(rank(0.5), rank(0.9), ordered[-1])


def interval_95(hits: int, of: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a share; None where nothing was counted."""
    if not of:
        return None
    share, z2 = hits / of, _Z_95 * _Z_95
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z_95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, centre - half), min(1.0, centre + half)
