"""What the API says and takes. Answers may carry further fields (a newer server); what is sent may not."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

State = Literal["open", "closed"]
CloseReason = Literal["handled", "false_alarm", "permitted", "other"]
IncidentKind = Literal["opened", "seen", "cleared"]
CommandName = Literal[
    "accept",
    "reject",
    "undo",
    "dispatch",
    "take",
    "hand_back",
    "report",
    "verify",
    "rework",
    "close",
    "void",
    "ask_extension",
    "grant_extension",
    "refuse_extension",
    "suspend",
    "resume",
    "comment",
]


class _Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Sent(BaseModel):
    """A request."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Evidence(_Sent):
    """The three pictures of one look, by SHA-256 (64 lower-case hex digits)."""

    original: str
    annotated: str
    crop: str


class Case(_Told):
    """One violation in one cell."""

    id: str
    number: str
    """As printed: district 6 + yyyymmdd + source 2 + serial 6."""
    cell_id: str
    category: str
    zone: str | None
    unit: str | None
    state: str
    """``open`` or ``closed``; a newer server may know more."""
    opened_at: AwareDatetime
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    sighting_count: int
    object_count: int
    confidence: float
    probability: float | None
    cameras: tuple[str, ...]
    cleared_at: AwareDatetime | None
    evidence: Evidence | None
    evidence_at: AwareDatetime | None
    latest_evidence: Evidence | None
    latest_evidence_at: AwareDatetime | None
    previous_case_id: str | None
    stage: str
    """Which of the seven steps is due: ``collected`` … ``verified``; ``closed`` and ``void`` are ends."""
    source: str
    reports: dict[str, int]
    """How often it was told of, by source."""
    handler: str | None
    due_at: AwareDatetime | None
    near_due_at: AwareDatetime | None
    registered_at: AwareDatetime | None
    reported_at: AwareDatetime | None
    suspended_at: AwareDatetime | None
    extension_hours: float | None
    extensions: int
    reworks: int
    recurrence: int
    proposal: str | None
    closed_at: AwareDatetime | None
    close_reason: str | None
    close_note: str | None
    closed_by: str | None
    version: int
    """Give it back as ``expected_version`` to change exactly what was looked at."""


class CaseEvent(_Told):
    """One line of a case's history."""

    seq: int
    """Counts the events of all cases without gaps."""
    case_id: str
    kind: str
    at: AwareDatetime
    recorded_at: AwareDatetime
    actor: str
    data: dict[str, Any]


class Picture(_Told):
    """One picture of a case."""

    kind: str
    sha256: str
    url: str
    at: AwareDatetime
    camera_id: str | None


class CaseDetail(_Told):
    """A case with its history and pictures."""

    case: Case
    events: tuple[CaseEvent, ...]
    evidence: tuple[Picture, ...]


class CasePage(_Told):
    """Some cases, newest first."""

    cases: tuple[Case, ...]
    next_cursor: str | None


class Closing(_Sent):
    """A person closes a case."""

    reason: CloseReason
    note: str = Field("", max_length=2000)
    expected_version: int | None = None


class Order(_Sent):
    """One command to one case; which fields a command needs, ``GET …/commands`` tells."""

    command: CommandName
    note: str = Field("", max_length=4000)
    reason: CloseReason | None = None
    """For reject and void."""
    unit: str | None = None
    """For dispatch."""
    handler: str | None = None
    hours: float | None = Field(None, gt=0)
    """For ask_extension."""
    expected_version: int | None = None


class Model(_Sent):
    """Which weights looked."""

    name: str
    sha256: str


class Incident(_Sent):
    """One step in an incident's life."""

    incident_id: str
    sequence: int = Field(ge=0)
    kind: IncidentKind
    camera_id: str
    view_id: str
    cell_id: str
    category: str
    at: AwareDatetime
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    object_count: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    probability: float | None = Field(None, ge=0, le=1)
    boxes: tuple[tuple[float, float, float, float], ...]
    """Source pixels, x0, y0, x1, y1."""
    model: Model
    evidence: Evidence | None
    worker_id: str
    places: tuple[Annotated[tuple[float, float], Field()], ...] = ()
    """Where each box stands: longitude, latitude in degrees."""
    source: Literal["video_ai", "mobile_video"] = "video_ai"
    """``mobile_video``: a vehicle's camera."""

    @property
    def idempotency_key(self) -> str:
        """The same step has the same key, however often it is sent."""
        return f"{self.incident_id}:{self.sequence}"


class Receipt(_Told):
    """What became of an incident."""

    case_id: str | None
    case_number: str | None
    outcome: str
    event_seq: int | None
    rule: str | None = None
    """Which rule turned it away; then there is no case."""
    decision: int | None = None
