"""The fitness of a camera's pictures as workers tell it and as programs read it."""

from typing import Annotated, Literal

from pydantic import Field

from api.wire import Moment, WireModel
from cases.view_health import FindingRecord, ViewHealthRecord

FindingKindName = Literal["lost", "black", "over_exposed", "frozen", "covered", "blurred", "moved"]
Shift = Annotated[float, Field(ge=-1e6, le=1e6)]


class FindingWire(WireModel):
    """Something that has been wrong with a camera's picture for a while."""

    kind: FindingKindName
    since: Moment
    value: Annotated[float, Field(ge=0, le=1e9)]
    """lost, frozen: seconds; black: level of 0 to 255; blurred: sharpness by the reference's; the others: share."""
    threshold: Annotated[float, Field(ge=0, le=1e9)]
    shift_px: tuple[Shift, Shift] | None = None
    """moved: how far the scene has gone to the right and down, pixels of the camera's picture."""


class ViewHealthWire(WireModel):
    """Whether a camera's pictures are fit to be looked at; while there is a finding no incident comes from it."""

    findings: tuple[FindingWire, ...] = Field(default=(), max_length=7)
    looks_withheld: Annotated[int, Field(ge=0, le=2**53)] = 0
    """Pictures not looked at because something was wrong with them, since the worker started."""
    reference_at: Moment | None = None
    """When the picture was taken that the view is held against."""

    def as_record(self) -> ViewHealthRecord:
        findings = tuple(
            FindingRecord(each.kind, each.since, each.value, each.threshold, each.shift_px) for each in self.findings
        )
        return ViewHealthRecord(findings, self.looks_withheld, self.reference_at)

    @classmethod
    def of(cls, record: ViewHealthRecord) -> "ViewHealthWire":
        return cls(
            findings=tuple(
                FindingWire.model_validate(
                    {
                        "kind": each.kind,
                        "since": each.since,
                        "value": each.value,
                        "threshold": each.threshold,
                        "shift_px": each.shift_px,
                    }
                )
                for each in record.findings
            ),
            looks_withheld=record.looks_withheld,
            reference_at=record.reference_at,
        )
