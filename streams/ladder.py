"""How long to leave a failed camera alone before the next try."""

import random
from collections.abc import Callable, Sequence

LADDER_S = (1.0, 2.0, 5.0, 10.0, 30.0, 45.0)
"""With the jitter and a try that hangs (twice ``timeout_s``) a camera is back within 90 s of its cure."""
_JITTER = 0.2
_system_random = random.SystemRandom()


class ReconnectLadder:
    """Climbs a rung with each fault; starts again at the foot after the feed was live for a while.

    Args:
        steps_s: waits in seconds; the last is repeated.
        reset_after_s: so long must a connection have shown pictures to count as healthy again.
        spread: 0 to 1, even; spreads each wait by ±20 % so that a thousand cameras do not come back at once.
    """

    def __init__(
        self,
        steps_s: Sequence[float] = LADDER_S,
        reset_after_s: float = 30.0,
        spread: Callable[[], float] = _system_random.random,
    ) -> None:
        if not steps_s or min(steps_s) < 0:
            raise ValueError("a reconnect ladder needs at least one wait, none below 0 s")
        self._steps_s = tuple(steps_s)
        self._reset_after_s = reset_after_s
        self._spread = spread
        self._rung = 0

    def next_s(self, live_s: float) -> float:
        """The wait before the next try, after a connection that showed pictures for ``live_s``."""
        if live_s >= self._reset_after_s:
            self._rung = 0
        step_s = self._steps_s[min(self._rung, len(self._steps_s) - 1)]
        self._rung += 1
        return step_s * (1 - _JITTER + 2 * _JITTER * self._spread())
