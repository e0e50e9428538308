"""Requests found and told: one, several, or those that fit."""

from datetime import datetime, timedelta

from api.open311.calls import Call
from api.open311.documents import Document, Row, Value, w3c
from api.open311.errors import bad, missing
from cases.case import CaseState
from cases.requests.query import MOST, Around, LonLatBox, RequestQuery
from cases.requests.request import ServiceRequest
from cases.requests.store import names_of
from cases.requests.words import notice, status_notes

SPAN = timedelta(days=90)
"""The standard's own limit."""
MOST_PAGES = 100_000
DEFAULT_RADIUS_M = 500.0
LARGEST_RADIUS_M = 50_000.0


def request_list(call: Call) -> Document:
    """Raises: Open311Refused."""
    found = call.rooms.house.requests.find(query_of(call, call.rooms.clock.now()))
    return requests_document(call, found)


def request_of(call: Call, name: str) -> Document:
    """One request; or several, by a list of ids in the path.

    Raises:
        Open311Refused: none of them is there.
    """
    ids = tuple(part for part in (each.strip() for each in name.split(",")) if part)
    found = call.rooms.house.requests.find(RequestQuery(ids=_bounded(ids)))
    if not found:
        raise missing(f"没有这件诉求 / no request {name[:60]!a}; take the id from the answer to its filing")
    return requests_document(call, found)


def token_of(call: Call, token: str) -> Document:
    """Raises: RequestUnknown."""
    request_id = call.rooms.house.requests.id_of_token(token)
    return Document("service_requests", "request", ({"service_request_id": request_id, "token": token},))


def query_of(call: Call, now: datetime) -> RequestQuery:
    """
    Raises:
        Open311Refused: a filter cannot be read, or asks for more than 90 days.
    """
    ids = call.several("service_request_id")
    page_size = _whole(call, "page_size", MOST, MOST)
    page = _whole(call, "page", 1, MOST_PAGES)
    if ids:
        return RequestQuery(ids=_bounded(ids), page=page, page_size=page_size)
    start, end = span_of(call, now)
    return RequestQuery(
        categories=call.several("service_code"),
        start=start,
        end=end,
        state=_state(call),
        box=_box(call),
        around=_around(call),
        page=page,
        page_size=page_size,
    )


def span_of(call: Call, now: datetime) -> tuple[datetime, datetime]:
    """From when to when: the last 90 days unless the call says otherwise. Raises: Open311Refused."""
    start, end = call.moment("start_date"), call.moment("end_date")
    if start is None:
        end = end or now
        return end - SPAN, end
    end = end or min(start + SPAN, max(now, start))
    if end < start:
        raise bad("end_date 早于 start_date / end_date is before start_date; exchange them")
    if end - start > SPAN:
        raise bad(
            f"时间跨度超过 {SPAN.days} 天 / start_date and end_date are more than {SPAN.days} days apart; "
            "ask for a shorter time, or for one after the other"
        )
    return start, end


def requests_document(call: Call, requests: tuple[ServiceRequest, ...]) -> Document:
    names = names_of(call.rooms.house.requests.catalogue().catalogue)
    rows = tuple(_row(call, each, names.get(each.category, each.category)) for each in requests)
    return Document("service_requests", "request", rows)


def media_urls(call: Call, request: ServiceRequest) -> list[str]:
    """Addresses elsewhere as they were sent, and those of the blurred pictures that we keep."""
    return [each.url or f"{call.endpoint}media/{each.token}.jpg" for each in request.media]


def _row(call: Call, request: ServiceRequest, name: str) -> Row:
    case = request.case
    deadline = case.life.deadline
    urls = media_urls(call, request)
    media: Value = None if not urls else urls[0] if len(urls) == 1 else urls
    return {
        "service_request_id": request.id,
        "status": "open" if case.is_open else "closed",
        "status_notes": status_notes(case),
        "service_name": name,
        "service_code": request.category,
        "description": request.description or None,
        "agency_responsible": case.unit,
        "service_notice": notice(case),
        "requested_datetime": w3c(request.requested_at),
        "updated_datetime": w3c(request.updated_at),
        "expected_datetime": None if deadline is None else w3c(deadline.due_at),
        "address": request.address or f"网格 {request.cell_id} / grid {request.cell_id}",
        "address_id": request.cell_id,
        "zipcode": None,
        "lat": request.lat,
        "long": request.lon,
        "media_url": media,
    }


def _state(call: Call) -> CaseState | None:
    named = {each.lower() for each in call.several("status")}
    strange = sorted(named - {"open", "closed"})
    if strange:
        raise bad(f"status 只有 open 和 closed / status is open or closed; it is {strange[0][:40]!a}")
    return CaseState(named.pop()) if len(named) == 1 else None


def _box(call: Call) -> LonLatBox | None:
    said = call.several("bbox")
    if not said:
        return None
    try:
        west, south, east, north = (float(part) for part in said)
    except ValueError as error:
        raise bad("bbox 为 西,南,东,北 / bbox is four numbers: west,south,east,north in degrees") from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise bad("bbox 不正确 / bbox must be west,south,east,north within -180..180 and -90..90 degrees")
    return LonLatBox(west, south, east, north)


def _around(call: Call) -> Around | None:
    lat, lon = call.number("lat", -90, 90), call.number("long", -180, 180)
    radius_m = call.number("radius", 0, LARGEST_RADIUS_M)
    if lat is None and lon is None:
        if radius_m is not None:
            raise bad("radius 须与 lat、long 同用 / radius goes with lat and long; send them, too")
        return None
    if lat is None or lon is None:
        raise bad("lat 与 long 须同时给出 / lat and long go together; send both")
    return Around(lat, lon, DEFAULT_RADIUS_M if radius_m is None else radius_m)


def _whole(call: Call, name: str, default: int, most: int) -> int:
    said = call.one(name)
    if said is None:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) <= 9 and int(said) >= 1):
        raise bad(f"{name} 须为正整数 / {name} must be a whole number from 1 to {most}; it is {said[:20]!a}")
    return min(int(said), most)


def _bounded(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(ids) > MOST:
        raise bad(f"一次最多查询 {MOST} 件 / ask for at most {MOST} requests at once; these are {len(ids)}")
    return ids
