"""A first look at a feed: does it open, what does it send, how far apart are its key frames."""

import dataclasses
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from pydantic import ValidationError

from core.errors import ConfigError, FeedCorrupt, FeedError, FeedStalled
from streams.frames import Picture
from streams.opening import source_of
from streams.redaction import redact
from streams.sources import PassEnd, Source
from streams.spec import FeedSpec


@dataclass(frozen=True, slots=True)
class FeedProbe:
    """What a feed showed."""

    address: str
    codec: str
    width_px: int
    height_px: int
    fps: float | None
    gop_s: float | None
    """Seconds from one key frame to the next; None when no second one came in time."""
    gop_frames: int | None
    first_picture_s: float
    """From the call to the first decoded picture."""


def spec_for(url: str, timeout_s: float = 10.0, **more: object) -> FeedSpec:
    """A spec for a bare url that is no camera yet.

    Raises:
        ConfigError: the url or another setting cannot be used; the text holds no secret.
    """
    problem = ""
    try:
        return FeedSpec.model_validate({"id": "probe", "url": url, "timeout_s": timeout_s, **more})
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        problem = "; ".join(redact(item["msg"].removeprefix("Value error, ")) for item in told)
    raise ConfigError(problem)


def probe(
    target: str | FeedSpec,
    timeout_s: float = 10.0,
    make_source: Callable[[FeedSpec], Source] = source_of,
    on_picture: Callable[[Picture], None] | None = None,
) -> FeedProbe:
    """Open the feed, decode its first picture and measure one GOP; takes at most about three ``timeout_s``.

    Args:
        on_picture: called once, with the first picture, in the probe's own thread.

    Raises:
        FeedError: the told-apart reason why there is no picture.
        ConfigError: a url that cannot be used.
    """
    spec = (
        target.model_copy(update={"timeout_s": timeout_s})
        if isinstance(target, FeedSpec)
        else spec_for(target, timeout_s)
    )
    spec = spec.model_copy(update={"full_decode": False})
    look = _Look(spec, timeout_s, make_source, on_picture)
    thread = threading.Thread(target=look.run, name="feed-probe", daemon=True)
    thread.start()
    thread.join(3 * timeout_s + 1)
    if look.fault is not None:
        raise look.fault
    if look.found is None:
        raise FeedStalled(spec.id, 3 * timeout_s + 1)
    return look.found


class _Look:
    """The blocking part, in a thread that can be left behind."""

    def __init__(
        self,
        spec: FeedSpec,
        timeout_s: float,
        make_source: Callable[[FeedSpec], Source],
        on_picture: Callable[[Picture], None] | None,
    ) -> None:
        self._spec = spec
        self._make_source = make_source
        self._on_picture = on_picture
        self._timeout_s = timeout_s
        self._packets = 0
        self.found: FeedProbe | None = None
        self.fault: FeedError | None = None

    def run(self) -> None:
        try:
            with closing(self._make_source(self._spec)) as source:
                self._look(source)
        except FeedError as fault:
            # What was seen before the fault is an answer too.
            if self.found is None:
                self.fault = fault

    def _look(self, source: Source) -> None:
        began_s = time.monotonic()
        facts = source.open()
        opened_s = time.monotonic()
        first_key: tuple[float | None, int] | None = None
        for item in source.candidates(lambda: self._count_packet(opened_s)):
            if isinstance(item, PassEnd):
                break
            if first_key is not None and self.found is not None:
                gop_frames = self._packets - first_key[1]
                if item.pts_s is not None and first_key[0] is not None:
                    gop_s: float | None = round(item.pts_s - first_key[0], 3)
                else:  # the first picture of an RTSP feed may have no time yet
                    gop_s = round(gop_frames / facts.fps, 3) if facts.fps else None
                self.found = dataclasses.replace(self.found, gop_s=gop_s, gop_frames=gop_frames)
                return
            first_key = (item.pts_s, self._packets)
            picture = item.decode()
            if picture is None:
                first_key = None
                continue
            first_picture_s = round(time.monotonic() - began_s, 3)
            if self._on_picture is not None:
                self._on_picture(picture)
            self.found = FeedProbe(
                self._spec.address,
                facts.codec,
                picture.width_px,
                picture.height_px,
                facts.fps,
                None,
                None,
                first_picture_s,
            )
            if facts.is_still:
                return
        if self.found is None:
            raise FeedCorrupt(self._spec.id, f"{self._spec.address} holds no picture that can be decoded")

    def _count_packet(self, opened_s: float) -> None:
        self._packets += 1
        waited_s = time.monotonic() - opened_s
        if waited_s > 2 * self._timeout_s:
            raise FeedStalled(self._spec.id, waited_s)
