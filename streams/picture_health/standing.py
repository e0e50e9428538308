"""From readings to findings: one bad picture raises nothing, one good picture ends nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from streams.picture_health.findings import Finding, FindingKind, Reading
from streams.picture_health.rules import HealthRules


@dataclass(frozen=True, slots=True)
class Standing:
    """How one kind of trouble stands with one view."""

    bad_pictures: int = 0
    """In a row."""
    bad_since: datetime | None = None
    last_bad_at: datetime | None = None
    good_pictures: int = 0
    """In a row."""
    is_raised: bool = False
    newest: Reading | None = None
    """The newest bad reading."""

    @property
    def is_in_doubt(self) -> bool:
        """The newest picture that could be judged was bad, and nobody has been told yet."""
        return self.bad_pictures > 0 and not self.is_raised

    def finding(self, kind: FindingKind) -> Finding | None:
        if not self.is_raised or self.newest is None or self.bad_since is None:
            return None
        newest = self.newest
        return Finding(kind, self.bad_since, newest.value, newest.threshold, newest.shift)


def settle(before: Standing, reading: Reading | None, at: datetime, rules: HealthRules) -> Standing:
    """How it stands after one more picture, captured ``at``.

    One that cannot be judged changes nothing, except that a doubt which is not renewed within ``raise_s`` is dropped:
    a view must not stay unlooked at for a doubt that nobody is told of.
    """
    if reading is None or reading.is_bad is None:
        is_old = before.last_bad_at is not None and (at - before.last_bad_at).total_seconds() >= rules.raise_s
        return Standing() if before.is_in_doubt and is_old else before
    if not reading.is_bad:
        good = before.good_pictures + 1
        if before.is_raised and good < rules.clear_pictures:
            return replace(before, good_pictures=good)
        return Standing(good_pictures=min(good, rules.clear_pictures))
    bad, since = before.bad_pictures + 1, before.bad_since or reading.since or at
    wait_s = rules.raise_s if reading.raise_s is None else reading.raise_s
    is_enough = wait_s == 0 or bad >= rules.raise_pictures
    is_long = is_enough and (at - since).total_seconds() >= wait_s
    return Standing(bad, since, at, 0, before.is_raised or is_long, reading)
