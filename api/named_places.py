"""A search by what people call a place: cases hold the codes of cells and cameras, and not their names."""

from dataclasses import replace

from api.rooms import Rooms
from cases.queries import CaseQuery

MOST_PLACES = 5_000
"""Of each kind; a text that fits more of them narrows nothing down."""


def with_named_places(query: CaseQuery, rooms: Rooms) -> CaseQuery:
    """The same question; its text also finds the cells and cameras that are called so."""
    if not query.text:
        return query
    part = query.text.casefold()
    city = rooms.cells.city()
    cells = () if city is None else tuple(unit.code for unit in city if part in unit.name.casefold())
    cameras = tuple(
        camera.camera_id
        for camera in rooms.store.cameras()
        if part in str(camera.camera_id).casefold() or part in camera.name.casefold()
    )
    return replace(query, text_cells=cells[:MOST_PLACES], text_cameras=cameras[:MOST_PLACES])
