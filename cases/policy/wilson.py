"""How sure a measured precision is: the Wilson score interval's lower end (Wilson 1927). Pure."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What people said of the last candidates of one camera and category, by day or by night."""

    reviewed: int
    right: int

    @property
    def precision(self) -> float | None:
        """Share that was right, 0 to 1; None before the first review: not assessed, never 0 or 1."""
        return None if self.reviewed == 0 else self.right / self.reviewed

    def lower_bound(self, z: float) -> float | None:
        """The least precision that these reviews still speak for; None before the first."""
        return None if self.reviewed == 0 else wilson_lower(self.right, self.reviewed, z)


def wilson_lower(right: int, reviewed: int, z: float) -> float:
    """The lower end of the Wilson score interval for ``right`` of ``reviewed``, 0 to 1.

    Args:
        z: standard deviations; 1.645 leaves 5 % below on one side.
    """
    if reviewed <= 0:
        return 0.0
    share, z2 = right / reviewed, z * z
    middle = share + z2 / (2 * reviewed)
    reach = z * math.sqrt(share * (1 - share) / reviewed + z2 / (4 * reviewed * reviewed))
    return min(1.0, max(0.0, (middle - reach) / (1 + z2 / reviewed)))
