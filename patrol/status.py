"""A camera's status as the API takes it."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from core.clock import isoformat_z
from streams.camera import CameraStatus


def camera_json(status: CameraStatus) -> dict[str, object]:
    """Every field of the status, times as RFC 3339 text; the address carries no secret."""
    return {field.name: plain(getattr(status, field.name)) for field in dataclasses.fields(status)}


def plain(value: object) -> object:
    if isinstance(value, datetime):
        return isoformat_z(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value
