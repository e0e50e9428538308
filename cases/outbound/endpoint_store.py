"""Webhook endpoints in the database; every change is audited, no secret is ever in the audit."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, select, update

from cases.access.audit import record
from cases.outbound.endpoints import (
    Endpoint,
    EndpointDraft,
    SealedSecret,
    check_draft,
    endpoint_of,
    secrets_json,
)
from cases.outbound.errors import EndpointMovedOn, EndpointTaken, LineUnknown
from cases.outbound.line_store import new_line
from cases.outbound.lines import LineKind
from cases.outbound.tables import dead_letter, outbound_line, webhook_endpoint
from cases.transactions import line_up, reading, writing
from core.clock import as_utc


class EndpointStore:
    """Every method may raise ``DatabaseUnavailable``; threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        endpoint_id: str,
        draft: EndpointDraft,
        sealed: str,
        actor: str,
        now: datetime,
        *,
        after: int | None = None,
        most: int = 50,
    ) -> Endpoint:
        """A new endpoint, told of what follows.

        Args:
            endpoint_id: from ``new_endpoint_id``.
            sealed: its secret, sealed for ``purpose_of(endpoint_id)``.
            after: begin after this event instead of the newest; 0: with the first ever.
            most: endpoints that may stand at once.

        Raises:
            EndpointRefused: the draft cannot be.
            EndpointTaken: there are enough.
        """
        check_draft(draft)
        moment = as_utc(now)
        with writing(self._engine) as connection:
            line_up(connection)
            standing = connection.execute(select(func.count()).select_from(webhook_endpoint)).scalar_one()
            if standing >= most:
                raise EndpointTaken(f"{standing} endpoints stand already; remove one, or raise [outbound].endpoints")
            connection.execute(
                outbound_line.insert().values(**new_line(connection, endpoint_id, LineKind.WEBHOOK, after, moment))
            )
            connection.execute(
                webhook_endpoint.insert().values(
                    line_id=endpoint_id,
                    **_draft_row(draft),
                    secrets=secrets_json([SealedSecret(sealed, moment, None)]),
                    revision=1,
                    created_at=moment,
                    created_by=actor,
                    changed_at=moment,
                    changed_by=actor,
                )
            )
            _note(connection, "webhook.add", endpoint_id, draft, actor, moment)
            return _endpoint(connection, endpoint_id)

    def all(self) -> tuple[Endpoint, ...]:
        """Every endpoint, the oldest first."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(webhook_endpoint).order_by(webhook_endpoint.c.created_at, webhook_endpoint.c.line_id)
            )
            return tuple(endpoint_of(row) for row in found)

    def get(self, endpoint_id: str) -> Endpoint:
        """Raises: LineUnknown."""
        with reading(self._engine) as connection:
            return _endpoint(connection, endpoint_id)

    def change(
        self, endpoint_id: str, draft: EndpointDraft, expected_revision: int | None, actor: str, now: datetime
    ) -> Endpoint:
        """Another name, address or filter; the line goes on where it was.

        Raises:
            LineUnknown, EndpointRefused, EndpointMovedOn.
        """
        check_draft(draft)
        with writing(self._engine) as connection:
            _as_expected(_endpoint(connection, endpoint_id), expected_revision)
            self._keep(connection, endpoint_id, _draft_row(draft), actor, now)
            _note(connection, "webhook.change", endpoint_id, draft, actor, now)
            return _endpoint(connection, endpoint_id)

    def rotate(self, endpoint_id: str, sealed: str, keep_hours: float, actor: str, now: datetime) -> Endpoint:
        """A new secret signs from now on, and the one before it for ``keep_hours`` more.

        Raises:
            LineUnknown.
        """
        moment = as_utc(now)
        ends = moment + timedelta(hours=keep_hours)
        with writing(self._engine) as connection:
            standing = _endpoint(connection, endpoint_id)
            older = [
                replace(each, until=ends if each.until is None else min(each.until, ends))
                for each in standing.in_force(moment)
            ]
            kept = secrets_json([SealedSecret(sealed, moment, None), *older])
            self._keep(connection, endpoint_id, {"secrets": kept}, actor, moment)
            data = {"old_until": ends.isoformat()}
            record(
                connection,
                actor=actor,
                action="webhook.rotate",
                subject=f"webhook:{endpoint_id}",
                data=data,
                now=moment,
            )
            return _endpoint(connection, endpoint_id)

    def remove(self, endpoint_id: str, expected_revision: int | None, actor: str, now: datetime) -> None:
        """The endpoint, its line and its dead letters are gone.

        Raises:
            LineUnknown, EndpointMovedOn.
        """
        with writing(self._engine) as connection:
            # The sender locks the line before its letters; in the same order nobody waits for the other.
            connection.execute(select(outbound_line.c.id).where(outbound_line.c.id == endpoint_id).with_for_update())
            standing = _endpoint(connection, endpoint_id)
            _as_expected(standing, expected_revision)
            connection.execute(delete(dead_letter).where(dead_letter.c.line_id == endpoint_id))
            connection.execute(delete(webhook_endpoint).where(webhook_endpoint.c.line_id == endpoint_id))
            connection.execute(delete(outbound_line).where(outbound_line.c.id == endpoint_id))
            _note(connection, "webhook.remove", endpoint_id, standing.draft, actor, now)

    def _keep(
        self, connection: Connection, endpoint_id: str, values: dict[str, object], actor: str, now: datetime
    ) -> None:
        connection.execute(
            update(webhook_endpoint)
            .where(webhook_endpoint.c.line_id == endpoint_id)
            .values(**values, revision=webhook_endpoint.c.revision + 1, changed_at=now, changed_by=actor)
        )


def _endpoint(connection: Connection, endpoint_id: str) -> Endpoint:
    row = connection.execute(select(webhook_endpoint).where(webhook_endpoint.c.line_id == endpoint_id)).one_or_none()
    if row is None:
        raise LineUnknown(f"no webhook endpoint {endpoint_id[:64]!a}; take its id from GET /api/v1/webhooks")
    return endpoint_of(row)


def _as_expected(standing: Endpoint, expected_revision: int | None) -> None:
    if expected_revision is not None and expected_revision != standing.revision:
        raise EndpointMovedOn(
            f"endpoint {standing.id} has changed since (revision {standing.revision}, not {expected_revision}); "
            "read it again, then decide"
        )


def _draft_row(draft: EndpointDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "url": draft.url,
        "kinds": list(draft.kinds),
        "categories": list(draft.categories),
    }


def _note(
    connection: Connection, action: str, endpoint_id: str, draft: EndpointDraft, actor: str, now: datetime
) -> None:
    record(connection, actor=actor, action=action, subject=f"webhook:{endpoint_id}", data=_draft_row(draft), now=now)
