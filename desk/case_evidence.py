"""The pictures of a case, each with where, when and by which weights it was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case, CaseEvent, CaseEventKind, EvidenceRefs
from desk.case_row import evidence_href
from desk.surety import Surety

KINDS = ("annotated", "original", "crop")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture on the case's page."""

    look: str
    """``first``, ``latest`` or ``after`` (the place once it is clear): key of its words."""
    kind: str
    """``annotated``, ``original`` or ``crop``."""
    href: str
    sha256: str
    captured_at: datetime | None
    camera: str
    model_name: str
    model_sha256: str
    surety: Surety | None
    removed_at: datetime | None = None
    """When it was removed by retention; None while it is kept."""

    @property
    def is_sealed(self) -> bool:
        """Shown only to who says why."""
        return self.kind == "original"


def view_pictures(case: Case, events: Sequence[CaseEvent]) -> tuple[Picture, ...]:
    """The newest look's pictures, the first look's where that is another one, then the place once it is clear."""
    looks = [("latest", case.latest_evidence, case.latest_evidence_at)]
    if case.evidence != case.latest_evidence:
        looks.append(("first", case.evidence, case.evidence_at))
    gone = next((each for each in reversed(events) if each.kind is CaseEventKind.CLEARED and each.evidence), None)
    if gone is not None:
        looks.append(("after", gone.evidence, gone.at))
    return tuple(
        picture
        for look, refs, at in looks
        if refs is not None
        for picture in _pictures(look if len(looks) > 1 else "first", refs, at, _event_with(events, refs))
    )


def _pictures(look: str, refs: EvidenceRefs, at: datetime | None, event: CaseEvent | None) -> tuple[Picture, ...]:
    data = event.data if event is not None else {}
    model = data.get("model") or {}
    return tuple(
        Picture(
            look=look,
            kind=kind,
            href=evidence_href(sha256),
            sha256=sha256,
            captured_at=at,
            camera=str(data.get("camera_id") or ""),
            model_name=str(model.get("name") or ""),
            model_sha256=str(model.get("sha256") or ""),
            surety=Surety.of(data),
        )
        for kind, sha256 in zip(KINDS, (refs.annotated, refs.original, refs.crop), strict=True)
    )


def _event_with(events: Sequence[CaseEvent], refs: EvidenceRefs) -> CaseEvent | None:
    return next((event for event in reversed(events) if event.evidence == refs), None)
