"""The city's grid as it is now: whoever asks each time sees a layer that was changed while the program runs."""

from collections.abc import Callable

from grid.cells import CityGrid

Ground = Callable[[], CityGrid]
"""Asked whenever the grid is needed, and kept by nobody."""


def ground_of(city: CityGrid | Ground) -> Ground:
    """A grid that never changes as one that is asked for; the other kind as it is."""
    if isinstance(city, CityGrid):
        standing = city
        return lambda: standing
    return city
