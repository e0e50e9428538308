"""After a failed try: when the next one is made, or that there is none. Pure: time and chance come in as data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.outbound.errors import NotDelivered
from cases.outbound.settings import OutboundSettings

JITTER = 0.25
"""A wait is varied by up to this share, so that lines that failed together do not come back together."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the head of a line has been through, the failure at hand included."""

    tries: int
    """Of this event."""
    failures_in_row: int
    """Of the line, whichever the event: a receiver that is away is not asked faster for the next event."""
    first_failed_at: datetime


@dataclass(frozen=True, slots=True)
class NextTry:
    """Wait, then try the same event again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The event becomes a dead letter; the line goes on at ``line_goes_on_at``."""

    line_goes_on_at: datetime


def after_failure(
    trouble: Trouble, failure: NotDelivered, now: datetime, rules: OutboundSettings, chance: float
) -> NextTry | GiveUp:
    """
    Args:
        chance: 0 to 1, drawn anew each time.
    """
    rung = trouble.tries if failure.is_refusal else trouble.failures_in_row
    wait_s = min(rules.longest_wait_s, rules.first_wait_s * 2.0 ** min(rung - 1, 40))
    wait_s = min(rules.longest_wait_s, wait_s * (1 + JITTER * (2 * chance - 1)))
    if failure.retry_after_s is not None:
        wait_s = max(wait_s, min(failure.retry_after_s, rules.longest_wait_s))
    most = rules.refused_tries if failure.is_refusal else rules.tries
    is_old = now - trouble.first_failed_at >= timedelta(hours=rules.give_up_hours)
    if failure.is_final or trouble.tries >= most or is_old:
        # A receiver that answered is asked for the next event at once; one that is away, on its own ladder.
        return GiveUp(now if failure.is_refusal or failure.is_final else now + timedelta(seconds=wait_s))
    return NextTry(now + timedelta(seconds=wait_s))
