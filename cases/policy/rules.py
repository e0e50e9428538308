"""The rules in force, as values: permitted areas, suppressions, profiles with their bars, auto-file switches. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from cases.policy.hours import Season, WeeklyHours
from cases.policy.settings import PolicySettings
from core.ids import CameraId, CategoryId, CellId, ViewId
from grid.areas import AreaIndex, GroundArea, PictureRegion

EVERY = "*"
"""Stands for every category, or every camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitArea:
    """A permitted stall area (疏导点、限时摊区): what stands there, then, is no violation."""

    id: int
    number: str
    """The permit's number, as the office prints it."""
    name: str
    categories: frozenset[CategoryId]
    """Empty: every category."""
    area: GroundArea | None
    cells: frozenset[CellId]
    """Unit grids or dedupe cells; beside the polygon, or instead of it."""
    hours: WeeklyHours
    season: Season | None
    """None: all year."""
    valid_from: date | None
    valid_until: date | None
    """The permit's last day; None: until it is taken back."""

    @property
    def rule(self) -> str:
        return f"permit:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Something that a person has rejected, in a part of one camera's picture or in cells; it ends by itself."""

    id: int
    category: CategoryId | None
    """None: every category."""
    camera_id: CameraId | None
    view_id: ViewId | None
    """None: every view of the camera."""
    region: PictureRegion | None
    """Given with a camera: where in its picture. A camera without a region needs cells."""
    cells: frozenset[CellId]
    reason: str
    case_id: str | None
    """The rejected case that it was made from."""
    expires_at: datetime

    @property
    def rule(self) -> str:
        return f"suppression:{self.id}"


class Below(StrEnum):
    """What becomes of a candidate under a bar."""

    QUEUE = "queue"
    """A person looks at it; it is never filed by itself."""
    SUPPRESS = "suppress"
    """It makes no case; it is recorded."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How sure a candidate must be."""

    confidence: float | None
    """The model's own figure, 0 to 1; asked where no probability is told, or beside it."""
    probability: float | None
    """That it is right, 0 to 1, as measured for the model."""
    below: Below


class ProfileKind(StrEnum):
    """When a profile holds."""

    NIGHT = "night"
    PEAK = "peak"
    GENERAL = "general"
    """Whenever no other does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Bars per category, for some hours."""

    id: int
    kind: ProfileKind
    name: str
    rank: int
    """Where two hold at once, the lower one counts."""
    hours: WeeklyHours
    bars: Mapping[str, Bar] = field(hash=False)
    """By category; ``*`` for those not named."""

    @property
    def rule(self) -> str:
        return f"profile:{self.id}"

    def bar_of(self, category: CategoryId) -> Bar | None:
        return self.bars.get(category) or self.bars.get(EVERY)


class AutoMode(StrEnum):
    """What an admin has set for a category and camera."""

    AUTO = "auto"
    """File without a person, until enough reviews say that the precision is under the bar."""
    QUEUE = "queue"
    """A person looks at each."""
    MEASURED = "measured"
    """File without a person where, and as long as, the measured lower bound clears the bar."""


@dataclass(frozen=True, slots=True)
class AutoSwitch:
    """One switch; the one that names the camera counts before the one for all."""

    id: int
    category: str
    """A category, or ``*``."""
    camera_id: str
    """A camera, or ``*``."""
    mode: AutoMode

    @property
    def rule(self) -> str:
        return f"switch:{self.id}"


@dataclass(frozen=True, slots=True, eq=False)
class PolicyRules:
    """Every rule in force at one version, with what finds the few that a candidate meets; built by ``gather``."""

    version: int
    settings: PolicySettings
    zone: tzinfo
    permits: tuple[PermitArea, ...]
    suppressions: tuple[Suppression, ...]
    profiles: tuple[Profile, ...]
    switches: Mapping[tuple[str, str], AutoSwitch]
    _drawn: tuple[PermitArea, ...] = field(repr=False)
    _index: AreaIndex = field(repr=False)
    _by_cell: Mapping[CellId, tuple[PermitArea, ...]] = field(repr=False)
    _by_camera: Mapping[CameraId | None, tuple[Suppression, ...]] = field(repr=False)

    def permits_with_polygon(self) -> tuple[PermitArea, ...]:
        return self._drawn

    def permits_at(self, cells: tuple[CellId, ...]) -> tuple[PermitArea, ...]:
        """Those that name one of the cells."""
        return tuple(permit for cell in cells for permit in self._by_cell.get(cell, ()))

    @property
    def index(self) -> AreaIndex:
        """Over ``permits_with_polygon``, in that order."""
        return self._index

    def suppressions_for(self, camera_id: CameraId) -> tuple[Suppression, ...]:
        """Those of the camera, and those of cells whatever the camera; by id."""
        found = (*self._by_camera.get(camera_id, ()), *self._by_camera.get(None, ()))
        return tuple(sorted(found, key=lambda each: each.id))

    def switch_for(self, category: CategoryId, camera_id: CameraId) -> AutoSwitch | None:
        """The narrowest that fits."""
        for key in ((category, camera_id), (category, EVERY), (EVERY, camera_id), (EVERY, EVERY)):
            found = self.switches.get((str(key[0]), str(key[1])))
            if found is not None:
                return found
        return None


def gather(
    version: int,
    settings: PolicySettings,
    zone: tzinfo,
    permits: tuple[PermitArea, ...] = (),
    suppressions: tuple[Suppression, ...] = (),
    profiles: tuple[Profile, ...] = (),
    switches: tuple[AutoSwitch, ...] = (),
) -> PolicyRules:
    """The rules, ready to be asked; profiles by rank, the general one last."""
    drawn = tuple(permit for permit in permits if permit.area is not None)
    by_cell: dict[CellId, list[PermitArea]] = {}
    for permit in permits:
        for cell in permit.cells:
            by_cell.setdefault(cell, []).append(permit)
    by_camera: dict[CameraId | None, list[Suppression]] = {}
    for suppression in suppressions:
        by_camera.setdefault(suppression.camera_id, []).append(suppression)
    return PolicyRules(
        version=version,
        settings=settings,
        zone=zone,
        permits=permits,
        suppressions=suppressions,
        profiles=tuple(sorted(profiles, key=lambda each: (each.kind is ProfileKind.GENERAL, each.rank, each.id))),
        switches={(each.category, each.camera_id): each for each in switches},
        _drawn=drawn,
        _index=AreaIndex([permit.area for permit in drawn if permit.area is not None]),
        _by_cell={cell: tuple(found) for cell, found in by_cell.items()},
        _by_camera={camera: tuple(found) for camera, found in by_camera.items()},
    )
