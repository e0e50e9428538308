"""Profiles with their bars, and the auto-file switches: each change one transaction, audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from cases.access import audit
from cases.policy.errors import PolicyRefused, RuleMovedOn, RuleTaken, RuleUnknown
from cases.policy.hours import hours_of
from cases.policy.rules import AutoMode, AutoSwitch, Bar, Below, Profile, ProfileKind
from cases.policy.tables import RULES_COUNTER, policy_profile, policy_switch
from cases.transactions import next_value, reading, writing
from core.clock import as_utc

MOST_PROFILES = 50
MOST_SWITCHES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDraft:
    """What a person wants of candidates at some hours."""

    kind: ProfileKind
    name: str
    rank: int = 100
    hours: tuple[Mapping[str, Any], ...] = ()
    bars: Mapping[str, Bar]
    """By category; ``*`` for those not named."""

    def ready(self, profile_id: int = 0) -> Profile:
        """The rule that this makes. Raises: PolicyRefused."""
        where = f"profile {self.name!a}"
        if not self.name or len(self.name) > 200 or not self.name.isprintable():
            raise PolicyRefused(f"{where}: the name is not usable; write 1 to 200 printable characters")
        if (self.kind is ProfileKind.GENERAL) == bool(self.hours):
            raise PolicyRefused(
                f"{where}: a general profile holds whenever no other does and has no hours, a night or peak profile "
                "needs some; mend the hours or the kind"
            )
        if len(self.bars) > 200:
            raise PolicyRefused(f"{where}: {len(self.bars)} bars are more than 200; join some under *")
        for category, bar in self.bars.items():
            for value in (bar.confidence, bar.probability):
                if value is not None and not 0.0 <= value <= 1.0:
                    raise PolicyRefused(f"{where}: bar {value} of {category[:64]!a} is not a share; write 0 to 1")
        return Profile(
            id=profile_id,
            kind=self.kind,
            name=self.name,
            rank=self.rank,
            hours=hours_of(self.hours, f"{where}: hours"),
            bars=dict(self.bars),
        )


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """A profile in the database."""

    profile: Profile
    revision: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class KeptSwitch:
    """A switch in the database."""

    switch: AutoSwitch
    changed_at: datetime
    changed_by: str


class ProfileStore:
    """Every method may raise ``DatabaseUnavailable``. Threads may share one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[KeptProfile, ...]:
        """Those that stand, by rank."""
        with reading(self._engine) as connection:
            return tuple(_kept(row) for row in connection.execute(standing_profiles()))

    def get(self, profile_id: int) -> KeptProfile:
        """Raises: RuleUnknown."""
        with reading(self._engine) as connection:
            return _found(connection, profile_id)

    def add(self, draft: ProfileDraft, actor: str, now: datetime) -> KeptProfile:
        """Raises: PolicyRefused; RuleTaken where a general profile stands, or too many do."""
        draft.ready()
        table = policy_profile
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            _refuse_second_general(connection, draft, 0)
            stands = select(func.count()).select_from(table).where(table.c.removed_at.is_(None))
            if connection.execute(stands).scalar_one() >= MOST_PROFILES:
                raise RuleTaken(f"{MOST_PROFILES} profiles stand already; remove some")
            row = _row_of(draft) | {"revision": revision, "changed_at": as_utc(now), "changed_by": actor}
            (profile_id,) = connection.execute(table.insert().values(**row)).inserted_primary_key or (0,)
            _audit(connection, f"profile:{profile_id}", "profile.add", _row_of(draft), actor, now)
            return _found(connection, profile_id)

    def replace(
        self, profile_id: int, draft: ProfileDraft, expected: int | None, actor: str, now: datetime
    ) -> KeptProfile:
        """Raises: PolicyRefused, RuleUnknown, RuleMovedOn, RuleTaken."""
        draft.ready()
        table = policy_profile
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            _expected(connection, profile_id, expected)
            _refuse_second_general(connection, draft, profile_id)
            row = _row_of(draft) | {"revision": revision, "changed_at": as_utc(now), "changed_by": actor}
            connection.execute(update(table).where(table.c.id == profile_id).values(**row))
            _audit(connection, f"profile:{profile_id}", "profile.change", _row_of(draft), actor, now)
            return _found(connection, profile_id)

    def remove(self, profile_id: int, expected: int | None, actor: str, now: datetime) -> None:
        """Raises: RuleUnknown, RuleMovedOn."""
        table = policy_profile
        with writing(self._engine) as connection:
            revision = next_value(connection, RULES_COUNTER)
            kept = _expected(connection, profile_id, expected)
            values = {"removed_at": as_utc(now), "changed_at": as_utc(now), "changed_by": actor, "revision": revision}
            connection.execute(update(table).where(table.c.id == profile_id).values(**values))
            _audit(connection, kept.profile.rule, "profile.remove", {"name": kept.profile.name}, actor, now)

    def switches(self) -> tuple[KeptSwitch, ...]:
        """Every auto-file switch, by category and camera."""
        table = policy_switch
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.category, table.c.camera_id)).all()
        return tuple(KeptSwitch(switch_of(row), row.changed_at, row.changed_by) for row in rows)

    def turn(self, category: str, camera_id: str, mode: AutoMode, actor: str, now: datetime) -> KeptSwitch:
        """Turn the switch of a category (or ``*``) and camera (or ``*``).

        Raises:
            RuleTaken: there are too many.
        """
        table = policy_switch
        here = (table.c.category == category) & (table.c.camera_id == camera_id)
        values = {"mode": mode.value, "changed_at": as_utc(now), "changed_by": actor}
        with writing(self._engine) as connection:
            next_value(connection, RULES_COUNTER)
            before = connection.execute(select(table).where(here)).one_or_none()
            if before is not None:
                connection.execute(update(table).where(here).values(**values))
            else:
                if connection.execute(select(func.count()).select_from(table)).scalar_one() >= MOST_SWITCHES:
                    raise RuleTaken(f"{MOST_SWITCHES} switches are set already; set them for camera * instead")
                connection.execute(table.insert().values(category=category, camera_id=camera_id, **values))
            row = connection.execute(select(table).where(here)).one()
            told = {
                "category": category,
                "camera_id": camera_id,
                "from": None if before is None else before.mode,
                "to": mode.value,
            }
            _audit(connection, f"switch:{row.id}", "auto_file.switch", told, actor, now)
            return KeptSwitch(switch_of(row), row.changed_at, row.changed_by)


