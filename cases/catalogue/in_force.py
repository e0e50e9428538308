"""Which catalogue counts, asked inside a transaction of somebody else."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases.catalogue.entries import Catalogue
from cases.catalogue.reading import CatalogueFile, shipped
from cases.catalogue.tables import catalogue_version
from cases.tables import case_event
from cases.transactions import insert_new
from core.clock import as_utc

SHIPPED_BY = "gridpatrol"
SHIPPED_VERSION = 1
"""The shipped catalogue is the first version; it is written down when the first case is opened under it."""
_KEPT_IN_MEMORY = 16


@dataclass(frozen=True, slots=True)
class CatalogueInForce:
    """A version's number and what it says."""

    version: int
    sha256: str
    catalogue: Catalogue


class _ParsedCatalogues:
    """The last few, by hash: parsing takes longer than asking which one counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Catalogue] = OrderedDict()

    def find(self, sha256: str) -> Catalogue | None:
        with self._lock:
            return self._known.get(sha256)

    def keep(self, sha256: str, document: Mapping[str, Any]) -> Catalogue:
        parsed = Catalogue.model_validate(document)
        with self._lock:
            self._known[sha256] = parsed
            while len(self._known) > _KEPT_IN_MEMORY:
                self._known.popitem(last=False)
        return parsed


_PARSED = _ParsedCatalogues()
_NEWEST = (
    select(catalogue_version.c.version, catalogue_version.c.sha256)
    .order_by(catalogue_version.c.version.desc())
    .limit(1)
)


def catalogue_in_force(connection: Connection) -> CatalogueInForce:
    """The newest version; the shipped one where none was imported."""
    row = connection.execute(_NEWEST).one_or_none()
    if row is None:
        return _shipped()
    return _version(connection, row)


def catalogue_of_version(connection: Connection, version: int) -> CatalogueInForce | None:
    """One version; None where there is none of that number."""
    table = catalogue_version
    row = connection.execute(select(table.c.version, table.c.sha256).where(table.c.version == version)).one_or_none()
    if row is None:
        return _shipped() if version == SHIPPED_VERSION else None
    return _version(connection, row)


def version_to_open_under(connection: Connection, now: datetime) -> int:
    """The version in force, for a new case to name; from the first case on the shipped one is written down too.

    Call it in a transaction that writes.
    """
    newest = connection.execute(_NEWEST).scalar_one_or_none()
    return write_shipped(connection, now) if newest is None else int(newest)


def write_shipped(connection: Connection, now: datetime) -> int:
    """Make the shipped catalogue the first version, unless it is written already."""
    insert_new(connection, catalogue_version, row_of(shipped(), SHIPPED_VERSION, SHIPPED_BY, "shipped", now))
    return SHIPPED_VERSION


def row_of(file: CatalogueFile, version: int, actor: str, why: str, now: datetime) -> dict[str, Any]:
    return {
        "version": version,
        "name": file.catalogue.name,
        "document": file.catalogue.as_json(),
        "source": file.source,
        "media_type": file.media_type,
        "sha256": file.sha256,
        "imported_at": as_utc(now),
        "imported_by": actor,
        "why": why,
    }


def _shipped() -> CatalogueInForce:
    return CatalogueInForce(SHIPPED_VERSION, shipped().sha256, shipped().catalogue)


def _version(connection: Connection, row: Any) -> CatalogueInForce:
    parsed = _PARSED.find(row.sha256)
    if parsed is None:
        table = catalogue_version
        document = connection.execute(select(table.c.document).where(table.c.version == row.version)).scalar_one()
        parsed = _PARSED.keep(row.sha256, document)
    return CatalogueInForce(row.version, row.sha256, parsed)


def version_opened_under(connection: Connection, case_id: str) -> int | None:
    """The version that a case names since its opening; None for a case from before there were versions."""
    table = case_event
    opening = select(table.c.data).where(table.c.case_id == case_id).order_by(table.c.seq).limit(1)
    data = connection.execute(opening).scalar_one_or_none()
    found = None if data is None else data.get("catalogue_version")
    return None if found is None else int(found)
