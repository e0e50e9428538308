"""The case file: everything of a case on A4 pages, for the printer and for "save as PDF"."""

from dataclasses import dataclass
from datetime import datetime

from desk.case_history import HistoryLine
from desk.case_page import CaseView
from desk.render import render
from desk.visitor import Visitor

_CAMERAS_WORD = frozenset({"seen", "joined"})


@dataclass(frozen=True, slots=True)
class FilePicture:
    """One picture of the file."""

    words: str
    """Key of what stands beneath it."""
    href: str
    sha256: str
    at: datetime | None
    camera: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is printed beside what the page shows."""

    case: CaseView
    pictures: tuple[FilePicture, ...]
    steps: tuple[HistoryLine, ...]
    """Oldest first; plain sightings are left out."""
    sightings: int
    """How many were left out."""
    hashes: tuple[tuple[str, str, str], ...]
    """Look, kind and SHA-256 of every picture."""
    printed_at: datetime
    printed_by: str


def view_file(case: CaseView, now: datetime, printed_by: str) -> CaseFile:
    """The file as data: before and after where there are both, else the looks that the page shows."""
    lines = [line for part in reversed(case.history) for line in reversed(part.lines)]
    steps = tuple(line for line in lines if line.kind not in _CAMERAS_WORD)
    return CaseFile(
        case=case,
        pictures=_pictures(case),
        steps=steps,
        sightings=len(lines) - len(steps),
        hashes=tuple((each.look, each.kind, each.sha256) for each in case.pictures),
        printed_at=now,
        printed_by=printed_by,
    )


def render_case_file(case: CaseView, visitor: Visitor, now: datetime) -> str:
    """The case file as HTML; the browser prints it, or saves it as PDF."""
    file = view_file(case, now, visitor.shown_name or visitor.name)
    return render("case_file.html", visitor, file=file, case=case)


def _pictures(case: CaseView) -> tuple[FilePicture, ...]:
    if case.pair is not None:
        pair = (("compare.before", case.pair.before), ("compare.after", case.pair.after))
        return tuple(FilePicture(words, shot.href, shot.sha256, shot.at, shot.camera) for words, shot in pair)
    return tuple(
        FilePicture(f"evidence.{each.kind}", each.href, each.sha256, each.captured_at, each.camera)
        for each in case.pictures
        if not each.is_sealed and each.removed_at is None
    )[:2]
