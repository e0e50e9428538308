"""One picture of a feed, taken by hand: for the person who adds a camera, or ties its view to the ground."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2

from streams.frames import Picture
from streams.opening import source_of
from streams.probe import FeedProbe, probe
from streams.sources import Source
from streams.spec import FeedSpec

JPEG_QUALITY = 88
LARGEST_WIDTH_PX = 1920


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a feed showed, and what it is."""

    facts: FeedProbe
    jpeg: bytes
    """At most ``LARGEST_WIDTH_PX`` wide."""


def take_snapshot(
    spec: FeedSpec,
    timeout_s: float,
    make_source: Callable[[FeedSpec], Source] = source_of,
    width_px: int = LARGEST_WIDTH_PX,
) -> Snapshot:
    """Open the feed, keep its first picture, measure one GOP; takes at most about three ``timeout_s``.

    Raises:
        FeedError: the told-apart reason why there is no picture.
    """
    kept: list[bytes] = []
    facts = probe(spec, timeout_s, make_source, lambda picture: kept.append(as_jpeg(picture, width_px)))
    return Snapshot(facts, kept[-1])


def as_jpeg(picture: Picture, width_px: int = LARGEST_WIDTH_PX) -> bytes:
    """The picture as JPEG, made smaller where it is wider than ``width_px``."""
    width = min(width_px, picture.width_px)
    height = max(1, round(picture.height_px * width / picture.width_px))
    _, data = cv2.imencode(".jpg", picture.scaled(width, height), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return data.tobytes()
