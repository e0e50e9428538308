"""The port behind every kind of feed: open, offer pictures, close."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from streams.frames import Picture


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What a feed says of itself when it opens."""

    codec: str
    width_px: int | None
    """None: only the first picture says."""
    height_px: int | None
    fps: float | None
    is_still: bool = False
    """Each picture is asked for by itself, as often as an interval goes by."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A picture that could be decoded now; one that is not due costs nothing."""

    pts_s: float | None
    """The feed's own clock in seconds; a clip's begins at 0."""
    is_key: bool
    decode: Callable[[], Picture | None]
    """None when the picture is corrupt. To be called, at most once, before the next candidate is asked for."""


@dataclass(frozen=True, slots=True)
class PassEnd:
    """A clip's regular end; a live feed has none, so that its end is a fault."""

    duration_s: float


class Source(Protocol):
    """One connection to a feed; every call may block, none after ``close``."""

    def open(self) -> FeedFacts:
        """Connect. Raises a ``FeedError`` that says why not."""
        ...

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        """Pictures in order, from the first key frame on; ``alive`` is called for every packet that arrives."""
        ...

    def close(self) -> None: ...
