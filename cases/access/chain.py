"""Chains of hashes: each row's hash covers its content and the hash before it, so no row changes or goes unnoticed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.clock import as_utc

FIRST = "0" * 64
"""What the first row of a chain takes as the hash before it."""


def settled(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same as JSON keeps it: keys are text, tuples are lists; what is hashed now equals what is read later.

    Raises:
        ValueError, TypeError: it holds something that JSON does not (a moment, NaN).
    """
    kept: dict[str, Any] = json.loads(json.dumps(dict(data), allow_nan=False))
    return kept


def link(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of a row, lower-case hex.

    Args:
        previous: of the row before, ``FIRST`` for the first.
        content: its columns; moments are told in UTC to the microsecond.
    """
    canonical = json.dumps(
        {name: _moment(value) if isinstance(value, datetime) else value for name, value in content.items()},
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{previous}\n{canonical}".encode("ascii")).hexdigest()


def _moment(value: datetime) -> str:
    return as_utc(value).isoformat(timespec="microseconds")
