"""What the desk's camera pages work with: the city's ground, a look at a feed, clips and pictures kept for a while."""

from dataclasses import dataclass

from api.camera_prober import CameraProber
from api.camera_stills import StillShelf
from api.clip_shelf import ClipShelf
from grid.cells import CityGrid
from grid.ground import Ground


@dataclass(frozen=True, slots=True)
class CameraWorkshop:
    """Handed in by the composition; threads may share it."""

    ground: Ground
    prober: CameraProber
    stills: StillShelf
    clips: ClipShelf

    @property
    def city(self) -> CityGrid:
        """The grid as it is now."""
        return self.ground()
