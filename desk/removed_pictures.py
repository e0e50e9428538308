"""Pictures that are kept no more: said in words where they stood, never shown as a broken picture."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cases.case import Case, CaseEvent
from desk.case_evidence import Picture
from desk.case_history import HistoryPart
from desk.case_row import evidence_href

RemovedAt = Mapping[str, datetime]
"""SHA-256 -> when the picture was removed."""
NONE_REMOVED: RemovedAt = {}


def pictures_of(events: Iterable[CaseEvent]) -> set[str]:
    """SHA-256 of every picture that a case's page may show."""
    return {sha256 for event in events if event.evidence for sha256 in event.evidence.all()}


def thumbnails_of(cases: Iterable[Case]) -> set[str]:
    """SHA-256 of every picture that the list may show."""
    looks = (case.latest_evidence or case.evidence for case in cases)
    return {look.annotated for look in looks if look is not None}


def mark_pictures(pictures: Iterable[Picture], removed: RemovedAt) -> tuple[Picture, ...]:
    """The case's pictures, each removed one with the moment of its removal."""
    return tuple(replace(picture, removed_at=removed.get(picture.sha256)) for picture in pictures)


def mark_history(parts: Iterable[HistoryPart], removed: RemovedAt) -> tuple[HistoryPart, ...]:
    """The history, its removed pictures left out."""
    gone = {evidence_href(sha256) for sha256 in removed}
    return tuple(
        replace(part, lines=tuple(replace(line, picture="") if line.picture in gone else line for line in part.lines))
        for part in parts
    )
