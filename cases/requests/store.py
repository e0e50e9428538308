"""The requests' store: filed, found, and what identifies a person opened or erased; each call is one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, Select, select, update

from cases import tables
from cases.access import audit
from cases.access.pictures import ORIGINAL, usable_reason
from cases.access.second_factor import SecretSealer
from cases.case import Case
from cases.catalogue.entries import Catalogue
from cases.catalogue.in_force import CatalogueInForce, catalogue_in_force
from cases.ledger import Numbering
from cases.number import zone_named
from cases.requests.contact import Contact, unsealed
from cases.requests.draft import RequestDraft
from cases.requests.errors import RequestUnknown
from cases.requests.filing import Filing
from cases.requests.query import RequestQuery
from cases.requests.request import Filed, KeptMedia, ServiceRequest
from cases.requests.tables import service_request, service_request_media
from cases.requests.updates import PublicUpdate, UpdateDraft, file_update, public_updates
from cases.requests.voices import Voice, voices_of
from cases.rows import case_of
from cases.rules import CaseRules
from cases.sources import Source
from cases.transactions import reading, writing
from core.ids import CaseId, CategoryId, CellId

EXPIRY_ACTOR = "keeping"


class RequestStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one.

    Args:
        sealer: seals who asked; None: that is not kept.
    """

    def __init__(self, engine: Engine, rules: CaseRules | None = None, sealer: SecretSealer | None = None) -> None:
        rules = rules or CaseRules()
        self._engine = engine
        self._rules = rules.requests
        self._sealer = sealer
        numbering = Numbering(zone_named(rules.number_zone), rules.number_source)
        self._filing = Filing(rules.requests, numbering, rules.recurrence_days, sealer)

    def file(self, draft: RequestDraft, filed_by: str, now: datetime) -> Filed:
        """Take in one request: it opens the case of its cell and category, or joins the one that stands.

        Args:
            filed_by: the key's or person's name.

        Raises:
            ServiceUnknown: the catalogue has no such category.
            RequestUnfit: it is too long, or names pictures that are not kept.
            TooManyRequests: the key has filed its share of this hour.
        """
        draft.check()
        with writing(self._engine) as connection:
            request_id, outcome = self._filing.file(connection, draft, filed_by, now)
            (request,) = _requests_of(connection, select(service_request).where(service_request.c.id == request_id))
        return Filed(request, outcome)

    def find(self, query: RequestQuery) -> tuple[ServiceRequest, ...]:
        """One page, newest first."""
        with reading(self._engine) as connection:
            ids = [str(each) for each in connection.execute(query.statement()).scalars()]
            found = _requests_of(connection, select(service_request).where(service_request.c.id.in_(ids)))
        by_id = {request.id: request for request in found}
        return tuple(by_id[each] for each in ids)

    def get(self, request_id: str, public_only: bool = False) -> ServiceRequest:
        """Raises: RequestUnknown."""
        found = self.find(RequestQuery(ids=(request_id,), public_only=public_only))
        if not found:
            raise RequestUnknown(
                f"没有这件诉求 / no request {request_id[:40]!a}; take the id from the answer to its filing"
            )
        return found[0]

    def id_of_token(self, token: str) -> str:
        """Raises: RequestUnknown."""
        statement = select(service_request.c.id).where(service_request.c.token == token)
        with reading(self._engine) as connection:
            found = connection.execute(statement).scalar_one_or_none()
        if found is None:
            raise RequestUnknown("没有这个令牌 / no such token; take it from the answer to the filing")
        return str(found)

    def picture_of_token(self, token: str) -> str | None:
        """SHA-256 of the blurred picture that a token shows; None where there is none, or it is an original."""
        media, picture = service_request_media, tables.evidence
        statement = (
            select(media.c.shown)
            .join(picture, picture.c.sha256 == media.c.shown)
            .where(media.c.token == token, picture.c.kind.is_distinct_from(ORIGINAL))
        )
        with reading(self._engine) as connection:
            return connection.execute(statement).scalar_one_or_none()

    def contact_of(self, request_id: str, actor: str, reason: str | None, now: datetime) -> Contact | None:
        """Who asked, and an entry in the audit log; None where nothing is kept.

        Raises:
            RequestUnknown: no such request.
            ReasonMissing: no usable reason came.
        """
        why = usable_reason(reason)
        with writing(self._engine) as connection:
            sealed = _contact_row(connection, request_id).contact
            if sealed is None or self._sealer is None:
                return None
            contact = unsealed(sealed, self._sealer, request_id)
            subject = f"request:{request_id}"
            audit.record(
                connection, actor=actor, action="request.contact", subject=subject, data={"reason": why}, now=now
            )
        return contact

    def erase_contact(self, request_id: str, actor: str, now: datetime) -> None:
        """Who asked is forgotten; the request and its case stay. Raises: RequestUnknown."""
        table = service_request
        with writing(self._engine) as connection:
            if _contact_row(connection, request_id).contact is None:
                return
            connection.execute(update(table).where(table.c.id == request_id).values(contact=None, contact_until=None))
            audit.record(
                connection, actor=actor, action="request.forget", subject=f"request:{request_id}", data={}, now=now
            )

    def add_update(self, draft: UpdateDraft, filed_by: str, now: datetime) -> str:
        """What another system adds to a request: a comment on its case. Returns the update's id; a repeat, the same.

        Raises:
            RequestUnknown: no such public request.
            TooManyRequests: the key has filed its share of this hour.
        """
        with writing(self._engine) as connection:
            return file_update(connection, draft, filed_by, self._rules.per_hour, now)

    def updates(self, start: datetime, end: datetime, limit: int) -> tuple[PublicUpdate, ...]:
        """What happened to public requests in that time, both ends included; oldest first."""
        with reading(self._engine) as connection:
            return public_updates(connection, start, end, limit)

    def voices(self, case_id: CaseId) -> tuple[Voice, ...]:
        """What people said of one case, newest first; nothing of who they are."""
        with reading(self._engine) as connection:
            return voices_of(connection, case_id)

    def catalogue(self) -> CatalogueInForce:
        """What can be asked for now."""
        with reading(self._engine) as connection:
            return catalogue_in_force(connection)


