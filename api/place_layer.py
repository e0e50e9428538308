"""After places changed: where the desk makes the grid, its layer follows."""

from api.rooms import Rooms


def follow_places(rooms: Rooms) -> None:
    """
    Raises:
        GridError: the places are kept, and make no usable grid; the layer stays as it was.
    """
    if rooms.site is not None and rooms.site.layer is not None:
        rooms.site.layer.refresh()