def standing_profiles() -> Any:
    table = policy_profile
    return select(table).where(table.c.removed_at.is_(None)).order_by(table.c.rank, table.c.id)


def profile_of(row: Row[Any]) -> Profile:
    bars = {
        category: Bar(kept["confidence"], kept["probability"], Below(kept["below"]))
        for category, kept in row.bars.items()
    }
    return ProfileDraft(
        kind=ProfileKind(row.kind), name=row.name, rank=row.rank, hours=tuple(row.hours), bars=bars
    ).ready(row.id)


def switch_of(row: Row[Any]) -> AutoSwitch:
    return AutoSwitch(row.id, row.category, row.camera_id, AutoMode(row.mode))


def _kept(row: Row[Any]) -> KeptProfile:
    return KeptProfile(profile_of(row), row.revision, row.changed_at, row.changed_by)


def _row_of(draft: ProfileDraft) -> dict[str, Any]:
    bars = {
        category: {"confidence": bar.confidence, "probability": bar.probability, "below": bar.below.value}
        for category, bar in draft.bars.items()
    }
    return {
        "kind": draft.kind.value,
        "name": draft.name,
        "rank": draft.rank,
        "hours": draft.ready().hours.as_json(),
        "bars": bars,
    }


def _refuse_second_general(connection: Connection, draft: ProfileDraft, own_id: int) -> None:
    table = policy_profile
    if draft.kind is not ProfileKind.GENERAL:
        return
    other = select(table.c.id).where(
        table.c.kind == ProfileKind.GENERAL.value, table.c.removed_at.is_(None), table.c.id != own_id
    )
    found = connection.execute(other.limit(1)).scalar_one_or_none()
    if found is not None:
        raise RuleTaken(f"profile {found} is the general one already; change it, there is only one")


def _found(connection: Connection, profile_id: int) -> KeptProfile:
    row = connection.execute(standing_profiles().where(policy_profile.c.id == profile_id)).one_or_none()
    if row is None:
        raise RuleUnknown(f"no profile {profile_id} stands; see the list of profiles")
    return _kept(row)


def _expected(connection: Connection, profile_id: int, expected: int | None) -> KeptProfile:
    kept = _found(connection, profile_id)
    if expected is not None and expected != kept.revision:
        raise RuleMovedOn(
            f"profile {profile_id} was changed by {kept.changed_by} (revision {kept.revision}, not {expected}); "
            "read it again, then decide"
        )
    return kept


def _audit(
    connection: Connection, subject: str, action: str, data: Mapping[str, Any], actor: str, now: datetime
) -> None:
    audit.record(connection, actor=actor, action=action, subject=subject, data=data, now=now)
