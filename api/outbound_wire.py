"""Webhook endpoints, lines and dead letters as they cross HTTP; a secret is shown once, when it is made."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.wire import Category, Identifier, Moment, WireModel
from cases.case import CaseEventKind
from cases.outbound.endpoints import MOST_FILTERS, Endpoint, EndpointDraft
from cases.outbound.filings import Filing, FilingState
from cases.outbound.lines import DeadLetter, LineKind, LineStanding
from cases.outbound.reach import LONGEST_URL

EXAMPLE_DRAFT: dict[str, Any] = {
    "name": "city-platform",
    "url": "https://platform.example/hooks/gridpatrol",
    "kinds": ["opened", "closed"],
    "categories": ["exposed_garbage"],
}
EXAMPLE_LINE: dict[str, Any] = {
    "id": "wh_3f9a1c2b4d5e6f70",
    "kind": "webhook",
    "cursor": 4180,
    "waiting": 2,
    "waiting_since": "2026-03-02T01:15:01Z",
    "tries": 3,
    "next_try_at": "2026-03-02T01:15:09Z",
    "last_error": "city-platform answers 503; mend the receiver, or its address here",
    "last_status": 503,
    "last_sent_at": "2026-03-02T01:10:00Z",
    "sent": 4021,
    "failed": 17,
    "dead_letters": 1,
}

Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL, pattern=r"^https?://[^\x00-\x20\x7f]+$")]
Kinds = Annotated[tuple[CaseEventKind, ...], Field(max_length=MOST_FILTERS, description="empty: every kind")]
Categories = Annotated[tuple[Category, ...], Field(max_length=MOST_FILTERS, description="empty: every category")]


class WebhookDraftWire(WireModel):
    """What an administrator says of an endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_DRAFT]})

    name: Identifier
    url: Url
    kinds: Kinds = ()
    categories: Categories = ()
    after: int | None = Field(
        None, ge=0, le=2**62, description="begin after this event; 0: with the first ever; left out: with what is new"
    )

    def as_draft(self) -> EndpointDraft:
        return EndpointDraft(self.name, self.url, tuple(kind.value for kind in self.kinds), self.categories)


class WebhookPatchWire(WireModel):
    """What is to change; a field that is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kinds": [], "name": "city-platform-2"}]})

    name: Identifier | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    categories: Categories | None = None

    def applied_to(self, draft: EndpointDraft) -> EndpointDraft:
        return EndpointDraft(
            draft.name if self.name is None else self.name,
            draft.url if self.url is None else self.url,
            draft.kinds if self.kinds is None else tuple(kind.value for kind in self.kinds),
            draft.categories if self.categories is None else self.categories,
        )


class WebhookWire(WireModel):
    """A webhook endpoint, without its secrets."""

    id: str
    name: str
    url: str
    kinds: tuple[CaseEventKind, ...]
    categories: tuple[str, ...]
    old_secret_until: Moment | None = Field(description="two secrets sign until then; null: one")
    revision: int
    created_at: Moment
    created_by: str
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, endpoint: Endpoint) -> "WebhookWire":
        return cls(
            id=endpoint.id,
            name=endpoint.draft.name,
            url=endpoint.draft.url,
            kinds=tuple(CaseEventKind(kind) for kind in endpoint.draft.kinds),
            categories=endpoint.draft.categories,
            old_secret_until=max((each.until for each in endpoint.secrets if each.until is not None), default=None),
            revision=endpoint.revision,
            created_at=endpoint.created_at,
            created_by=endpoint.created_by,
            changed_at=endpoint.changed_at,
            changed_by=endpoint.changed_by,
        )


class WebhookListWire(WireModel):
    """Every endpoint; there are as many at most as ``[outbound].endpoints``."""

    webhooks: tuple[WebhookWire, ...]


class WebhookSecretWire(WireModel):
    """An endpoint and its new secret: the only time that it is told."""

    webhook: WebhookWire
    secret: str = Field(description="`whsec_…` for the receiver; keep it, it is not told again")


class WebhookTestWire(WireModel):
    """What a test message met."""

    delivered: bool
    status: int | None
    error: str | None


class LineWire(WireModel):
    """How far one receiver has been told, and what holds it up."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_LINE]})

    id: str
    kind: LineKind
    cursor: int
    waiting: int
    waiting_since: Moment | None
    tries: int = Field(description="failed tries of the next event")
    next_try_at: Moment | None
    last_error: str | None
    last_status: int | None
    last_sent_at: Moment | None
    paused_at: Moment | None = None
    paused_why: str | None = None
    sent: int
    failed: int
    dead_letters: int

    @classmethod
    def of(cls, standing: LineStanding) -> "LineWire":
        line = standing.line
        return cls(
            id=line.id,
            kind=line.kind,
            cursor=line.cursor,
            waiting=standing.waiting,
            waiting_since=standing.waiting_since,
            tries=line.head_tries,
            next_try_at=line.next_try_at,
            last_error=line.last_error,
            last_status=line.last_status,
            last_sent_at=line.last_sent_at,
            paused_at=line.paused_at,
            paused_why=line.paused_why,
            sent=line.sent,
            failed=line.failed,
            dead_letters=standing.dead_letters,
        )


class LineListWire(WireModel):
    """Every receiver."""

    lines: tuple[LineWire, ...]


class DeadLetterWire(WireModel):
    """An event that was given up."""

    event_seq: int
    case_id: str
    tries: int
    first_failed_at: Moment
    died_at: Moment
    status: int | None
    error: str
    replay_at: Moment | None = Field(description="somebody asked then for one more try, which is still to come")

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterWire":
        return cls(
            event_seq=letter.event_seq,
            case_id=letter.case_id,
            tries=letter.tries,
            first_failed_at=letter.first_failed_at,
            died_at=letter.died_at,
            status=letter.status,
            error=letter.error,
            replay_at=letter.replay_at,
        )


class DeadLetterPageWire(WireModel):
    """Some dead letters of a line, by event."""

    dead_letters: tuple[DeadLetterWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor`; null: that was all")


class ReplayWire(WireModel):
    """How many dead letters will be tried once more."""

    asked: int


class FilingWire(WireModel):
    """A case on an upper platform."""

    line: str
    state: FilingState
    upper_id: str | None
    begun_at: Moment
    filed_at: Moment | None
    closed_at: Moment | None

    @classmethod
    def of(cls, filing: Filing) -> "FilingWire":
        return cls(
            line=filing.line_id,
            state=filing.state,
            upper_id=filing.upper_id,
            begun_at=filing.begun_at,
            filed_at=filing.filed_at,
            closed_at=filing.closed_at,
        )


class FilingListWire(WireModel):
    """Where a case was filed."""

    filings: tuple[FilingWire, ...]
