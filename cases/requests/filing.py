"""A request taken in: once, on the one open case of its cell and category; inside one transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from cases import tables
from cases.access.pictures import ANNOTATED, ORIGINAL
from cases.access.second_factor import SecretSealer
from cases.case import CaseState
from cases.catalogue.in_force import catalogue_in_force
from cases.ledger import Numbering
from cases.number import numbering_day
from cases.requests.draft import Media, RequestDraft
from cases.requests.errors import RequestUnfit, ServiceUnknown, TooManyRequests
from cases.requests.request import FiledAs
from cases.requests.rules import RequestRules
from cases.requests.tables import service_request, service_request_media
from cases.transactions import line_up, next_value
from cases.workflow.joining import join_or_open

HOUR = timedelta(hours=1)
REPEAT = timedelta(minutes=10)
"""A portal that heard no answer posts again within this; the case may have been closed in between."""
TOKEN_BYTES = 24
"""192 random bits: nobody finds one by trying."""


@dataclass(frozen=True, slots=True)
class Filing:
    """How requests are taken in at one site."""

    rules: RequestRules
    numbering: Numbering
    recurrence_days: float
    sealer: SecretSealer | None

    def file(self, connection: Connection, draft: RequestDraft, filed_by: str, now: datetime) -> tuple[str, FiledAs]:
        """The request's id, and what became of the posting. See ``RequestStore.file``."""
        line_up(connection)
        content_hash = draft.content_hash(filed_by)
        earlier = self._earlier(connection, content_hash, now)
        if earlier is not None:
            return earlier, FiledAs.DUPLICATE
        check_share(connection, service_request, filed_by, self.rules.per_hour, now)
        check_service(connection, draft.category)
        _check_pictures(connection, draft.media)
        request_id = self._next_id(connection, now)
        case, opened = join_or_open(
            connection,
            cell_id=draft.cell_id,
            category=draft.category,
            source=draft.source,
            at=draft.seen_at or now,
            now=now,
            actor=filed_by,
            data=_told(request_id, draft.media),
            zone=draft.zone,
            unit=draft.unit,
            numbering=self.numbering,
            recurrence_days=self.recurrence_days,
        )
        contact = None
        if self.sealer is not None and not draft.contact.is_empty:
            contact = draft.contact.sealed(self.sealer, request_id)
        row = {
            "id": request_id,
            "seq": next_value(connection, "service_request"),
            "case_id": case.id,
            "joined_seq": case.updated_seq,
            "opened": opened,
            "source": draft.source.value,
            "category": draft.category,
            "cell_id": draft.cell_id,
            "lat": draft.lat,
            "lon": draft.lon,
            "address": draft.address,
            "description": draft.description,
            "attributes": {code: list(values) for code, values in draft.attributes.items()},
            "requested_at": draft.seen_at or now,
            "received_at": now,
            "filed_by": filed_by,
            "content_hash": content_hash,
            "token": secrets.token_urlsafe(TOKEN_BYTES),
            "is_public": draft.is_public,
            "contact": contact,
            "contact_until": None if contact is None else now + timedelta(days=self.rules.contact_days),
        }
        connection.execute(service_request.insert().values(**row))
        _keep_media(connection, request_id, draft.media)
        return request_id, FiledAs.OPENED if opened else FiledAs.JOINED

    def _earlier(self, connection: Connection, content_hash: str, now: datetime) -> str | None:
        """The request that the very same posting made; once its case is closed, the same words are news again."""
        table, case = service_request, tables.case
        within = timedelta(hours=self.rules.duplicate_hours)
        is_alive = or_(case.c.state == CaseState.OPEN.value, table.c.received_at > now - min(within, REPEAT))
        found = (
            select(table.c.id)
            .join(case, case.c.id == table.c.case_id)
            .where(table.c.content_hash == content_hash, table.c.received_at > now - within, is_alive)
            .order_by(table.c.seq.desc())
            .limit(1)
        )
        return connection.execute(found).scalar_one_or_none()

    def _next_id(self, connection: Connection, now: datetime) -> str:
        """``R``, the city's day, and which one of that day."""
        day = numbering_day(now, self.numbering.zone)
        return f"R{day:%Y%m%d}{next_value(connection, f'request:{day:%Y%m%d}'):05d}"


def check_share(connection: Connection, table: Any, filed_by: str, per_hour: int, now: datetime) -> None:
    """
    Raises:
        TooManyRequests: the key has filed as many within the last hour as one may.
    """
    mine = (table.c.filed_by == filed_by) & (table.c.received_at > now - HOUR)
    if connection.execute(select(func.count()).select_from(table).where(mine)).scalar_one() >= per_hour:
        raise TooManyRequests(
            f"一小时内提交超过 {per_hour} 件 / key {filed_by!r} has filed {per_hour} within an hour; file again later, "
            "or raise [cases.requests].per_hour"
        )


def check_service(connection: Connection, category: str) -> None:
    """
    Raises:
        ServiceUnknown: the catalogue in force has no such category.
    """
    catalogue = catalogue_in_force(connection).catalogue
    if catalogue.category(category) is None:
        known = ", ".join(each.id for each in catalogue.categories)
        raise ServiceUnknown(f"没有这个类别 / no service {category[:64]!a}; this city has: {known}")


def _check_pictures(connection: Connection, media: tuple[Media, ...]) -> None:
    wanted = {name for each in media for name in (each.original, each.shown) if name is not None}
    if not wanted:
        return
    table = tables.evidence
    found = set(connection.execute(select(table.c.sha256).where(table.c.sha256.in_(wanted))).scalars())
    for missing in sorted(wanted - found):
        raise RequestUnfit(f"picture {missing} is not kept; keep it before the request that names it")


def _told(request_id: str, media: tuple[Media, ...]) -> dict[str, Any]:
    """What the case's history keeps of a request: its id and pictures, for it cannot be erased; no words."""
    kept = [each for each in media if each.original is not None and each.shown is not None]
    told: dict[str, Any] = {"request_id": request_id}
    if kept:
        first = kept[0]
        told["evidence"] = {"original": first.original, "annotated": first.shown, "crop": first.shown}
        told["media"] = [{"original": each.original, "shown": each.shown} for each in kept]
    return told


def _keep_media(connection: Connection, request_id: str, media: tuple[Media, ...]) -> None:
    table = tables.evidence
    for kind, names in (
        (ANNOTATED, [each.shown for each in media if each.shown is not None]),
        (ORIGINAL, [each.original for each in media if each.original is not None]),  # last: what is both is sealed
    ):
        if names:
            connection.execute(
                update(table)
                .where(table.c.sha256.in_(names), table.c.kind.is_distinct_from(ORIGINAL))
                .values(kind=kind)
            )
    for position, each in enumerate(media):
        token = None if each.shown is None else secrets.token_urlsafe(TOKEN_BYTES)
        row = {"original": each.original, "shown": each.shown, "url": each.url, "token": token}
        connection.execute(service_request_media.insert().values(request_id=request_id, position=position, **row))
