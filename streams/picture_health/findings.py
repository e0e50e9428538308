"""What can be wrong with a camera's picture, with the measure that says so."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong; in the order in which a person should mend it."""

    LOST = "lost"
    """No picture comes."""
    BLACK = "black"
    """Nothing is lit."""
    OVER_EXPOSED = "over_exposed"
    """Most of it is burnt out."""
    FROZEN = "frozen"
    """Pictures come, and are one and the same."""
    COVERED = "covered"
    """Something hangs before the lens."""
    BLURRED = "blurred"
    """It is out of focus."""
    MOVED = "moved"
    """It does not show what it was calibrated on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure of one picture."""

    value: float
    """``lost``, ``frozen``: seconds; ``black``: level of 0 to 255; ``blurred``: sharpness by the reference's;
    the others: share of the picture."""
    threshold: float
    is_bad: bool | None
    """None: between good and bad, or not to be told; it then counts for neither."""
    shift: tuple[float, float] | None = None
    """``moved``: how far to the right and down the scene has gone, shares of the width; None where it is not found."""
    raise_s: float | None = None
    """Overrides the rules' where one picture says less, or already says enough (0)."""
    since: datetime | None = None
    """When it began, where the reading itself says so."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a view and has been for a while."""

    kind: FindingKind
    since: datetime
    """The first bad picture; UTC."""
    value: float
    """The newest measure, in the unit of ``Reading.value``."""
    threshold: float
    shift: tuple[float, float] | None = None
    """Shares of the picture's width, right and down."""
