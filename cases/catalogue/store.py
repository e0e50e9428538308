"""Catalogue versions in the database: imported, listed, read, compared; each import one transaction, audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from cases.access import audit
from cases.catalogue.difference import CatalogueChange, difference
from cases.catalogue.entries import Catalogue
from cases.catalogue.errors import CatalogueMovedOn, CatalogueRefused, CatalogueUnknown
from cases.catalogue.in_force import (
    SHIPPED_BY,
    SHIPPED_VERSION,
    CatalogueInForce,
    catalogue_in_force,
    catalogue_of_version,
    row_of,
    write_shipped,
)
from cases.catalogue.reading import CatalogueFile, shipped
from cases.catalogue.tables import catalogue_version
from cases.transactions import line_up, reading, writing
from cases.worktime.errors import CalendarUnknown
from cases.worktime.in_force import calendar_in_force

LONGEST_WHY = 2000
MOST_CHANGES_AUDITED = 200


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """Who made a version when; what it says is read on its own."""

    version: int
    name: str
    sha256: str
    imported_at: datetime | None
    """None for the shipped catalogue before the first case was opened under it."""
    imported_by: str
    why: str


@dataclass(frozen=True, slots=True)
class CatalogueImport:
    """What an import did, or with ``dry_run`` would do."""

    version: int
    """The version that is in force then."""
    is_new: bool
    """False: the file is the one in force already."""
    changes: tuple[CatalogueChange, ...]


class CatalogueStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def in_force(self) -> CatalogueInForce:
        """The newest version; the shipped one before any import."""
        with reading(self._engine) as connection:
            return catalogue_in_force(connection)

    def get(self, version: int) -> CatalogueInForce:
        """Raises: CatalogueUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, version)

    def file(self, version: int) -> CatalogueFile:
        """A version as the text that was imported, remarks included. Raises: CatalogueUnknown."""
        table = catalogue_version
        statement = select(table.c.source, table.c.media_type).where(table.c.version == version)
        with reading(self._engine) as connection:
            kept = _found(connection, version)
            row = connection.execute(statement).one_or_none()
        return shipped() if row is None else CatalogueFile(kept.catalogue, row.source, row.media_type)

    def versions(self, before: int | None = None, limit: int = 50) -> tuple[CatalogueVersion, ...]:
        """The newest first; with ``before``, those older than that one."""
        table = catalogue_version
        columns = (table.c.version, table.c.name, table.c.sha256, table.c.imported_at, table.c.imported_by, table.c.why)
        statement = select(*columns).order_by(table.c.version.desc()).limit(limit)
        if before is not None:
            statement = statement.where(table.c.version < before)
        with reading(self._engine) as connection:
            rows = connection.execute(statement).all()
        if not rows and before is None:
            return (_shipped_version(),)
        return tuple(_version_of(row) for row in rows)

    def compare(self, before: int, after: int) -> tuple[CatalogueChange, ...]:
        """Raises: CatalogueUnknown."""
        with reading(self._engine) as connection:
            return difference(_found(connection, before).catalogue, _found(connection, after).catalogue)

    def import_file(
        self,
        file: CatalogueFile,
        actor: str,
        why: str,
        now: datetime,
        *,
        expected: int | None = None,
        dry_run: bool = False,
    ) -> CatalogueImport:
        """Bring a new version into force; old cases keep theirs.

        Args:
            file: what ``read_catalogue`` made.
            actor: who imports it.
            why: their words.
            now: aware.
            expected: the version that the caller looked at; None: whichever is in force.
            dry_run: only tell what would change.

        Raises:
            CatalogueMovedOn: another version is in force.
            CatalogueRefused: a category names a calendar that is not there.
        """
        if len(why) > LONGEST_WHY or "\x00" in why:
            raise CatalogueRefused(f"the reason has {len(why)} characters; write up to {LONGEST_WHY}, plain text")
        with (reading if dry_run else writing)(self._engine) as connection:
            if not dry_run:
                line_up(connection)
            standing = catalogue_in_force(connection)
            if expected is not None and expected != standing.version:
                raise CatalogueMovedOn(
                    f"catalogue version {standing.version} is in force, not {expected}; read it again, then decide"
                )
            _check_calendars(connection, file.catalogue)
            changes = difference(standing.catalogue, file.catalogue)
            if file.sha256 == standing.sha256:
                return CatalogueImport(standing.version, False, ())
            version = standing.version + 1
            if dry_run:
                return CatalogueImport(version, True, changes)
            if standing.version == SHIPPED_VERSION:
                write_shipped(connection, now)
            connection.execute(catalogue_version.insert().values(**row_of(file, version, actor, why, now)))
            data = {"why": why, "sha256": file.sha256, "changes": _audited(changes)}
            subject = f"catalogue:{version}"
            audit.record(connection, actor=actor, action="catalogue.import", subject=subject, data=data, now=now)
        return CatalogueImport(version, True, changes)


def _audited(changes: Sequence[CatalogueChange]) -> list[str]:
    told = [str(change) for change in changes[:MOST_CHANGES_AUDITED]]
    return told if len(told) == len(changes) else [*told, f"and {len(changes) - len(told)} more"]


def _check_calendars(connection: Connection, catalogue: Catalogue) -> None:
    for category in catalogue.categories:
        try:
            calendar_in_force(connection, category.calendar)
        except CalendarUnknown as error:
            raise CatalogueRefused(f"category {category.id}: {error}") from error


def _found(connection: Connection, version: int) -> CatalogueInForce:
    kept = catalogue_of_version(connection, version)
    if kept is None:
        raise CatalogueUnknown(f"the catalogue has no version {version}; see the list of versions")
    return kept


def _version_of(row: Any) -> CatalogueVersion:
    return CatalogueVersion(row.version, row.name, row.sha256, row.imported_at, row.imported_by, row.why)


def _shipped_version() -> CatalogueVersion:
    file = shipped()
    return CatalogueVersion(SHIPPED_VERSION, file.catalogue.name, file.sha256, None, SHIPPED_BY, "shipped")
