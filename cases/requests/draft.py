"""A request before it is taken in, and what it may hold."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cases.requests.contact import Contact
from cases.requests.errors import RequestUnfit
from cases.sources import Source
from core.ids import CategoryId, CellId

LONGEST_DESCRIPTION = 4000
"""Characters: the standard's own limit."""
LONGEST_ADDRESS = 500
MOST_MEDIA = 10


@dataclass(frozen=True, slots=True)
class Media:
    """A picture that came along, by the SHA-256 of its two kept forms; or the address of one kept elsewhere."""

    original: str | None = None
    """Sealed."""
    shown: str | None = None
    """Faces and plates blurred."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What somebody asks for."""

    category: CategoryId
    cell_id: CellId
    source: Source
    description: str
    lat: float | None = None
    """WGS-84 degrees; None where only the cell is known."""
    lon: float | None = None
    address: str | None = None
    zone: str | None = None
    """The cell's grade, for a case that this opens."""
    unit: str | None = None
    """The cell's unit, likewise."""
    seen_at: datetime | None = None
    """When it was seen; None: as it arrives."""
    contact: Contact = field(default_factory=Contact, repr=False)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    is_public: bool = False
    """Anybody may read it by Open311."""

    def content_hash(self, filed_by: str) -> str:
        """The same for the very same posting by the same key."""
        content = [
            filed_by,
            self.category,
            self.cell_id,
            None if self.lat is None else round(self.lat, 7),
            None if self.lon is None else round(self.lon, 7),
            self.address,
            self.description,
            sorted((code, list(values)) for code, values in self.attributes.items()),
            [[each.original, each.url] for each in self.media],
            self.contact.telling,
        ]
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def check(self) -> None:
        """
        Raises:
            RequestUnfit: it is longer than is kept, or has more pictures.
        """
        if len(self.description) > LONGEST_DESCRIPTION:
            raise RequestUnfit(
                f"描述超过 {LONGEST_DESCRIPTION} 字 / the description has {len(self.description)} characters; "
                f"send at most {LONGEST_DESCRIPTION}"
            )
        if self.address is not None and len(self.address) > LONGEST_ADDRESS:
            raise RequestUnfit(
                f"地址超过 {LONGEST_ADDRESS} 字 / the address has {len(self.address)} characters; "
                f"send at most {LONGEST_ADDRESS}"
            )
        if len(self.media) > MOST_MEDIA:
            raise RequestUnfit(
                f"图片超过 {MOST_MEDIA} 张 / {len(self.media)} pictures came along; send at most {MOST_MEDIA}"
            )
