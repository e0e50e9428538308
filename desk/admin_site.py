"""Administration of the site: webhooks and upper platforms, retention, the audit log, the system itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.access.audit import AuditEntry
from cases.access.verifying import ChainReport
from cases.camera_states import WorkerNotice
from cases.case import CaseEventKind
from cases.database_facts import DatabaseFacts
from cases.keeping.removed import RemovedPicture
from cases.keeping.rules import KeepingRules
from cases.outbound.endpoints import Endpoint
from cases.outbound.lines import DeadLetter, LineStanding
from desk.admin_frame import render_admin
from desk.audit_words import AUDIT_PHRASES
from desk.case_people import PERSON, Names
from desk.render import render
from desk.visitor import Visitor

ACTIONS = tuple(key.removeprefix("audit.") for key in AUDIT_PHRASES if key != "audit.any")
DISK_SCALE = 100.0
NEARLY_FULL = 0.9


@dataclass(frozen=True, slots=True)
class WebhooksView:
    """Endpoints with their lines, and the lines to upper platforms."""

    endpoints: tuple[Endpoint, ...]
    lines: Mapping[str, LineStanding]
    uppers: tuple[LineStanding, ...]
    sends: bool
    """This process sends; otherwise another one does."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One receiver, its dead letters, and its endpoint where it is a webhook."""

    standing: LineStanding
    letters: tuple[DeadLetter, ...]
    endpoint: Endpoint | None


@dataclass(frozen=True, slots=True)
class KeepingView:
    """For how long pictures are kept, and what went."""

    rules: KeepingRules
    removed: tuple[RemovedPicture, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What narrows the log; empty: nothing. Days are the city's."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class AuditView:
    """A page of the log, newest first."""

    entries: tuple[AuditEntry, ...]
    filters: AuditFilters
    query: str
    """The filters as the export's query."""
    older: str
    """The filters as this page's."""
    next_before: int | None
    names: Names = field(default_factory=dict)
    """What people are called, by their logins."""

    def name_of(self, entry: AuditEntry) -> str:
        """What who did it is called; empty for machines, and for whom nothing is known of."""
        return self.names.get(entry.actor.removeprefix(PERSON), "") if entry.actor.startswith(PERSON) else ""

    @staticmethod
    def told(entry: AuditEntry) -> str:
        """What an entry holds, as short as can be."""
        return json.dumps(dict(entry.data), ensure_ascii=False) if entry.data else ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that stands or stood."""

    name: str
    version: str
    sha256: str
    is_active: bool
    fault: str


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker by what it last said of its cameras."""

    worker_id: str
    cameras: int
    states: tuple[tuple[str, int], ...]
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Disk:
    """The volume that pictures and the embedded database lie on, bytes."""

    total: int
    free: int

    @property
    def used_share(self) -> float:
        return 1 - self.free / self.total if self.total else 0.0

    @property
    def gauge(self) -> float:
        return round(self.used_share * DISK_SCALE, 1)

    @property
    def is_nearly_full(self) -> bool:
        return self.used_share >= NEARLY_FULL


@dataclass(frozen=True, slots=True)
class SystemView:
    """The installation as it is now."""

    version: str
    python: str
    database: DatabaseFacts
    disk: Disk | None
    workers: tuple[WorkerRow, ...]
    notices: tuple[WorkerNotice, ...]
    models: tuple[ModelRow, ...]
    outboxes: tuple[tuple[str, int | None], ...] = field(default=())
    grid_file: str = ""
    grid_cells: int = 0


def render_webhooks(view: WebhooksView, visitor: Visitor) -> str:
    """Who is told of case events, and how far each has been told."""
    return render_admin("webhooks", "admin_webhooks.html", visitor, view=view, kinds=tuple(CaseEventKind))


def render_line(view: LineView, visitor: Visitor) -> str:
    """One receiver."""
    return render_admin("webhooks", "admin_line.html", visitor, view=view, kinds=tuple(CaseEventKind))


def render_keeping(view: KeepingView, visitor: Visitor) -> str:
    """Retention: rules, a dry run, what was removed."""
    return render_admin("keeping", "admin_keeping.html", visitor, view=view, size=size_text)


def render_audit(view: AuditView, visitor: Visitor) -> str:
    """The audit log."""
    return render_admin("audit", "admin_audit.html", visitor, view=view, actions=ACTIONS)


def render_verified(reports: Sequence[ChainReport], at: datetime, visitor: Visitor) -> str:
    """What came of walking the chains, as a part of the page."""
    return render("admin_verified.html", visitor, reports=tuple(reports), at=at)


def render_system(view: SystemView, visitor: Visitor) -> str:
    """Version, database, disk, workers, models."""
    return render_admin("system", "admin_system.html", visitor, view=view, size=size_text)


def size_text(size_bytes: int) -> str:
    """Decimal units, as disks are sold: ``1.5 GB``."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
