"""A camera's ``[vehicle]`` section: how it is mounted, where its positions come from, how its passes count."""

from pathlib import Path
from typing import Self

from pydantic import Field

from core.errors import ConfigError
from core.ids import ViewId
from grid.cells import CityGrid
from grid.mounts import MountSpec
from grid.moving_views import MovingView, SightRules, moving_view
from grid.pass_rules import PassRules
from grid.poses import PoseRules
from streams.positions.spec import PositionSpec

_TOWN_SPEED_MPS = 30 / 3.6


class VehicleSettings(MountSpec, SightRules, PoseRules):
    """The mount, the range and the track's rules in one section; ``track`` and ``passes`` are tables of their own."""

    track: PositionSpec
    passes: PassRules = Field(default=PassRules())

    @property
    def mount(self) -> MountSpec:
        return MountSpec.model_validate(_given(self, MountSpec))

    @property
    def sight(self) -> SightRules:
        return SightRules.model_validate(_given(self, SightRules))

    @property
    def poses(self) -> PoseRules:
        return PoseRules.model_validate(_given(self, PoseRules))

    def moving_view(self, view_id: ViewId, city: CityGrid) -> MovingView:
        """The camera tied to the city.

        Raises:
            GridError: the mount is not usable.
        """
        return moving_view(view_id, self.mount, self.sight, city)

    def with_track_in(self, folder: Path) -> Self:
        """The same with a relative track file made absolute."""
        file = self.track.file
        if file is None or file.is_absolute():
            return self
        return self.model_copy(update={"track": self.track.model_copy(update={"file": folder / file})})

    def told(self, interval_s: float) -> str:
        """One line for the check of a configuration.

        Raises:
            ConfigError: the track's file is not there.
        """
        file = self.track.file
        if file is not None and not file.exists():
            raise ConfigError(f"{file}: there is no such track; mend: check the file of [cameras.vehicle.track]")
        pictures = "every key frame" if interval_s == 0 else f"{self.max_range_m / _TOWN_SPEED_MPS / interval_s:.0f}"
        return (
            f"on a vehicle, positions: {self.track.kind} {self.track.address}; pictures of a place within "
            f"{self.max_range_m:g} m at 30 km/h: {pictures}, of which {self.passes.hits} must agree"
        )


def check_track(track: PositionSpec, *, is_live: bool, time_scale: float, loop: bool) -> None:
    """
    Raises:
        ValueError: the track cannot belong to such a camera.
    """
    if is_live and track.kind == "gpx":
        raise ValueError("a live camera's positions grow with it, and GPX is read whole; give nmea or jsonl")
    if not is_live and track.url is not None:
        raise ValueError("a clip's positions come from a file beside it; give track.file")
    if not is_live and time_scale != 1.0:
        raise ValueError("a vehicle's clip keeps its receiver's time; take time_scale off")
    if loop:
        raise ValueError("a vehicle drives its track once; take loop off")


def _given(settings: VehicleSettings, part: type[MountSpec | SightRules | PoseRules]) -> dict[str, object]:
    """The part's fields that were set: which were, decides how a mount is given."""
    return {name: getattr(settings, name) for name in part.model_fields if name in settings.model_fields_set}
