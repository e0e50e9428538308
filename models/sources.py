"""What a training set is made of, as a data recipe (TOML) names it."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ModelError


class PhotoSource(BaseModel):
    """A folder in YOLO layout with its own ``train`` and ``val`` parts; ``val`` is passed on untouched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["yolo"]
    path: str
    repeat_by_prefix: dict[str, int] = Field(default_factory=dict)
    """File-name prefix -> how often a training picture is shown per epoch (1 where not named)."""
    square_copies: bool = False
    """Every second showing of a repeated, oblong picture is another square of its shorter side, around a labelled
    object: large, as the patrol sees a picture whose shorter side fills the network's input."""
    shapes_by_prefix: dict[str, tuple[Annotated[float, Field(ge=0.4, le=2.5)], ...]] = Field(default_factory=dict)
    """File-name prefix -> shapes, width over height, that its pictures may have had before they were stretched to
    squares. Every second showing is in one of them (with ``square_copies`` half of these cut to a square), and the part
    ``val_shapes`` has the ``val`` pictures in one of them each."""
    leave_out_prefixes: tuple[str, ...] = ()
    """Training pictures that are not shown; ``val`` keeps its own."""


class WindowCutting(BaseModel):
    """Square windows cut out of wide pictures, so that a camera's things are learnt at the size they are run at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(default=360, ge=64)
    """Of the wide picture, scaled to ``wide_px`` across before cutting."""
    wide_px: int = Field(default=640, ge=64)
    count: int = Field(default=2, ge=1)
    """Windows per picture: each around another labelled object while there are some, then anywhere."""
    least_seen: float = Field(default=0.4, gt=0, le=1)
    """Share of a box inside the window from which it is labelled there."""


class RenderSource(BaseModel):
    """A folder of rendered scenes: ``<name>.png``, ``.txt`` (YOLO labels) and ``.json`` (every object's box).

    A scene is complete once its ``.json`` exists; others are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["renders"]
    path: str
    repeat: int = Field(default=1, ge=1)
    holdout_one_in: int = Field(default=10, ge=1)
    """Scenes with ``seed // 2 % holdout_one_in == 0`` go to ``render_val`` whole (seeds go in steps of two); 1: all."""
    windows: WindowCutting | None = None
    """How training scenes are cut; whole pictures where not set."""
    context_groups: dict[str, int] = Field(default_factory=dict)
    """Scene objects that ``.txt`` leaves out -> class id to label them with, e.g. ``{"street_bin": 3}``."""
    context_min_visible: float = Field(default=0.3, ge=0, le=1)
    context_min_px: float = Field(default=8, ge=0)


class VideoSource(BaseModel):
    """Clips of ordinary streets: every picture taken from them is a negative."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ordinary_video"]
    path: str
    """The folder of clips."""
    train: tuple[str, ...] = ()
    val: tuple[str, ...] = ()
    """Clips whose pictures form the part ``ordinary_val``, whole; none may stand on both sides."""
    every_s: float = Field(default=2.0, gt=0)
    most_per_clip: int = Field(default=60, ge=1)
    windows: WindowCutting | None = None
    """How training pictures are cut."""
    repeat: int = Field(default=1, ge=1)


class PasteSource(BaseModel):
    """Cut-and-paste: objects of the training photographs on streets that show no violation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cut_and_paste"]
    class_ids: tuple[int, ...]
    """Which classes are cut out of the photographs' ``train`` part."""
    count: int = Field(ge=1)
    """Pictures to make; objects are taken in turn, the rarest class as often as the others."""
    seed: int = 0
    least_box_px: float = Field(default=56, gt=0)
    """Smaller objects make poor cut-outs."""


class DatasetRecipe(BaseModel):
    """What a training set is made of; read from TOML, paths relative to the working folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    """Category names in class-id order."""
    photos: tuple[PhotoSource, ...] = ()
    renders: tuple[RenderSource, ...] = ()
    videos: tuple[VideoSource, ...] = ()
    pastes: tuple[PasteSource, ...] = ()


def read_recipe(path: Path) -> DatasetRecipe:
    """Read a recipe; ``ModelError`` names the file and the key that is wrong."""
    try:
        return DatasetRecipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelError(f"data recipe {path}: {error}; mend the file, see docs/models.md") from error
