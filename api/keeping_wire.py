"""What the API tells of pictures that are kept no more."""

from pydantic import Field

from api.wire import Moment, WireModel
from cases.keeping.removed import RemovedPicture, Why
from cases.keeping.store import PurgeReport


class RemovedPictureWire(WireModel):
    """One picture that is kept no more."""

    seq: int
    sha256: str
    size: int
    """Bytes."""
    removed_at: Moment
    why: Why
    rule: str
    case_numbers: tuple[str, ...]
    captured_at: Moment | None

    @classmethod
    def of(cls, removed: RemovedPicture) -> "RemovedPictureWire":
        return cls(
            seq=removed.seq,
            sha256=removed.sha256,
            size=removed.size,
            removed_at=removed.removed_at,
            why=removed.why,
            rule=removed.rule,
            case_numbers=removed.case_numbers,
            captured_at=removed.captured_at,
        )


class PurgePreviewWire(WireModel):
    """What a purge would remove now; nothing was removed."""

    judged: int
    """Pictures that were looked at."""
    removed: int = Field(description="past their days")
    unreferenced: int = Field(description="that no case names")
    total: int
    size_mb: float = Field(description="of all of them, MB")

    @classmethod
    def of(cls, report: PurgeReport) -> "PurgePreviewWire":
        return cls(
            judged=report.judged,
            removed=report.removed,
            unreferenced=report.unreferenced,
            total=report.total,
            size_mb=round(report.size / 1e6, 1),
        )


class RemovedPageWire(WireModel):
    """A page, newest removal first."""

    removed: tuple[RemovedPictureWire, ...]
    next_before: int | None
    """Give it as ``before`` for the next page; null at the end."""
