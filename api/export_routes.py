"""Cases and figures as files to take away; every one is written into the audit log before its first byte."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from threading import BoundedSemaphore
from typing import IO, Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from api.callers import Caller
from api.desk_answers import visitor_of
from api.export_access import Exporter, check_sees_all
from api.named_places import with_named_places
from api.openapi_answers import refusals
from api.overview_wire import DaysWire
from api.problems import ExportsBusy, ExportTooLarge
from api.rooms import Rooms, RoomsDep
from api.seeing import seen_query
from cases.overview.store import Overview
from cases.reading_on import case_ids, cases_of
from desk.case_filters import CaseFilters
from desk.export_tables import camera_sheet, case_sheet, category_sheet, unit_sheet, zone_sheet
from desk.render import Speech
from desk.sheet_files import Sheet, csv_text, write_xlsx

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
AT_ONCE = 2
"""Workbooks written at once by this process: each holds a core for seconds."""
PIECE = 64 * 1024
_turns = BoundedSemaphore(AT_ONCE)
_FILE: dict[int | str, dict[str, object]] = {200: {"description": "The file"}}


class By(StrEnum):
    """By what figures are told apart."""

    UNIT = "unit"
    CATEGORY = "category"
    ZONE = "zone"
    CAMERA = "camera"


SHEETS = {By.UNIT: unit_sheet, By.CATEGORY: category_sheet, By.ZONE: zone_sheet, By.CAMERA: camera_sheet}
Kind = Literal["csv", "xlsx"]


@router.get(
    "/cases.{kind}",
    summary="Cases as a file, with the list's filters",
    response_class=StreamingResponse,
    responses=refusals() | _FILE,
)
def export_cases(request: Request, kind: Kind, caller: Exporter, rooms: RoomsDep) -> StreamingResponse:
    """The filters are those of the desk's list: `state` (open, closed, all), `stage`, `category`, `zone`, `unit`,
    `from`, `to` (the city's days), `text`, `cell_id`, `camera_id`, `overdue`, `near`, `recurs`, `verdict`, `sort`.

    Times in it are the city's. Citizens' contact data is never in it. A person of a handling unit gets its own cases.
    """
    now = rooms.clock.now()
    filters = CaseFilters.from_query(dict(request.query_params))
    query = with_named_places(seen_query(caller, filters.to_case_query(now)), rooms)
    ids = case_ids(rooms.store.engine, query, rooms.settings.export_rows + 1)
    if len(ids) > rooms.settings.export_rows:
        raise ExportTooLarge(
            f"more than {rooms.settings.export_rows} cases; narrow them by days or unit, or raise [api].export_rows"
        )
    told = {name: value for name, value in filters.fields.items() if name != "cursor"}
    _audit(rooms, caller, f"cases.{kind}", {**told, "rows": str(len(ids))})
    sheet = case_sheet(cases_of(rooms.store.engine, ids), _speech(request, caller), now)
    return _answer(kind, [sheet], f"gridpatrol-cases-{now:%Y%m%d-%H%M}")


@router.get(
    "/figures.{kind}",
    summary="The overview's figures as a file",
    response_class=StreamingResponse,
    responses=refusals() | _FILE,
)
def export_figures(
    request: Request,
    kind: Kind,
    caller: Exporter,
    rooms: RoomsDep,
    first: Annotated[date | None, Query(alias="from", description="first of the city's days; left out: today")] = None,
    last: Annotated[date | None, Query(alias="to", description="last day, it counts")] = None,
    by: Annotated[By, Query(description="CSV holds one table; XLSX holds all of them")] = By.UNIT,
) -> StreamingResponse:
    """Figures per unit, category, zone and camera of what was opened in the days."""
    check_sees_all(caller)
    now = rooms.clock.now()
    since, until = DaysWire(first=first, last=last).span(now)
    overview: Overview = rooms.house.overview.overview(since, until, now)
    told = {"from": since.isoformat(), "to": until.isoformat(), "by": "all" if kind == "xlsx" else by.value}
    _audit(rooms, caller, f"figures.{kind}", told)
    speech = _speech(request, caller)
    wanted = tuple(SHEETS) if kind == "xlsx" else (by,)
    name = f"gridpatrol-figures-{'' if kind == 'xlsx' else by.value + '-'}{now:%Y%m%d-%H%M}"
    return _answer(kind, [SHEETS[each](overview, speech) for each in wanted], name)


def _audit(rooms: Rooms, caller: Caller, what: str, told: Mapping[str, str]) -> None:
    rooms.house.access.looks.record(caller.holder.actor, "export.take", f"export:{what}", told, rooms.clock.now())


def _speech(request: Request, caller: Caller) -> Speech:
    visitor = visitor_of(request, caller)
    return Speech(visitor.language, visitor.category_names, visitor.category_codes)


def _answer(kind: Kind, sheets: list[Sheet], name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"', "cache-control": "no-store"}
    if kind == "csv":
        return StreamingResponse(csv_text(sheets[0]), media_type=CSV, headers=headers)
    with _turn():
        # Closed, and with it gone from the disk, when the answer has been sent or given up.
        file = tempfile.TemporaryFile(prefix="gridpatrol-export-")  # noqa: SIM115
        try:
            write_xlsx(file, sheets, name)
            size = file.tell()
        except BaseException:
            file.close()
            raise
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type=XLSX, headers=headers | {"content-length": str(size)})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def _turn() -> Iterator[None]:
    """
    Raises:
        ExportsBusy: as many as may be are writing already.
    """
    if not _turns.acquire(blocking=False):
        raise ExportsBusy(f"{AT_ONCE} exports are being written; wait for one of them, then ask again")
    try:
        yield
    finally:
        _turns.release()
