"""What a rendered time lapse shows: its camera's tie to the ground, and everything that stands in the street."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.clock import as_utc
from core.errors import PatrolError
from core.geometry import Box, Point
from core.ids import CameraId, CategoryId

CLIP_NAME = "clip.mp4"
TRUTH_NAME = "truth.json"
FOLDER_PATTERN = "lapse_*"
MOST_LAPSES = 999
"""Each is a community of its own in the judge's little city, and a community's number has three digits."""

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Pair = tuple[_Number, _Number]


class LapseError(PatrolError):
    """A time lapse that cannot be judged; the text names its folder and the mend."""


@dataclass(frozen=True, slots=True)
class LapseMark:
    """One mark that is known in the picture (pixels) and on the ground (metres: x along the street, y across)."""

    pixel: Point
    world_m: Point


@dataclass(frozen=True, slots=True)
class LapseEvent:
    """One thing that stands in the street for a while."""

    id: int
    category: CategoryId | None
    """None for what looks like a violation and is none (a closed bin, a café's parasol)."""
    name: str
    variant: str
    world_m: Point | None
    """Its middle on the ground, metres; None where only its box is known."""
    first_frame: int
    last_frame: int
    """The first and the last picture that it stands in, from 0."""
    box: Box
    """Source pixels."""
    is_judged: bool
    """False where the picture shows too little of it to ask for a case."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """One fixed camera's clip, one picture a second, with its truth."""

    folder: Path
    camera_id: CameraId
    """The folder's name."""
    seed: int | None
    light: str
    started_at: datetime
    """City time of the first picture, UTC."""
    step: timedelta
    """City time between two pictures."""
    frames: int
    size: tuple[int, int]
    """Width, height, pixels."""
    marks: tuple[LapseMark, ...]
    events: tuple[LapseEvent, ...]

    @property
    def clip(self) -> Path:
        return self.folder / CLIP_NAME

    def at(self, frame: int) -> datetime:
        """City time of a picture by the clip's own date."""
        return self.started_at + frame * self.step


class _MarkFile(BaseModel):
    model_config = ConfigDict(frozen=True)

    world_m: _Pair
    pixel: _Pair


class _EventFile(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    category: str | None
    name: str = ""
    variant: str = ""
    world_m: _Pair | None = None
    first_frame: int = Field(ge=0)
    last_frame: int = Field(ge=0)
    box_xyxy: tuple[_Number, _Number, _Number, _Number]
    judged: bool = True

    @model_validator(mode="after")
    def _first_is_not_behind_last(self) -> Self:
        if self.last_frame < self.first_frame:
            raise ValueError(f"last_frame {self.last_frame} lies before first_frame {self.first_frame}")
        if self.box_xyxy[0] > self.box_xyxy[2] or self.box_xyxy[1] > self.box_xyxy[3]:
            raise ValueError("box_xyxy must be [left, top, right, bottom]")
        return self


class _TruthFile(BaseModel):
    """``truth.json``; a generator may write more than is read here (its camera, each picture's boxes)."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    seed: int | None = None
    light: str = Field(min_length=1)
    step_s: float = Field(gt=0, allow_inf_nan=False)
    frames: int = Field(ge=1)
    size: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    started_at: AwareDatetime
    control_points: tuple[_MarkFile, ...] = Field(min_length=4)
    events: tuple[_EventFile, ...]

    @model_validator(mode="after")
    def _events_lie_in_the_clip(self) -> Self:
        for event in self.events:
            if event.last_frame >= self.frames:
                raise ValueError(f"event {event.id} ends at picture {event.last_frame} of {self.frames} (from 0)")
        return self


def lapses_in(folder: Path) -> tuple[Lapse, ...]:
    """Every lapse of a folder (``lapse_…/{clip.mp4, truth.json}``), by name.

    Raises:
        LapseError: there is none, there are too many, or one cannot be read.
    """
    if not folder.is_dir():
        raise LapseError(f"{folder}: no such folder; mend: name the folder that holds {FOLDER_PATTERN}/{CLIP_NAME}")
    folders = sorted(path for path in folder.glob(FOLDER_PATTERN) if path.is_dir())
    if not folders:
        raise LapseError(
            f"{folder}: holds no {FOLDER_PATTERN} folder; mend: render some, or name the folder above them"
        )
    if len(folders) > MOST_LAPSES:
        raise LapseError(f"{folder}: {len(folders)} lapses; mend: judge at most {MOST_LAPSES} at a time")
    return tuple(read_lapse(path) for path in folders)


def read_lapse(folder: Path) -> Lapse:
    """One lapse.

    Raises:
        LapseError: clip or truth is missing, or the truth is not in the form of ``truth.json`` format 1.
    """
    path = folder / TRUTH_NAME
    if not (folder / CLIP_NAME).is_file():
        raise LapseError(f"{folder}: has no {CLIP_NAME}; mend: finish its rendering, or remove the folder")
    try:
        truth = _TruthFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise LapseError(f"{path}: cannot be read ({error.strerror}); mend: finish the lapse's rendering") from error
    except ValidationError as error:
        raise LapseError(f"{path}: {_first_fault(error)}; mend: render the lapse again") from error
    return Lapse(
        folder=folder,
        camera_id=CameraId(folder.name),
        seed=truth.seed,
        light=truth.light,
        started_at=as_utc(truth.started_at),
        step=timedelta(seconds=truth.step_s),
        frames=truth.frames,
        size=truth.size,
        marks=tuple(LapseMark(Point(*mark.pixel), Point(*mark.world_m)) for mark in truth.control_points),
        events=tuple(_event(event) for event in truth.events),
    )


def _event(event: _EventFile) -> LapseEvent:
    return LapseEvent(
        id=event.id,
        category=None if event.category is None else CategoryId(event.category),
        name=event.name,
        variant=event.variant,
        world_m=None if event.world_m is None else Point(*event.world_m),
        first_frame=event.first_frame,
        last_frame=event.last_frame,
        box=Box(*event.box_xyxy),
        is_judged=event.judged,
    )


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"