def expire_contacts(connection: Connection, now: datetime) -> int:
    """Erase who asked where their days have passed; returns how many."""
    table = service_request
    count = connection.execute(
        update(table).where(table.c.contact_until <= now).values(contact=None, contact_until=None)
    ).rowcount
    if count:
        audit.record(
            connection,
            actor=EXPIRY_ACTOR,
            action="request.forget",
            subject="requests",
            data={"count": count},
            now=now,
        )
    return count


def names_of(catalogue: Catalogue) -> dict[str, str]:
    """Category id to what the public calls it."""
    return {each.id: f"{each.zh} / {each.en}" for each in catalogue.categories}


def _contact_row(connection: Connection, request_id: str) -> Row[tuple[str | None]]:
    row = connection.execute(select(service_request.c.contact).where(service_request.c.id == request_id)).one_or_none()
    if row is None:
        raise RequestUnknown(f"没有这件诉求 / no request {request_id[:40]!a}; take the id from the list of requests")
    return row


def _requests_of(connection: Connection, statement: Select[tuple[object, ...]]) -> list[ServiceRequest]:
    rows = connection.execute(statement).all()
    if not rows:
        return []
    cases = _cases(connection, {row.case_id for row in rows})
    changed = _moments(connection, [case.updated_seq for case in cases.values()])
    media = _media(connection, [row.id for row in rows])
    return [
        ServiceRequest(
            id=row.id,
            seq=row.seq,
            case=(case := cases[row.case_id]),
            opened=row.opened,
            source=Source(row.source),
            category=CategoryId(row.category),
            cell_id=CellId(row.cell_id),
            lat=row.lat,
            lon=row.lon,
            address=row.address,
            description=row.description,
            attributes={code: tuple(values) for code, values in row.attributes.items()},
            requested_at=row.requested_at,
            updated_at=max(row.received_at, case.closed_at or changed[case.updated_seq]),
            filed_by=row.filed_by,
            token=row.token,
            is_public=row.is_public,
            has_contact=row.contact is not None,
            media=tuple(media.get(row.id, ())),
        )
        for row in rows
    ]


def _cases(connection: Connection, ids: Collection[str]) -> dict[str, Case]:
    rows = connection.execute(select(tables.case).where(tables.case.c.id.in_(ids))).all()
    return {row.id: case_of(row) for row in rows}


def _moments(connection: Connection, seqs: Sequence[int]) -> dict[int, datetime]:
    table = tables.case_event
    rows = connection.execute(select(table.c.seq, table.c.recorded_at).where(table.c.seq.in_(seqs)))
    return {row.seq: row.recorded_at for row in rows}


def _media(connection: Connection, ids: Sequence[str]) -> dict[str, list[KeptMedia]]:
    """Pictures that are still kept, and addresses elsewhere."""
    table, picture = service_request_media, tables.evidence
    rows = connection.execute(
        select(table.c.request_id, table.c.url, table.c.token, picture.c.sha256)
        .outerjoin(picture, picture.c.sha256 == table.c.shown)
        .where(table.c.request_id.in_(ids))
        .order_by(table.c.request_id, table.c.position)
    )
    found: dict[str, list[KeptMedia]] = {}
    for row in rows:
        if row.url is not None or row.sha256 is not None:
            found.setdefault(row.request_id, []).append(KeptMedia(row.url, row.token))
    return found
