"""Originals are sealed: whoever looks at one says why, and the log keeps it (State Council Order 799)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, case, select, update

from cases.access import audit
from cases.access.errors import ReasonMissing
from cases.access.holder import KeyHolder, Scope
from cases.case import EvidenceRefs
from cases.tables import evidence as table
from cases.transactions import reading, writing

ORIGINAL, ANNOTATED, CROP = "original", "annotated", "crop"
SHORTEST_REASON, LONGEST_REASON = 2, 300


def tell_kinds(connection: Connection, refs: EvidenceRefs | None) -> None:
    """Remember what kind of picture each one is; one that is an original to any event stays sealed."""
    if refs is None:
        return
    kind = case((table.c.sha256 == refs.original, ORIGINAL), (table.c.sha256 == refs.annotated, ANNOTATED), else_=CROP)
    is_new = table.c.kind.is_(None) | ((table.c.kind != ORIGINAL) & (table.c.sha256 == refs.original))
    connection.execute(update(table).where(table.c.sha256.in_(refs.all()), is_new).values(kind=kind))


@dataclass(frozen=True, slots=True)
class Viewing:
    """Somebody wants to look at a picture."""

    holder: KeyHolder
    sha256: str
    reason: str | None
    case_id: str | None = None
    """The case whose page they come from, where they come from one."""


class PictureSeals:
    """Which pictures are sealed, and who looked at one. Threads may share it.

    Every method may raise ``DatabaseUnavailable``; then nobody looks at an original, for it could not be written down.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_sealed(self, sha256: str) -> bool:
        """A picture that no event names is not: nobody can know its hash yet."""
        with reading(self._engine) as connection:
            found = connection.execute(select(table.c.kind).where(table.c.sha256 == sha256)).scalar_one_or_none()
        return found == ORIGINAL

    def admit(self, viewing: Viewing, now: datetime) -> bool:
        """Write the viewing down before the picture is handed over; True when it is a sealed one.

        Programs with the worker's scope made the picture themselves and need no reason.

        Raises:
            ReasonMissing: it is an original, and no usable reason came.
        """
        if not self.is_sealed(viewing.sha256):
            return False
        holder = viewing.holder
        if Scope.WORKER in holder.scopes:
            return True
        told = {"reason": usable_reason(viewing.reason), "unit": holder.unit}
        if viewing.case_id is not None:
            told["case"] = viewing.case_id[:200]
        self.record(holder.actor, viewing.sha256, told, now)
        return True

    def record(self, actor: str, sha256: str, told: dict[str, str | None], now: datetime) -> None:
        """One line of the log: who looked at which picture, and why."""
        with writing(self._engine) as connection:
            audit.record(
                connection, actor=actor, action="original.view", subject=f"picture:{sha256}", data=told, now=now
            )


def usable_reason(reason: str | None) -> str:
    """
    Raises:
        ReasonMissing: it is none, too short, too long or not printable.
    """
    text = (reason or "").strip()
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON or not text.isprintable():
        raise ReasonMissing(
            "原始图片已封存，查看须注明理由 / this picture is an original and sealed; say why you look at it, in "
            f"{SHORTEST_REASON} to {LONGEST_REASON} characters: header X-Reason (percent-encoded UTF-8), or on the desk"
        )
    return text
