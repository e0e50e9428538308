"""Permits in the database: each change one transaction, audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from cases.access import audit
from cases.policy.errors import RuleMovedOn, RuleTaken, RuleUnknown
from cases.policy.permits import MOST_PERMITS, KeptPermit, PermitDraft, Rings
from cases.policy.rules import PermitArea
from cases.policy.tables import RULES_COUNTER, policy_permit
from cases.transactions import next_value, reading, writing
from core.clock import as_utc


@dataclass(frozen=True, slots=True)
class PermitImport:
    """What an import did."""

    added: int
    changed: int
    unchanged: int


class PermitStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[KeptPermit, ...]:
        """Those that stand, by id; at most ``MOST_PERMITS``."""
        with reading(self._engine) as connection:
            return tuple(kept_of(row) for row in connection.execute(standing()))

    def page(self, after: int, limit: int) -> tuple[KeptPermit, ...]:
        """Some that stand, by id, from the one behind ``after``."""
        with reading(self._engine) as connection:
            rows = connection.execute(standing().where(policy_permit.c.id > after).limit(limit)).all()
        return tuple(kept_of(row) for row in rows)

    def get(self, permit_id: int) -> KeptPermit:
        """Raises: RuleUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, permit_id)

    def add(self, draft: PermitDraft, actor: str, now: datetime) -> KeptPermit:
        """
        Raises:
            PolicyRefused, GridError: it cannot be.
            RuleTaken: the number is in use, or there are too many.
        """
        draft.ready()
        with writing(self._engine) as connection:
            return _add(connection, draft, actor, now, next_value(connection, RULES_COUNTER))

    def replace(
        self, permit_id: int, draft: PermitDraft, expected: int | None, actor: str, now: datetime
    ) -> KeptPermit:
        """Put a permit's new form in the place of the old one.

        Args:
            expected: the revision that the caller looked at; None replaces whatever stands there now.

        Raises:
            PolicyRefused, GridError, RuleUnknown, RuleMovedOn, RuleTaken.
        """
        draft.ready()
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            before = _expected(connection, permit_id, expected)
            if draft.number != before.permit.number:
                _refuse_taken(connection, draft.number)
            return _replace(connection, before, draft, actor, now, revision)

    def remove(self, permit_id: int, expected: int | None, actor: str, now: datetime) -> None:
        """
        Raises:
            RuleUnknown, RuleMovedOn.
        """
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            before = _expected(connection, permit_id, expected)
            values = {"removed_at": as_utc(now), "changed_at": as_utc(now), "changed_by": actor, "revision": revision}
            connection.execute(update(policy_permit).where(policy_permit.c.id == permit_id).values(**values))
            data = before.as_feature()["properties"]
            audit.record(
                connection, actor=actor, action="permit.remove", subject=before.permit.rule, data=data, now=now
            )

    def import_all(self, drafts: Sequence[PermitDraft], actor: str, now: datetime) -> PermitImport:
        """All of them or none: a number that stands is replaced, another one is added, the rest stays.

        Raises:
            PolicyRefused, GridError, RuleTaken.
        """
        for draft in drafts:
            draft.ready()
        added = changed = 0
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            stands = {kept.permit.number: kept for kept in map(kept_of, connection.execute(standing()))}
            for draft in drafts:
                before = stands.get(draft.number)
                if before is None:
                    _add(connection, draft, actor, now, revision)
                    added += 1
                elif not _is_same(before, draft):
                    _replace(connection, before, draft, actor, now, revision)
                    changed += 1
        return PermitImport(added, changed, len(drafts) - added - changed)


def standing() -> Any:
    """The permits in force, by id."""
    return select(policy_permit).where(policy_permit.c.removed_at.is_(None)).order_by(policy_permit.c.id)


def kept_of(row: Row[Any]) -> KeptPermit:
    return KeptPermit(
        permit=permit_of(row),
        note=row.note,
        revision=row.revision,
        added_at=row.added_at,
        added_by=row.added_by,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def permit_of(row: Row[Any]) -> PermitArea:
    return PermitDraft(
        number=row.number,
        name=row.name,
        categories=tuple(row.categories),
        rings=_rings(row.rings),
        cells=tuple(row.cells),
        hours=tuple(row.hours),
        season=row.season,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    ).ready(row.id)


def _add(connection: Connection, draft: PermitDraft, actor: str, now: datetime, revision: int) -> KeptPermit:
    _refuse_taken(connection, draft.number)
    stands = select(func.count()).select_from(policy_permit).where(policy_permit.c.removed_at.is_(None))
    if connection.execute(stands).scalar_one() >= MOST_PERMITS:
        raise RuleTaken(f"{MOST_PERMITS} permits stand already; remove those that have ended")
    row = _row_of(draft) | {"added_at": as_utc(now), "added_by": actor}
    row |= {"changed_at": as_utc(now), "changed_by": actor, "revision": revision}
    (permit_id,) = connection.execute(policy_permit.insert().values(**row)).inserted_primary_key or (0,)
    kept = _found(connection, permit_id)
    data = kept.as_feature()["properties"]
    audit.record(connection, actor=actor, action="permit.add", subject=kept.permit.rule, data=data, now=now)
    return kept


def _replace(
    connection: Connection, before: KeptPermit, draft: PermitDraft, actor: str, now: datetime, revision: int
) -> KeptPermit:
    row = _row_of(draft) | {"changed_at": as_utc(now), "changed_by": actor, "revision": revision}
    connection.execute(update(policy_permit).where(policy_permit.c.id == before.permit.id).values(**row))
    after = _found(connection, before.permit.id)
    data = {"before": before.as_feature()["properties"], "after": after.as_feature()["properties"]}
    audit.record(connection, actor=actor, action="permit.change", subject=after.permit.rule, data=data, now=now)
    return after


def _row_of(draft: PermitDraft) -> dict[str, Any]:
    permit = draft.ready()
    return {
        "number": draft.number,
        "name": draft.name,
        "categories": sorted(draft.categories),
        "rings": [[list(place) for place in ring] for ring in draft.rings],
        "cells": sorted(draft.cells),
        "hours": permit.hours.as_json(),
        "season": None if permit.season is None else permit.season.as_json(),
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "note": draft.note,
    }


def _is_same(kept: KeptPermit, draft: PermitDraft) -> bool:
    return draft.ready(kept.permit.id) == kept.permit and draft.note == kept.note


def _rings(kept: Sequence[Sequence[Sequence[float]]]) -> Rings:
    return tuple(tuple((place[0], place[1]) for place in ring) for ring in kept)


def _refuse_taken(connection: Connection, number: str) -> None:
    taken = select(policy_permit.c.id).where(policy_permit.c.number == number, policy_permit.c.removed_at.is_(None))
    found = connection.execute(taken).scalar_one_or_none()
    if found is not None:
        raise RuleTaken(f"permit number {number!a} is in use (permit:{found}); give another, or change that one")


def _found(connection: Connection, permit_id: int) -> KeptPermit:
    row = connection.execute(standing().where(policy_permit.c.id == permit_id)).one_or_none()
    if row is None:
        raise RuleUnknown(f"no permit {permit_id} stands; see the list of permits")
    return kept_of(row)


def _expected(connection: Connection, permit_id: int, expected: int | None) -> KeptPermit:
    kept = _found(connection, permit_id)
    if expected is not None and expected != kept.revision:
        raise RuleMovedOn(
            f"permit {permit_id} was changed by {kept.changed_by} (revision {kept.revision}, not {expected}); "
            "read it again, then decide"
        )
    return kept
