"""The catalogue as it crosses HTTP."""

from typing import Any

from pydantic import ConfigDict, Field

from api.wire import Moment, WireModel
from cases.catalogue.difference import CatalogueChange
from cases.catalogue.entries import CatalogueCategory
from cases.catalogue.in_force import CatalogueInForce
from cases.catalogue.store import CatalogueImport, CatalogueVersion


class CatalogueWire(WireModel):
    """One version of the catalogue."""

    version: int = Field(examples=[3])
    sha256: str = Field(examples=["9f" * 32], description="of the file that was imported")
    name: str
    categories: tuple[CatalogueCategory, ...]

    @classmethod
    def of(cls, kept: CatalogueInForce) -> "CatalogueWire":
        return cls(
            version=kept.version,
            sha256=kept.sha256,
            name=kept.catalogue.name,
            categories=kept.catalogue.categories,
        )


class CatalogueVersionWire(WireModel):
    """Who made a version, when and why."""

    version: int
    name: str
    sha256: str
    imported_at: Moment | None = Field(description="none for the shipped catalogue before a case was opened under it")
    imported_by: str
    why: str

    @classmethod
    def of(cls, version: CatalogueVersion) -> "CatalogueVersionWire":
        return cls(
            version=version.version,
            name=version.name,
            sha256=version.sha256,
            imported_at=version.imported_at,
            imported_by=version.imported_by,
            why=version.why,
        )


class CatalogueVersionPageWire(WireModel):
    """Some versions, newest first."""

    versions: tuple[CatalogueVersionWire, ...]
    next_cursor: str | None


class CatalogueChangeWire(WireModel):
    """One field of one category that differs; ``field`` is empty where a category came or went."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "changed",
                    "category": "exposed_garbage",
                    "field": "deadline.controlled.hours",
                    "before": 4,
                    "after": 3,
                }
            ]
        }
    )

    kind: str = Field(description="added, removed or changed")
    category: str
    field: str
    before: Any
    after: Any

    @classmethod
    def of(cls, change: CatalogueChange) -> "CatalogueChangeWire":
        return cls(
            kind=change.kind, category=change.category, field=change.field, before=change.before, after=change.after
        )


class CatalogueDifferenceWire(WireModel):
    """What one version says that another does not."""

    before: int
    after: int
    changes: tuple[CatalogueChangeWire, ...]


class CatalogueImportWire(WireModel):
    """What an import did, or with ``dry_run`` would do."""

    version: int = Field(description="the version in force then")
    is_new: bool = Field(description="false: the file is the one in force")
    dry_run: bool
    changes: tuple[CatalogueChangeWire, ...]

    @classmethod
    def of(cls, done: CatalogueImport, dry_run: bool) -> "CatalogueImportWire":
        changes = tuple(CatalogueChangeWire.of(change) for change in done.changes)
        return cls(version=done.version, is_new=done.is_new, dry_run=dry_run, changes=changes)
