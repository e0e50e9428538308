"""What stands in the exported files: columns of cases, and of the overview's figures.

Citizens' contact data is kept apart from the cases and is in none of these columns; what people wrote freely (notes,
comments) is left out as well, since a telephone number may stand in it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case
from cases.lateness import Standing, standing_of
from cases.overview.store import CameraPrecision, Overview, Share
from desk.cell_facts import ZONES
from desk.render import Speech
from desk.sheet_files import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the cases."""

    words: str
    """Key of its heading."""
    cell: Callable[[Case, Speech, datetime], Cell]


CASE_COLUMNS: Sequence[Column] = (
    Column("export.number", lambda case, speech, now: case.number),
    Column("overview.col.category", lambda case, speech, now: speech.category_plain(case.category)),
    Column("export.code", lambda case, speech, now: speech.category_code(case.category)),
    Column("overview.col.cell", lambda case, speech, now: case.cell_id),
    Column("overview.col.zone", lambda case, speech, now: zone_name(speech, case.zone or "")),
    Column("overview.col.unit", lambda case, speech, now: case.unit),
    Column("export.handler", lambda case, speech, now: case.life.handler),
    Column("export.stage", lambda case, speech, now: speech.plain(f"stage.{case.life.stage}")),
    Column("export.source", lambda case, speech, now: speech.plain(f"export.source.{case.life.source}")),
    Column("overview.col.camera", lambda case, speech, now: "; ".join(case.cameras)),
    Column("export.opened_at", lambda case, speech, now: case.opened_at),
    Column("export.last_seen_at", lambda case, speech, now: case.last_seen_at),
    Column("export.registered_at", lambda case, speech, now: case.life.registered_at),
    Column("export.due_at", lambda case, speech, now: None if (due := case.life.deadline) is None else due.due_at),
    Column("export.reported_at", lambda case, speech, now: case.life.reported_at),
    Column("export.closed_at", lambda case, speech, now: case.closed_at),
    Column("export.standing", lambda case, speech, now: speech.plain(f"export.standing.{standing_of(case, now)}")),
    Column("export.reason", lambda case, speech, now: _reason(case, speech)),
    Column("export.sightings", lambda case, speech, now: case.sighting_count),
    Column("export.objects", lambda case, speech, now: case.object_count),
    Column("export.confidence", lambda case, speech, now: round(case.confidence, 3)),
    Column("export.reworks", lambda case, speech, now: case.life.reworks),
    Column("export.extensions", lambda case, speech, now: case.life.extensions),
    Column("export.recurrence", lambda case, speech, now: case.life.recurrence),
    Column("export.id", lambda case, speech, now: case.id),
)
STANDINGS = tuple(Standing)


def case_sheet(cases: Iterable[Case], speech: Speech, now: datetime) -> Sheet:
    """The cases as a table; times are the city's, as the headings say."""
    return Sheet(
        speech.hint("export.sheet.cases"),
        [speech.plain(column.words) for column in CASE_COLUMNS],
        ([column.cell(case, speech, now) for column in CASE_COLUMNS] for case in cases),
    )


def unit_sheet(overview: Overview, speech: Speech) -> Sheet:
    return _share_sheet(overview.units, "unit", speech, lambda value: value)


def category_sheet(overview: Overview, speech: Speech) -> Sheet:
    return _share_sheet(overview.categories, "category", speech, speech.category_plain)


def zone_sheet(overview: Overview, speech: Speech) -> Sheet:
    return _share_sheet(overview.zones, "zone", speech, lambda value: zone_name(speech, value))


def camera_sheet(overview: Overview, speech: Speech) -> Sheet:
    headings = ("camera", "reviewed", "right", "precision", "low", "high")
    return Sheet(
        speech.hint("export.sheet.camera"),
        [speech.plain(f"overview.col.{each}") for each in headings],
        [_camera_row(camera) for camera in overview.cameras],
    )


def zone_name(speech: Speech, zone: str) -> str:
    """A grade's name; one that is none of ours as it stands."""
    return speech.plain(f"zone.{zone}") if zone in ZONES else zone


_COUNTED = ("opened", "confirmed", "rejected", "waiting", "voided", "closed", "recurring", "due", "met", "missed")
_COUNTED_LAST = ("reworked", "extended")
_NOW = ("open", "late")


def _share_sheet(shares: Sequence[Share], kind: str, speech: Speech, name: Callable[[str], str]) -> Sheet:
    keys = (kind, *_COUNTED, "on_time", *(f"{each}_cases" for each in _COUNTED_LAST), *_NOW)
    return Sheet(
        speech.hint(f"export.sheet.{kind}"),
        [speech.plain(f"overview.col.{key}") for key in keys],
        [
            [
                name(share.value) if share.value else speech.plain("overview.none"),
                *(getattr(share.counts, each) for each in _COUNTED),
                _rounded(share.on_time),
                *(getattr(share.counts, each) for each in _COUNTED_LAST),
                share.standing.open,
                share.standing.late,
            ]
            for share in shares
        ],
    )


def _camera_row(camera: CameraPrecision) -> list[Cell]:
    low, high = camera.interval
    return [camera.camera_id, camera.reviewed, camera.right, _rounded(camera.precision), round(low, 4), round(high, 4)]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _reason(case: Case, speech: Speech) -> str:
    return "" if case.close_reason is None else speech.plain(f"reason.{case.close_reason}")
