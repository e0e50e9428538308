"""Reads a server-sent event stream in a test, one event at a time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Said:
    """One event, or a comment (``event`` empty)."""

    event: str
    id: str
    data: Any


def said(answer: httpx.Response) -> Iterator[Said]:
    """Every event and comment of an open stream."""
    event, last_id, data = "", "", ""
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line.startswith(":"):
            yield Said("", "", value)
        elif line:
            event = value if name == "event" else event
            last_id = value if name == "id" else last_id
            data = value if name == "data" else data
        if not line and event:
            yield Said(event, last_id, json.loads(data))
            event, last_id, data = "", "", ""


def next_event(stream: Iterator[Said]) -> Said:
    """The next event, comments left out."""
    return next(each for each in stream if each.event)
