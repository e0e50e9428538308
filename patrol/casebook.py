"""Every case with its history and pictures, read from the database or over the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from cases.access.pictures import PictureSeals
from cases.case import Case, CaseEvent, CaseEventKind, fold
from cases.evidence import EvidenceStore
from cases.queries import LARGEST_PAGE, CaseQuery
from cases.store import CaseStore
from core.clock import SystemClock, as_utc
from core.errors import DeliveryError
from core.ids import CaseId
from patrol.api_client import ApiClient

API_PAGE = 200
REASON = "model training"
"""Why originals are looked at here, for the audit log."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case and its whole history, oldest first."""

    case: Case
    events: tuple[CaseEvent, ...]


class Casebook(Protocol):
    """Where decided cases come from."""

    def case_files(self, since: datetime | None) -> Iterator[CaseFile]:
        """Every case that stood at or after ``since`` (None: ever), newest first."""
        ...

    def original(self, sha256: str) -> bytes:
        """A picture's JPEG."""
        ...


class StoreCasebook:
    """The case room of this machine."""

    def __init__(self, store: CaseStore, evidence: EvidenceStore) -> None:
        self._store = store
        self._evidence = evidence
        self._seals = PictureSeals(store.engine)

    def case_files(self, since: datetime | None) -> Iterator[CaseFile]:
        cursor: str | None = None
        while True:
            page = self._store.list_cases(CaseQuery(), cursor, LARGEST_PAGE)
            for case in page.cases:
                if since is None or stood_since(case.last_seen_at, case.cleared_at, since):
                    events = self._store.events_of(case.id)
                    yield CaseFile(fold(events), events)
            cursor = page.next_cursor
            if cursor is None:
                return

    def original(self, sha256: str) -> bytes:
        self._seals.record("command line", sha256, {"reason": REASON}, SystemClock().now())
        return self._evidence.read(sha256)


class ApiCasebook:
    """The same over HTTP, with a key that may read."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def case_files(self, since: datetime | None) -> Iterator[CaseFile]:
        params = {"limit": str(API_PAGE)}
        while True:
            page = self._client.get("/api/v1/cases", params)
            for row in _rows(page, "cases"):
                cleared_at = row["cleared_at"] and _moment(row["cleared_at"])
                if since is None or stood_since(_moment(row["last_seen_at"]), cleared_at, since):
                    yield self._case_file(CaseId(row["id"]))
            cursor = page.get("next_cursor")
            if not cursor:
                return
            params["cursor"] = str(cursor)

    def original(self, sha256: str) -> bytes:
        return self._client.get_bytes(f"/api/v1/evidence/{sha256}", {"X-Reason": quote(REASON)})

    def _case_file(self, case_id: CaseId) -> CaseFile:
        events = tuple(_event(row) for row in _rows(self._client.get(f"/api/v1/cases/{case_id}"), "events"))
        return CaseFile(fold(events), events)


def stood_since(last_seen_at: datetime, cleared_at: datetime | None, since: datetime) -> bool:
    """Whether the case may still have stood at ``since``: what no camera found gone may."""
    return cleared_at is None or last_seen_at >= since


def _event(row: Mapping[str, Any]) -> CaseEvent:
    return CaseEvent(
        seq=row["seq"],
        case_id=CaseId(row["case_id"]),
        kind=CaseEventKind(row["kind"]),
        at=_moment(row["at"]),
        recorded_at=_moment(row["recorded_at"]),
        actor=row["actor"],
        data=row["data"],
    )


def _rows(body: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    found = body.get(name)
    if not isinstance(found, list):
        raise DeliveryError(f"an answer without {name!r}; that is not Gridpatrol's API, mend --api")
    return found


def _moment(text: str) -> datetime:
    return as_utc(datetime.fromisoformat(text))
