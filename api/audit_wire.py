"""The audit log on the wire."""

from typing import Any

from pydantic import ConfigDict, Field

from api.wire import Moment, WireModel
from cases.access.audit import AuditEntry


class AuditEntryWire(WireModel):
    """Who did what to what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 17,
                    "at": "2026-03-02T04:00:00Z",
                    "actor": "person:li.min",
                    "action": "original.view",
                    "subject": "picture:" + "0a" * 32,
                    "data": {"reason": "核对车牌", "unit": None},
                    "previous_hash": "1b" * 32,
                    "hash": "2c" * 32,
                }
            ]
        }
    )

    seq: int
    at: Moment
    actor: str
    action: str
    subject: str
    data: dict[str, Any]
    previous_hash: str
    hash: str = Field(description="SHA-256 over the hash before it and this entry: see docs/access.md")

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryWire":
        return cls(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            data=dict(entry.data),
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )


class AuditPageWire(WireModel):
    """A page, newest entry first."""

    entries: tuple[AuditEntryWire, ...]
    next_before: int | None
    """Give it as ``before`` for the next page; null at the end."""
