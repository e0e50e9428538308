"""Uploaded video files as they cross HTTP."""

from typing import Any

from pydantic import ConfigDict

from api.clip_shelf import Clip
from api.wire import Moment, WireModel

EXAMPLE_CLIP: dict[str, Any] = {
    "id": "0c5f2f0e9d5d4a8e8f5f7f0f2c1b3a4d",
    "name": "夜市.mp4",
    "url": "/var/lib/gridpatrol/clips/0c5f2f0e9d5d4a8e8f5f7f0f2c1b3a4d.mp4",
    "bytes": 18422311,
    "codec": "h264",
    "width_px": 1920,
    "height_px": 1080,
    "fps": 25.0,
    "duration_s": 61.4,
    "added_at": "2026-03-02T01:15:00Z",
    "added_by": "王管理",
}


class ClipWire(WireModel):
    """One video file in the data folder."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CLIP]})

    id: str
    name: str
    url: str
    """What the camera that plays it has as its ``url``."""
    bytes: int
    codec: str
    width_px: int
    height_px: int
    fps: float | None
    duration_s: float | None
    added_at: Moment
    added_by: str

    @classmethod
    def of(cls, clip: Clip) -> "ClipWire":
        return cls(
            id=clip.id,
            name=clip.name,
            url=clip.path,
            bytes=clip.bytes,
            codec=clip.codec,
            width_px=clip.width_px,
            height_px=clip.height_px,
            fps=clip.fps,
            duration_s=clip.duration_s,
            added_at=clip.added_at,
            added_by=clip.added_by,
        )


class ClipListWire(WireModel):
    """Every uploaded video file, newest first."""

    clips: tuple[ClipWire, ...]
    largest_bytes: int
    """Of one upload."""
