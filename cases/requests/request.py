"""A request as it stands: what was asked, and how far its case has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases.case import Case
from cases.sources import Source
from core.ids import CategoryId, CellId


class FiledAs(StrEnum):
    """What became of a posting."""

    OPENED = "opened"
    """It opened a case."""
    JOINED = "joined"
    """Its place and category have an open case already."""
    DUPLICATE = "duplicate"
    """It was filed before; nothing was written."""


@dataclass(frozen=True, slots=True)
class KeptMedia:
    """A picture of a request: its address elsewhere, or the token under which its blurred form is shown."""

    url: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One request; nothing in it says who asked."""

    id: str
    seq: int
    case: Case
    opened: bool
    """It opened the case; otherwise it joined it."""
    source: Source
    category: CategoryId
    cell_id: CellId
    lat: float | None
    lon: float | None
    address: str | None
    description: str
    attributes: Mapping[str, tuple[str, ...]]
    requested_at: datetime
    updated_at: datetime
    """When the case last changed; where it is closed, when it was."""
    filed_by: str
    token: str
    is_public: bool
    has_contact: bool
    media: tuple[KeptMedia, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """The answer to a posting."""

    request: ServiceRequest
    outcome: FiledAs
