"""Tables of this part of the case room; their migration is cases/migrations/versions/v0015_overview.py."""

from sqlalchemy import Column, Index, Integer, SmallInteger, String, Table, text

from cases.overview.figures import COUNTED
from cases.policy.tables import policy_review
from cases.tables import UtcDateTime, case, metadata

_IS_OPEN = text("state = 'open'")
_RECURS = text("recurrence > 0")

overview_hour = Table(
    "overview_hour",
    metadata,
    Column("dimension", String(16), primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),
    Column("value", String(256), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in COUNTED),
    comment="Cases counted by the hour of their opening; what cases.overview.figures says of them, added up.",
)

overview_wait = Table(
    "overview_wait",
    metadata,
    Column("wait", String(16), primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),
    Column("bucket", SmallInteger, primary_key=True),
    Column("cases", Integer, nullable=False),
    comment="How long cases waited, in buckets, by the hour of their opening.",
)

OPEN_FIGURES = Index(
    "ix_case_open_figures",
    case.c.state,  # first, or SQLite's planner takes another index that begins with it
    case.c.category,
    case.c.zone,
    case.c.unit,
    case.c.stage,
    case.c.due_at,
    case.c.near_due_at,
    case.c.reported_at,
    case.c.opened_at,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)
"""What stands open now is counted from this alone."""
RECURRING_SPOTS = Index(
    "ix_case_recurring_spots",
    case.c.opened_at,
    case.c.cell_id,
    case.c.category,
    case.c.recurrence,
    sqlite_where=_RECURS,
    postgresql_where=_RECURS,
)
REVIEWS_BY_TIME = Index(
    "ix_policy_review_reviewed_at", policy_review.c.reviewed_at, policy_review.c.camera_id, policy_review.c.was_right
)
