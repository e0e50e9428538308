"""Watched cameras and tours as they cross HTTP."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.watched_pictures import WatchedPicture, Wish
from api.wire import Identifier, Moment, WireModel
from cases.cameras import CameraRecord
from cases.wall.tours import MOST_CAMERAS, Tour
from core.ids import CameraId

EXAMPLE_TOUR: dict[str, Any] = {"cameras": ["CAM-01", "CAM-02"], "per_page": 4, "every_s": 20.0}


class WatchedCameraWire(WireModel):
    """A camera that somebody watches."""

    camera_id: Identifier
    live: bool
    """In a live view: each key frame is wanted."""

    @classmethod
    def of(cls, wish: Wish) -> "WatchedCameraWire":
        return cls(camera_id=wish.camera_id, live=wish.is_live)


class WatchedCamerasWire(WireModel):
    """What workers are to send pictures of, if it is theirs."""

    cameras: tuple[WatchedCameraWire, ...]


class ShownPictureWire(WireModel):
    """The last picture of a camera."""

    tag: str
    """Another one for another picture."""
    url: str
    captured_at: Moment
    age_s: float


class WallCameraWire(WireModel):
    """One camera on the wall."""

    camera_id: str
    name: str
    state: str
    """connecting, live, stalled, down, disabled, ended; ``unknown`` where no worker tells of it."""
    error_kind: str | None = None
    findings: tuple[str, ...] = ()
    """What is wrong with its picture."""
    is_silent: bool = False
    """Its worker has said nothing for a while: the state is its last word."""
    picture: ShownPictureWire | None = None

    @classmethod
    def of(
        cls, camera_id: CameraId, record: CameraRecord | None, picture: ShownPictureWire | None, is_silent: bool
    ) -> "WallCameraWire":
        if record is None:
            return cls(camera_id=camera_id, name="", state="unknown", picture=picture)
        return cls(
            camera_id=camera_id,
            name=record.name,
            state=record.state,
            error_kind=record.error_kind,
            findings=tuple(each.kind for each in record.health.findings),
            is_silent=is_silent,
            picture=picture,
        )


class WallWire(WireModel):
    """The cameras that were asked for, in that order."""

    cameras: tuple[WallCameraWire, ...]


def shown(picture: WatchedPicture, url: str, age_s: float) -> ShownPictureWire:
    return ShownPictureWire(tag=picture.tag, url=url, captured_at=picture.captured_at, age_s=round(age_s, 2))


class TourDraftWire(WireModel):
    """A tour as its owner wants it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_TOUR]})

    cameras: tuple[Identifier, ...] = Field(min_length=1, max_length=MOST_CAMERAS)
    per_page: Literal[1, 4, 9, 16] = 4
    every_s: float = Field(20.0, ge=5, le=3600)

    def as_tour(self, name: str) -> Tour:
        return Tour(name, tuple(CameraId(each) for each in self.cameras), self.per_page, self.every_s)


class TourWire(WireModel):
    """A tour as it is kept."""

    name: str
    cameras: tuple[str, ...]
    per_page: int
    every_s: float
    changed_at: Moment | None

    @classmethod
    def of(cls, tour: Tour) -> "TourWire":
        return cls(
            name=tour.name,
            cameras=tour.cameras,
            per_page=tour.per_page,
            every_s=tour.every_s,
            changed_at=tour.changed_at,
        )


class ToursWire(WireModel):
    """The caller's own tours, by name."""

    tours: tuple[TourWire, ...]
