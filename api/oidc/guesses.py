"""Codes that the provider does not know, by the address that brought them: nobody tries many at the provider's cost."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from cases.access.errors import SignInLocked
from cases.access.lockout import FORGOTTEN_AFTER_S, LockRules, address_subject

MOST_ADDRESSES = 10_000
"""Remembered at once; beyond that those that were silent for longest go."""


@dataclass(frozen=True, slots=True)
class _Wrong:
    times: int
    last_at: datetime
    shut_until: datetime


class Guesses:
    """Kept in this process, and not in the database: a stranger's guess must not make anything wait for its disk.

    Threads may share it.

    Args:
        rules: those of the address at the sign-in form.
    """

    def __init__(self, rules: LockRules, most: int = MOST_ADDRESSES) -> None:
        self._rules, self._most = rules, most
        self._lock = Lock()
        self._wrong: OrderedDict[str, _Wrong] = OrderedDict()

    def __len__(self) -> int:
        return len(self._wrong)

    def check(self, address: str, now: datetime) -> None:
        """
        Raises:
            SignInLocked: too many were wrong.
        """
        with self._lock:
            held = self._wrong.get(address_subject(address))
        if held is not None and held.shut_until > now:
            raise SignInLocked((held.shut_until - now).total_seconds())

    def wrong(self, address: str, now: datetime) -> None:
        """One more from there."""
        subject = address_subject(address)
        with self._lock:
            held = self._wrong.get(subject)
            is_old = held is None or (now - held.last_at).total_seconds() >= FORGOTTEN_AFTER_S
            times = 1 if held is None or is_old else held.times + 1
            lock_s = self._rules.lock_s(times, self._rules.per_address)
            self._wrong[subject] = _Wrong(times, now, now + timedelta(seconds=lock_s))
            self._wrong.move_to_end(subject)
            if len(self._wrong) > self._most:
                self._wrong.popitem(last=False)
