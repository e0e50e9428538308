"""Grid cells for the map."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from api.callers import Reader
from api.openapi_answers import refusals
from api.problems import CellUnknown
from api.rooms import RoomsDep
from api.wire import PLAIN_TEXT
from core.ids import CellId

router = APIRouter(prefix="/api/v1/cells", tags=["cells"])

EXAMPLE_FEATURE = {
    "type": "Feature",
    "properties": {
        "code": "510104001001001",
        "name": "春熙路一段",
        "zone": "controlled",
        "units": {"exposed_garbage": "环卫一所"},
    },
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[104.08, 30.65], [104.081, 30.65], [104.081, 30.651], [104.08, 30.651], [104.08, 30.65]]],
    },
}


@router.get(
    "/{code}",
    summary="One grid cell as a GeoJSON feature",
    response_class=Response,
    responses=refusals(404)
    | {200: {"description": "The cell", "content": {"application/geo+json": {"example": EXAMPLE_FEATURE}}}},
)
def read_cell(
    reader: Reader,
    code: Annotated[str, Path(max_length=64, pattern=PLAIN_TEXT, examples=["510104001001001"])],
    rooms: RoomsDep,
) -> JSONResponse:
    feature = rooms.cells.feature(CellId(code))
    if feature is None:
        raise CellUnknown(f"cell {code} is not in the city's grid; check the code, or load the GeoJSON that has it")
    return JSONResponse(feature, media_type="application/geo+json")
