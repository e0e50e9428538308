"""A report as a portal posts it, made a request."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from api.cell_directory import CellDirectory
from api.open311.calls import Call
from api.open311.documents import Document, Row
from api.open311.errors import bad
from api.open311.pictures import keep_picture
from api.open311.services import check_attributes, check_offered
from cases.requests.contact import Contact
from cases.requests.draft import LONGEST_DESCRIPTION, Media, RequestDraft
from cases.requests.words import notice
from cases.sources import Source
from core.ids import CategoryId, CellId

LONGEST_CONTACT = 200
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is: the cell, and the place in it where that was told."""

    cell_id: CellId
    lat: float | None
    lon: float | None


def file_request(call: Call, pictures: tuple[bytes, ...]) -> Document:
    """Take in one report.

    Raises:
        Open311Refused: 403 for the key, 404 for the service, 400 for what is missing or wrong.
        CaseError: see ``RequestStore.file``.
    """
    filed_by = call.filer()
    rooms = call.rooms
    settings = rooms.settings.open311
    code = call.one("service_code")
    if code is None:
        raise bad("缺少 service_code / service_code is missing; take one from services.xml")
    check_offered(code, settings, rooms.house.requests.catalogue().catalogue)
    place = place_of(call, rooms.cells)
    check_attributes(code, settings, call.attributes)
    category = CategoryId(code)
    description = call.one("description") or ""
    if len(description) > LONGEST_DESCRIPTION:
        raise bad(
            f"描述超过 {LONGEST_DESCRIPTION} 字 / description has {len(description)} characters; "
            f"send at most {LONGEST_DESCRIPTION}"
        )
    urls = _media_urls(call)
    if len(urls) + len(pictures) > settings.media_count:
        raise bad(f"图片超过 {settings.media_count} 张 / more than {settings.media_count} pictures came; send fewer")
    kept = tuple(keep_picture(rooms, picture) for picture in pictures)
    draft = RequestDraft(
        category=category,
        cell_id=place.cell_id,
        source=Source.CITIZEN,
        description=description,
        lat=place.lat,
        lon=place.lon,
        address=call.one("address_string"),
        zone=rooms.cells.zone(place.cell_id),
        unit=rooms.cells.unit(place.cell_id, category),
        contact=_contact(call),
        attributes=_asked_for(call, code),
        media=(*kept, *(Media(url=url) for url in urls)),
        is_public=True,
    )
    filed = rooms.house.requests.file(draft, filed_by, rooms.clock.now()).request
    answer: dict[str, str | None] = (
        {"token": filed.token} if settings.answers == "batch" else {"service_request_id": filed.id}
    )
    row: Row = {**answer, "service_notice": notice(filed.case), "account_id": None}
    return Document("service_requests", "request", (row,))


def place_of(call: Call, cells: CellDirectory) -> Place:
    """
    Raises:
        Open311Refused: no place that can be found, or one outside this city's grid.
    """
    lat, lon = call.number("lat", -90, 90), call.number("long", -180, 180)
    address_id = call.one("address_id")
    if lat is not None and lon is not None:
        cell = cells.cell_at(lon, lat)
        if cell is None:
            raise bad(
                f"位置不在本市网格范围内 / the place {lat:g}, {lon:g} (lat, long) lies outside this city's grid; "
                "check that lat and long are not exchanged, or report it to the city that it lies in"
            )
        return Place(cell, lat, lon)
    if lat is not None or lon is not None:
        raise bad("lat 与 long 须同时给出 / lat and long go together; send both, in WGS-84 degrees")
    if address_id is not None and cells.feature(CellId(address_id)) is not None:
        return Place(CellId(address_id), None, None)
    if address_id is not None:
        raise bad(
            f"没有这个 address_id / address_id {address_id[:40]!a} is no grid code of this city; "
            "send lat and long, or a grid code"
        )
    raise bad(
        "缺少位置：须给出 lat 和 long / a place is missing: send lat and long in WGS-84 degrees (an address in words "
        "alone cannot be found on the map here), or a grid code as address_id"
    )


def _contact(call: Call) -> Contact:
    names = ("first_name", "last_name", "phone", "email", "account_id", "device_id")
    return Contact(**{name: (call.one(name) or "")[:LONGEST_CONTACT] for name in names})


def _asked_for(call: Call, code: str) -> dict[str, tuple[str, ...]]:
    """Answers to what is asked; what nobody asked for is not kept, for nobody can say what it holds."""
    asked = {rule.code for rule in call.rooms.settings.open311.attributes.get(code, ())}
    return {name: values for name, values in call.attributes.items() if name in asked}


def _media_urls(call: Call) -> tuple[str, ...]:
    """Addresses of pictures elsewhere: kept as they are, never called."""
    urls = call.fields.get("media_url", ())
    for url in urls:
        try:
            parts = urlsplit(url)
            is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= LONGEST_URL
        except ValueError:
            is_usable = False
        if not is_usable or not url.isprintable() or " " in url:
            raise bad(
                f"media_url 不正确 / media_url must be an http or https address of at most {LONGEST_URL} characters"
            )
    return tuple(dict.fromkeys(urls))
