"""Which seat works on which case: for a short while, so that no two decide on the same one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from cases.transactions import insert_or_replace
from cases.workflow.tables import case_claim
from core.clock import as_utc, isoformat_z
from core.errors import CaseConflict
from core.ids import CaseId

CLAIM_S = 120.0
"""A seat that goes to lunch holds nothing back for longer; a page that is open renews in time."""


class CaseClaimed(CaseConflict):
    """Another seat works on the case."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One seat's hold on one case."""

    case_id: CaseId
    holder: str
    claimed_at: datetime
    expires_at: datetime


def claim_on(connection: Connection, case_id: CaseId, now: datetime) -> Claim | None:
    """The claim that counts now."""
    row = connection.execute(select(case_claim).where(case_claim.c.case_id == case_id)).one_or_none()
    if row is None or row.expires_at <= as_utc(now):
        return None
    return Claim(CaseId(row.case_id), row.holder, row.claimed_at, row.expires_at)


def claims_on(connection: Connection, now: datetime) -> tuple[Claim, ...]:
    """All that count now, the oldest first."""
    rows = connection.execute(
        select(case_claim).where(case_claim.c.expires_at > as_utc(now)).order_by(case_claim.c.claimed_at)
    )
    return tuple(Claim(CaseId(row.case_id), row.holder, row.claimed_at, row.expires_at) for row in rows)


def check_claim(connection: Connection, case_id: CaseId, holder: str, now: datetime) -> Claim | None:
    """The holder's own claim, if any.

    Raises:
        CaseClaimed: somebody else's counts.
    """
    claim = claim_on(connection, case_id, now)
    if claim is not None and claim.holder != holder:
        raise CaseClaimed(
            f"case {case_id} is claimed by {claim.holder} until {isoformat_z(claim.expires_at)}; take another one"
        )
    return claim


def take_claim(connection: Connection, case_id: CaseId, holder: str, now: datetime, for_s: float = CLAIM_S) -> Claim:
    """Claim the case, or renew what is held; claims that have ended take no room.

    Raises:
        CaseClaimed: somebody else holds it.
    """
    held = check_claim(connection, case_id, holder, now)
    now = as_utc(now)
    connection.execute(delete(case_claim).where(case_claim.c.expires_at <= now))
    claim = Claim(case_id, holder, now if held is None else held.claimed_at, now + timedelta(seconds=for_s))
    row = {
        "case_id": claim.case_id,
        "holder": claim.holder,
        "claimed_at": claim.claimed_at,
        "expires_at": claim.expires_at,
    }
    insert_or_replace(connection, case_claim, [row])
    return claim


def release_claim(connection: Connection, case_id: CaseId, holder: str) -> None:
    """Let go; what is another's or has ended stays as it is."""
    connection.execute(delete(case_claim).where(case_claim.c.case_id == case_id, case_claim.c.holder == holder))
