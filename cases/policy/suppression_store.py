"""Suppressions in the database: each change one transaction, audited; expired ones stay to be read."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from cases.access import audit
from cases.policy.errors import RuleTaken, RuleUnknown
from cases.policy.rules import Suppression
from cases.policy.suppressions import MOST_SUPPRESSIONS, KeptSuppression, SuppressionDraft
from cases.policy.tables import RULES_COUNTER, policy_suppression
from cases.transactions import next_value, reading, writing
from core.clock import as_utc, isoformat_z


class SuppressionStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self,
        before: int | None,
        limit: int,
        now: datetime | None = None,
        camera_id: str | None = None,
        cell_id: str | None = None,
    ) -> tuple[KeptSuppression, ...]:
        """Some, newest first.

        Args:
            before: from the one ahead of this id.
            now: given: only those that stand then.
            cell_id: those that name this cell.
        """
        table = policy_suppression
        statement = select(table).order_by(table.c.id.desc())
        if before is not None:
            statement = statement.where(table.c.id < before)
        if now is not None:
            statement = statement.where(table.c.removed_at.is_(None), table.c.expires_at > now)
        if camera_id is not None:
            statement = statement.where(table.c.camera_id == camera_id)
        with reading(self._engine) as connection:
            if cell_id is None:
                return tuple(kept_of(row) for row in connection.execute(statement.limit(limit)))
            # JSON lists are asked alike on neither engine; the bound on suppressions bounds this walk.
            rows = connection.execute(statement.limit(MOST_SUPPRESSIONS))
            return tuple(kept_of(row) for row in rows if cell_id in row.cells)[:limit]

    def get(self, suppression_id: int) -> KeptSuppression:
        """Raises: RuleUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, suppression_id)

    def add(self, draft: SuppressionDraft, actor: str, now: datetime, most_days: int | None = None) -> KeptSuppression:
        """
        Args:
            most_days: how long this person may suppress.

        Raises:
            PolicyRefused, GridError: it cannot be.
            RuleTaken: too many stand.
        """
        draft.ready()
        draft.check_expiry(now, most_days)
        with writing(self._engine) as connection:
            return add(connection, draft, actor, now)

    def extend(
        self, suppression_id: int, expires_at: datetime, actor: str, now: datetime, most_days: int | None = None
    ) -> KeptSuppression:
        """Let it end at another moment, earlier or later.

        Raises:
            RuleUnknown: there is none, or it has ended.
            PolicyRefused: the moment is past, or further away than this person may say.
        """
        table = policy_suppression
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            before = _found(connection, suppression_id)
            if not before.stands(as_utc(now)):
                raise RuleUnknown(f"suppression {suppression_id} has ended; add a new one")
            draft = SuppressionDraft(reason=before.suppression.reason, expires_at=expires_at)
            draft.check_expiry(now, most_days)
            values = {"expires_at": as_utc(expires_at), "revision": revision}
            connection.execute(update(table).where(table.c.id == suppression_id).values(**values))
            after = _found(connection, suppression_id)
            told = _told(after) | {"expired_before": isoformat_z(before.suppression.expires_at)}
            subject = after.suppression.rule
            audit.record(connection, actor=actor, action="suppression.extend", subject=subject, data=told, now=now)
            return after

    def remove(self, suppression_id: int, actor: str, now: datetime) -> None:
        """End it now. Raises: RuleUnknown, also for one that was removed already."""
        table = policy_suppression
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            before = _found(connection, suppression_id)
            if before.removed_at is not None:
                raise RuleUnknown(f"suppression {suppression_id} was removed already; see the list of suppressions")
            values = {"removed_at": as_utc(now), "removed_by": actor, "revision": revision}
            connection.execute(update(table).where(table.c.id == suppression_id).values(**values))
            audit.record(
                connection,
                actor=actor,
                action="suppression.remove",
                subject=before.suppression.rule,
                data=_told(before),
                now=now,
            )


def add(connection: Connection, draft: SuppressionDraft, actor: str, now: datetime) -> KeptSuppression:
    """Write a checked draft; in the caller's transaction. Raises: RuleTaken."""
    table = policy_suppression
    revision = next_value(connection, RULES_COUNTER)
    stands = select(func.count()).where(table.c.removed_at.is_(None), table.c.expires_at > now)
    if connection.execute(stands.select_from(table)).scalar_one() >= MOST_SUPPRESSIONS:
        raise RuleTaken(f"{MOST_SUPPRESSIONS} suppressions stand already; remove some, or wait until they expire")
    row = {
        "category": draft.category,
        "camera_id": draft.camera_id,
        "view_id": draft.view_id,
        "polygons": [[list(corner) for corner in polygon] for polygon in draft.polygons],
        "cells": sorted(draft.cells),
        "reason": draft.reason,
        "case_id": draft.case_id,
        "expires_at": as_utc(draft.expires_at),
        "revision": revision,
        "added_at": as_utc(now),
        "added_by": actor,
    }
    (suppression_id,) = connection.execute(table.insert().values(**row)).inserted_primary_key or (0,)
    kept = _found(connection, suppression_id)
    audit.record(
        connection, actor=actor, action="suppression.add", subject=kept.suppression.rule, data=_told(kept), now=now
    )
    return kept


def kept_of(row: Row[Any]) -> KeptSuppression:
    return KeptSuppression(
        suppression=suppression_of(row),
        revision=row.revision,
        added_at=row.added_at,
        added_by=row.added_by,
        removed_at=row.removed_at,
        removed_by=row.removed_by,
    )


def suppression_of(row: Row[Any]) -> Suppression:
    return SuppressionDraft(
        reason=row.reason,
        expires_at=row.expires_at,
        category=row.category,
        camera_id=row.camera_id,
        view_id=row.view_id,
        polygons=tuple(tuple((corner[0], corner[1]) for corner in polygon) for polygon in row.polygons),
        cells=tuple(row.cells),
        case_id=row.case_id,
    ).ready(row.id)


def _told(kept: KeptSuppression) -> dict[str, Any]:
    rule = kept.suppression
    return {
        "category": rule.category,
        "camera_id": rule.camera_id,
        "cells": sorted(rule.cells),
        "has_region": rule.region is not None,
        "reason": rule.reason,
        "case_id": rule.case_id,
        "expires_at": isoformat_z(rule.expires_at),
    }


def _found(connection: Connection, suppression_id: int) -> KeptSuppression:
    table = policy_suppression
    row = connection.execute(select(table).where(table.c.id == suppression_id)).one_or_none()
    if row is None:
        raise RuleUnknown(f"there is no suppression {suppression_id}; see the list of suppressions")
    return kept_of(row)
