"""GPX: the points of every track, in the order of time."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import InvalidOperation
from xml.etree.ElementTree import Element

from gpx import from_string
from gpx.waypoint import Waypoint

from core.geometry import Point
from core.positions import Fix

_UERE_M = 3.0


def read_gpx(raw: bytes) -> tuple[tuple[Fix, ...], int]:
    """The fixes of a GPX document, and how many points had to be left out: without a time, or without a fix.

    Course and speed are taken from the points' extensions (Garmin's TrackPointExtension, and its kin); GPX itself has
    none since 1.1.

    Raises:
        ValueError: it is no GPX, or a time in it has no zone; the text says what.
    """
    try:
        document = from_string(raw)
    except InvalidOperation:
        raise ValueError("it is not a GPX document: a number in it cannot be read; mend: export it again") from None
    except (ET.ParseError, ValueError, KeyError) as error:
        raise ValueError(f"it is not a GPX document: {error}; mend: export it again") from None
    fixes: list[Fix] = []
    left_out = 0
    for point in _points(document.trk):
        fix = _fix(point)
        if fix is None:
            left_out += 1
        else:
            fixes.append(fix)
    return tuple(sorted(fixes, key=lambda each: each.at)), left_out


def _points(tracks: object) -> Iterator[Waypoint]:
    for track in tracks if isinstance(tracks, list) else []:
        for segment in track.trkseg:
            yield from segment.trkpt


def _fix(point: Waypoint) -> Fix | None:
    if point.time is None or point.fix == "none":
        return None
    if point.time.tzinfo is None:
        raise ValueError(
            f"its time {point.time.isoformat()} has no zone; GPX times are UTC and end in Z: export it again"
        )
    course, speed = _extra(point, "course"), _extra(point, "speed")
    return Fix(
        point.time,
        Point(float(point.lon), float(point.lat)),
        course_deg=course,
        speed_mps=speed if speed is None or speed >= 0.0 else None,
        error_m=None if point.hdop is None else float(point.hdop) * _UERE_M,
    )


def _extra(point: Waypoint, name: str) -> float | None:
    """A number from the point's extensions, whatever their namespace."""
    if point.extensions is None:
        return None
    for element in point.extensions.elements:
        for child in element.iter():
            if _plain(child) == name:
                try:
                    return float(child.text or "")
                except ValueError:
                    return None
    return None


def _plain(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
