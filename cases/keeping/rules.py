"""How long a picture is kept, and the decision whether it may go: section ``[keeping]`` of gridpatrol.toml.

The law asks for at least 30 days of what public cameras show, and for its end when the purpose is met. A picture may go
when its own days have passed, counted from its capture, **and** the days after the closing of every case that names it;
while one of those cases is open, whatever its stage, it stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LEAST_DAYS = 30
"""State Council Order 799: kept at least 30 days."""
LONGEST_DAYS = 3650

Days = Annotated[int, Field(ge=LEAST_DAYS, le=LONGEST_DAYS)]


class KeepingRules(BaseModel):
    """What a city keeps, and for how long; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Days = 90
    """Days that a picture is kept from its capture on, where nothing else is said."""
    cameras: dict[str, Days] = Field(default_factory=dict)
    """Camera id -> days, in place of ``days``."""
    categories: dict[str, Days] = Field(default_factory=dict)
    """Category id -> days, in place of ``days``. Where a camera's days are given too, the longer ones count."""
    after_closing_days: Days = 30
    """Days that a case's pictures stay once it was closed, however old they are."""
    unreferenced_hours: float = Field(24.0, ge=1.0, le=24.0 * 30)
    """A picture that no case has named for so long, and a file left by a broken upload, is swept."""
    every_hours: float = Field(6.0, ge=0.1, le=24.0 * 7)
    """Between two purges of the API's own; 0.1 is 6 minutes."""
    scheduled: bool = True
    """False: nothing is purged but by ``gridpatrol keeping purge``."""


@dataclass(frozen=True, slots=True)
class PictureUse:
    """One case that names a picture."""

    case_id: str
    case_number: str
    camera_id: str | None
    category: str
    captured_at: datetime
    """Of the earliest event that names it; aware."""
    closed_at: datetime | None
    """None while the case is open."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a picture may go, and by which rule."""

    may_go: bool
    rule: str
    """In words, for the record of what was removed."""


def judge(uses: Iterable[PictureUse], rules: KeepingRules, now: datetime) -> Verdict:
    """Whether a picture that these cases name may go now: only if each of them lets it go.

    Args:
        uses: every case that names it, at least one.
        now: aware.
    """
    reasons = []
    for use in uses:
        if use.closed_at is None:
            return Verdict(False, f"case {use.case_number} is open")
        days, why = days_of(use.camera_id, use.category, rules)
        until = max(use.captured_at + timedelta(days=days), use.closed_at + timedelta(days=rules.after_closing_days))
        if now < until:
            return Verdict(False, f"case {use.case_number} keeps it until {until.isoformat()}")
        reasons.append(f"{why}: {days} days from capture; {rules.after_closing_days} days from closing")
    return Verdict(bool(reasons), "; ".join(dict.fromkeys(reasons)) or "no case names it")


def days_of(camera_id: str | None, category: str, rules: KeepingRules) -> tuple[int, str]:
    """Days from capture, and whose rule they are."""
    named = []
    if camera_id is not None and camera_id in rules.cameras:
        named.append((rules.cameras[camera_id], f"camera {camera_id}"))
    if category in rules.categories:
        named.append((rules.categories[category], f"category {category}"))
    return max(named, default=(rules.days, "default"))


def least_days(rules: KeepingRules) -> int:
    """No picture younger than this can go."""
    return min([rules.days, *rules.cameras.values(), *rules.categories.values()])
