"""When a camera's next picture is due: an interval after the last, in the mean, whatever beat key frames come at."""

SLACK = 0.1
"""A key frame may come this share of the interval early, while nobody knows how often they come."""
FOLLOW = 0.1
"""Share by which a live feed's next due moment moves towards the moment its key frame came at: a feed whose key frames
came just between two due moments would else be looked at now one key frame early, now one late."""


class Beat:
    """Seconds of one clock throughout; not shared between threads.

    Args:
        interval_s: between two pictures, in the mean.
        is_live: key frames come when they come, and jitter; a clip's are exactly where they are.
    """

    def __init__(self, interval_s: float, is_live: bool) -> None:
        self._interval_s = interval_s
        self._is_live = is_live
        self._key_gap_s: float | None = None
        self._due_s: float | None = None

    def key_frames_come_every(self, gap_s: float) -> None:
        """What was measured last."""
        self._key_gap_s = gap_s

    def is_due(self, at_s: float) -> bool:
        """Whether a key frame at this moment is to be taken; the first one is."""
        return self._due_s is None or at_s >= self._due_s - self._slack_s()

    def take(self, at_s: float, stretch: float = 1.0) -> None:
        """A key frame was taken: the next is due one interval after this one was; after a gap, half of one at least.

        Args:
            stretch: how many times the interval it is to be at present.
        """
        interval_s = self._interval_s * stretch
        was_due_s = at_s if self._due_s is None else self._due_s
        if self._is_live:
            was_due_s += FOLLOW * (at_s - was_due_s)
        self._due_s = max(was_due_s, at_s - interval_s / 2) + interval_s

    def _slack_s(self) -> float:
        """Of a live feed the key frame nearest to the due moment is taken."""
        if self._key_gap_s is None or not self._is_live:
            return SLACK * self._interval_s
        return min(self._key_gap_s, self._interval_s) / 2
