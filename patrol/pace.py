"""Back-pressure: when the machine cannot keep what was promised, every camera's interval stretches alike."""

from dataclasses import dataclass

LOST_IS_TOO_MUCH = 0.02
"""Share of decoded pictures that nobody had time to look at, from which the intervals stretch."""
MARGIN = 0.05
"""Stretched by this much more than was lost, so that it soon ends."""
IDLE_ENOUGH = 0.85
"""Share of the time spent looking, to which the intervals shorten again when hardly anything is lost."""
SHORTEN_MOST = 0.6
"""In one step: the rush of all cameras at a start is soon over, and must not slow the patrol down for long."""
MOST = 20.0
"""An interval stretches no further; whoever needs more needs another machine."""
TRY_SHORTER = 0.93
"""Lanes that share their cores with the decoders look busy long before they are full, so how full they are is tried: as
soon as nothing was lost, the intervals shorten to so much of what they are."""
MOST_PATIENCE = 32
"""Rounds between two tries, at most: each that failed doubles them, for it cost some cameras a picture."""


@dataclass(frozen=True, slots=True)
class Load:
    """What happened since the last time it was asked; all cameras together."""

    decoded: int
    lost: int
    """Decoded, and replaced before anybody looked."""
    busy_share: float
    """Of the lanes' time, spent looking; 0 to 1."""


class Pace:
    """One factor for every camera, so that none starves: 1 where the machine keeps what was promised."""

    def __init__(self) -> None:
        self._stretch = 1.0
        self._patience = 1
        """Rounds without a loss before shorter intervals are tried."""
        self._calm_rounds = 0
        self._is_trying = False

    @property
    def stretch(self) -> float:
        """Intervals are this many times what the settings promise; 1 or more."""
        return self._stretch

    def adapt(self, load: Load) -> bool:
        """Learn from one round's load; True when the factor changed."""
        before = self._stretch
        lost_share = load.lost / load.decoded if load.decoded else 0.0
        if lost_share > LOST_IS_TOO_MUCH:
            self._stretch_by(1 + lost_share + MARGIN)
        elif load.busy_share < IDLE_ENOUGH:
            # What is looked at in a second is one over the stretch: so much shorter, and the lanes are busy enough.
            self._shorten_to(max(SHORTEN_MOST, load.busy_share / IDLE_ENOUGH))
            self._patience = 1
        elif before > 1.0:
            self._calm_rounds += 1
            if self._calm_rounds >= self._patience:
                self._shorten_to(TRY_SHORTER)
                self._is_trying = True
        return self._stretch != before

    def _stretch_by(self, factor: float) -> None:
        self._stretch = min(MOST, self._stretch * factor)
        if self._is_trying:
            self._patience = min(MOST_PATIENCE, 2 * self._patience)
        self._is_trying, self._calm_rounds = False, 0

    def _shorten_to(self, share: float) -> None:
        self._stretch = max(1.0, self._stretch * share)
        self._is_trying, self._calm_rounds = False, 0
