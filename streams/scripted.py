"""A feed that follows a script: the twin of the real sources for tests, demos and benchmarks."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.errors import FeedError
from streams.frames import Image, ImagePicture
from streams.sources import Candidate, FeedFacts, PassEnd
from streams.spec import FeedSpec


@dataclass(frozen=True, slots=True, eq=False)
class Show:
    """A key frame; ``image`` None is one that cannot be decoded."""

    pts_s: float | None
    image: Image | None

    def picture(self) -> ImagePicture | None:
        return None if self.image is None else ImagePicture(self.image)


@dataclass(frozen=True, slots=True)
class Hang:
    """A call that does not return until ``until`` is set: what a camera can do to any library."""

    until: threading.Event


@dataclass(frozen=True, slots=True, eq=False)
class Fail:
    """The feed fails."""

    fault: FeedError


Step = Show | Hang | Fail | PassEnd


class ScriptedFeed:
    """One connection that follows ``steps``; a ``Hang`` or ``Fail`` as first step happens while opening."""

    def __init__(self, steps: Iterable[Step], codec: str = "scripted") -> None:
        self._steps = list(steps)
        self._codec = codec

    @classmethod
    def connections(cls, *scripts: Iterable[Step]) -> Callable[[FeedSpec], "ScriptedFeed"]:
        """For ``FeedRunner(make_source=…)``: each connection gets the next script, the last one is repeated."""
        waiting = [list(script) for script in scripts]
        return lambda _spec: cls(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    def open(self) -> FeedFacts:
        while self._steps and isinstance(self._steps[0], (Hang, Fail)):
            _suffer(self._steps.pop(0))
        first = next((step.image for step in self._steps if isinstance(step, Show) and step.image is not None), None)
        height_px, width_px = first.shape[:2] if first is not None else (0, 0)
        return FeedFacts(self._codec, width_px, height_px, None)

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        for step in self._steps:
            alive()
            if isinstance(step, Show):
                yield Candidate(step.pts_s, True, step.picture)
            elif isinstance(step, PassEnd):
                yield step
            else:
                _suffer(step)

    def close(self) -> None:
        self._steps.clear()


def _suffer(step: Step) -> None:
    if isinstance(step, Hang):
        step.until.wait()
    elif isinstance(step, Fail):
        raise step.fault
