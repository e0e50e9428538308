"""Requests as they cross HTTP."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from api.wire import PLAIN_TEXT, Category, Identifier, Moment, WireModel
from cases.life import Stage
from cases.requests.contact import Contact
from cases.requests.draft import LONGEST_ADDRESS, LONGEST_DESCRIPTION
from cases.requests.request import Filed, FiledAs, ServiceRequest
from cases.sources import Source

SeatSource = Literal["hotline", "assessment", "video_seat"]
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
EXAMPLE_REQUEST: JsonDict = {
    "source": "hotline",
    "category": "exposed_garbage",
    "place": {"longitude": 104.0805, "latitude": 30.6505},
    "address": "春熙路一段 12 号门口",
    "description": "垃圾桶旁堆了很多垃圾袋",
    "contact": {"name": "王女士", "phone": "028-12345"},
}


class PlaceWire(WireModel):
    """WGS-84 degrees."""

    longitude: float = Field(ge=-180, le=180)
    latitude: float = Field(ge=-90, le=90)


class ContactWire(WireModel):
    """Who asked; sealed as soon as it arrives, and never part of a request that is read."""

    name: str = Field("", max_length=200, pattern=TEXT)
    phone: str = Field("", max_length=200, pattern=TEXT)
    email: str = Field("", max_length=200, pattern=TEXT)

    def as_contact(self) -> Contact:
        return Contact(first_name=self.name, phone=self.phone, email=self.email)

    @classmethod
    def of(cls, contact: Contact) -> "ContactWire":
        name = " ".join(part for part in (contact.last_name, contact.first_name) if part)
        return cls(name=name, phone=contact.phone, email=contact.email)


class RequestDraftWire(WireModel):
    """What a seat takes down; the place, or the cell where only that is known."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_REQUEST]})

    source: SeatSource
    category: Category
    place: PlaceWire | None = None
    cell_id: Identifier | None = None
    address: str | None = Field(None, max_length=LONGEST_ADDRESS, pattern=TEXT)
    description: str = Field("", max_length=LONGEST_DESCRIPTION, pattern=TEXT)
    seen_at: Moment | None = Field(None, description="when it was seen; left out: now")
    contact: ContactWire | None = None

    @model_validator(mode="after")
    def has_a_place(self) -> Self:
        if (self.place is None) == (self.cell_id is None):
            raise ValueError('give "place" or "cell_id", one of them')
        return self


class RequestWire(WireModel):
    """A request and how far its case has come."""

    id: str
    source: Source
    category: str
    cell_id: str
    place: PlaceWire | None
    address: str | None
    description: str
    requested_at: Moment
    updated_at: Moment
    filed_by: str
    opened: bool = Field(description="it opened its case; otherwise it joined it")
    case_id: str
    case_number: str
    stage: Stage
    is_open: bool
    has_contact: bool
    pictures: tuple[str, ...] = Field(description="addresses of pictures elsewhere; ours are the case's evidence")

    @classmethod
    def of(cls, request: ServiceRequest) -> "RequestWire":
        case = request.case
        known = request.lat is not None and request.lon is not None
        return cls(
            id=request.id,
            source=request.source,
            category=request.category,
            cell_id=request.cell_id,
            place=PlaceWire(longitude=request.lon or 0.0, latitude=request.lat or 0.0) if known else None,
            address=request.address,
            description=request.description,
            requested_at=request.requested_at,
            updated_at=request.updated_at,
            filed_by=request.filed_by,
            opened=request.opened,
            case_id=case.id,
            case_number=case.number,
            stage=case.life.stage,
            is_open=case.is_open,
            has_contact=request.has_contact,
            pictures=tuple(each.url for each in request.media if each.url is not None),
        )


class FiledWire(WireModel):
    """The answer to a filing."""

    outcome: FiledAs
    request: RequestWire

    @classmethod
    def of(cls, filed: Filed) -> "FiledWire":
        return cls(outcome=filed.outcome, request=RequestWire.of(filed.request))


class RequestPageWire(WireModel):
    """Some requests, newest first."""

    requests: tuple[RequestWire, ...]
    next_cursor: str | None = Field(description="where to go on; null: that was all")


class WhyWire(WireModel):
    """Why somebody wants to know who asked."""

    reason: str = Field(min_length=2, max_length=300, pattern=PLAIN_TEXT, examples=["回访核实处置情况"])


class ContactAnswerWire(WireModel):
    """Who asked; null where nothing is kept."""

    contact: ContactWire | None
