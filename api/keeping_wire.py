"""What the API tells of pictures that are kept no more."""

from api.wire import Moment, WireModel
from cases.keeping.removed import RemovedPicture, Why


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


class RemovedPageWire(WireModel):
    """A page, newest removal first."""

    removed: tuple[RemovedPictureWire, ...]
    next_before: int | None
    """Give it as ``before`` for the next page; null at the end."""
