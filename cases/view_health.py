"""What a worker last said about the fitness of a camera's pictures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.clock import as_utc, isoformat_z

FINDING_KINDS = ("lost", "black", "over_exposed", "frozen", "covered", "blurred", "moved")
"""In the order in which a person should mend them; as the worker names them."""


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """Something that has been wrong with a camera's picture for a while."""

    kind: str
    """One of ``FINDING_KINDS``."""
    since: datetime
    value: float
    """lost, frozen: seconds; black: level of 0 to 255; blurred: sharpness by the reference's; the others: share."""
    threshold: float
    shift_px: tuple[float, float] | None = None
    """moved: how far the scene has gone to the right and down, pixels."""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "since": isoformat_z(self.since),
            "value": self.value,
            "threshold": self.threshold,
            "shift_px": None if self.shift_px is None else list(self.shift_px),
        }


@dataclass(frozen=True, slots=True)
class ViewHealthRecord:
    """Whether a camera's pictures are fit to be looked at."""

    findings: tuple[FindingRecord, ...] = ()
    looks_withheld: int = 0
    """Pictures that were not looked at because something was wrong with them, since the worker started."""
    reference_at: datetime | None = None
    """When the picture was taken that the view is held against; None: there is none yet."""

    def as_json(self) -> dict[str, Any]:
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "looks_withheld": self.looks_withheld,
            "reference_at": None if self.reference_at is None else isoformat_z(self.reference_at),
        }


def view_health_from_json(data: dict[str, Any] | None) -> ViewHealthRecord:
    """The record that ``as_json`` wrote; None, from before there was one, is a sound view without a reference."""
    if data is None:
        return ViewHealthRecord()
    findings = tuple(
        FindingRecord(
            each["kind"],
            _moment(each["since"]),
            each["value"],
            each["threshold"],
            None if each["shift_px"] is None else (each["shift_px"][0], each["shift_px"][1]),
        )
        for each in data["findings"]
    )
    taken = data["reference_at"]
    return ViewHealthRecord(findings, data["looks_withheld"], None if taken is None else _moment(taken))


def _moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
