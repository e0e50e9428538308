"""Lines of text to fixes; what a line is worth is counted, and one bad line costs only itself."""

from dataclasses import dataclass
from typing import Protocol

from core.positions import Fix

LONGEST_LINE = 4096
"""Bytes; a longer one is no sentence of any format."""


@dataclass(frozen=True, slots=True)
class LineCounts:
    """What became of the lines so far."""

    fixes: int = 0
    no_fix: int = 0
    """The receiver says that it has no position."""
    bad: int = 0
    """A wrong checksum, cut off, or not of the format."""
    other: int = 0
    """Sentences that tell no position."""


class LineReader(Protocol):
    """Turns one format's lines into fixes."""

    @property
    def counts(self) -> LineCounts: ...

    def read(self, line: bytes) -> Fix | None:
        """The fix that a line tells; None where it tells none. Never raises."""
        ...
