"""The client: what other systems do with Gridpatrol, by name and type."""

from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from gridpatrol_client.calls import Operation, check, read
from gridpatrol_client.errors import Away, ClientError
from gridpatrol_client.events import FOLLOW, CaseHappened, Greeting, follow
from gridpatrol_client.models import Case, CaseDetail, CasePage, CloseReason, Closing, Incident, Order, Receipt, State

LIST_CASES = Operation(
    "GET",
    "/api/v1/cases",
    query=("state", "category", "cell_id", "camera_id", "since", "until", "text", "cursor", "limit"),
)
READ_CASE = Operation("GET", "/api/v1/cases/{case_id}")
CLOSE_CASE = Operation("POST", "/api/v1/cases/{case_id}/close")
COMMAND_CASE = Operation("POST", "/api/v1/cases/{case_id}/commands", headers=("Idempotency-Key",))
POST_INCIDENT = Operation("POST", "/api/v1/incidents", headers=("Idempotency-Key",))
PUT_EVIDENCE = Operation("PUT", "/api/v1/evidence/{sha256}")
GET_EVIDENCE = Operation("GET", "/api/v1/evidence/{sha256}")
OPERATIONS = (LIST_CASES, READ_CASE, CLOSE_CASE, COMMAND_CASE, POST_INCIDENT, PUT_EVIDENCE, GET_EVIDENCE, FOLLOW)
"""All that this client asks for; a test holds them against the OpenAPI document."""
MOST_TRIES = 3
"""Of what is safe to repeat, when the server does not answer."""


class Client:
    """Threads may share one; close it, or use it in a ``with``. Every call may raise ``ClientError`` (see its tree).

    Args:
        base_url: e.g. ``https://patrol.example``.
        key: ``gp_…``, made by ``gridpatrol keys create``.
        timeout_s: longest wait for one answer.
        verify: False or a path of CA certificates, as ``httpx`` takes it.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        timeout_s: float = 10.0,
        verify: bool | str = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers={"authorization": f"Bearer {key}", "user-agent": "gridpatrol-client/1"},
            timeout=timeout_s,
            verify=verify,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def cases(
        self,
        *,
        state: State | None = None,
        category: str | None = None,
        cell_id: str | None = None,
        camera_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        page_size: int = 200,
    ) -> Iterator[Case]:
        """Every case that fits, newest first, page after page; cases opened meanwhile shift nothing.

        Args:
            since: opened at or after; aware. until: opened before.
            text: part of the number, the cell code or the unit.
        """
        cursor: str | None = None
        while True:
            page = self.case_page(
                cursor=cursor,
                limit=page_size,
                state=state,
                category=category,
                cell_id=cell_id,
                camera_id=camera_id,
                since=None if since is None else _moment(since),
                until=None if until is None else _moment(until),
                text=text,
            )
            yield from page.cases
            cursor = page.next_cursor
            if cursor is None:
                return

    def case_page(self, *, cursor: str | None = None, limit: int = 50, **filters: str | None) -> CasePage:
        """One page; ``next_cursor`` asks for the next one."""
        params = {name: value for name, value in {**filters, "cursor": cursor}.items() if value is not None}
        return read(CasePage, self._repeatable(LIST_CASES, LIST_CASES.path, params={**params, "limit": str(limit)}))

    def case(self, case_id: str) -> CaseDetail:
        """One case with its history and pictures. Raises: NotFound."""
        return read(CaseDetail, self._repeatable(READ_CASE, READ_CASE.at(case_id=case_id)))

    def close_case(
        self, case_id: str, reason: CloseReason, note: str = "", expected_version: int | None = None
    ) -> Case:
        """
        Args:
            expected_version: the ``version`` that was looked at; a newer one is a ``Conflict``.
        """
        body = Closing(reason=reason, note=note, expected_version=expected_version).model_dump(mode="json")
        return read(Case, self._send(CLOSE_CASE, CLOSE_CASE.at(case_id=case_id), json=body))

    def command(self, case_id: str, order: Order, command_id: str | None = None) -> Case:
        """The case's next step, as the key's roles allow. Raises: Conflict, KeyRefused, Refused.

        Args:
            command_id: your own name for this giving; with one, it is repeated when the server does not answer.
        """
        path, body = COMMAND_CASE.at(case_id=case_id), order.model_dump(mode="json", exclude_none=True)
        if command_id is None:
            return read(Case, self._send(COMMAND_CASE, path, json=body))
        return read(Case, self._repeatable(COMMAND_CASE, path, json=body, headers={"Idempotency-Key": command_id}))

    def post_incident(self, incident: Incident) -> Receipt:
        """Report one step; safe to repeat, and repeated when the server does not answer. Raises: Refused, Conflict."""
        body = incident.model_dump(mode="json", exclude_defaults=False)
        headers = {"Idempotency-Key": incident.idempotency_key}
        return read(Receipt, self._repeatable(POST_INCIDENT, POST_INCIDENT.path, json=body, headers=headers))

    def put_picture(self, sha256: str, jpeg: bytes) -> None:
        """Store a JPEG before an incident names it."""
        path = PUT_EVIDENCE.at(sha256=sha256)
        self._repeatable(PUT_EVIDENCE, path, content=jpeg, headers={"Content-Type": "image/jpeg"})

    def picture(self, sha256: str) -> bytes:
        """A stored JPEG."""
        return self._repeatable(GET_EVIDENCE, GET_EVIDENCE.at(sha256=sha256)).content

    def events(
        self, after: int | None = None, give_up_after_s: float | None = None
    ) -> Iterator[Greeting | CaseHappened]:
        """Case events as they happen, for ever; a broken stream is taken up where it ended.

        Args:
            after: begin after this event; 0: with the first ever; None: with what is new.
            give_up_after_s: end with ``Away`` when there was no stream for so long; None: never.
        """
        return follow(self._http, after, give_up_after_s)

    def _repeatable(self, operation: Operation, path: str, **request: Any) -> httpx.Response:
        for _ in range(MOST_TRIES - 1):
            try:
                return self._send(operation, path, **request)
            except Away as error:
                if error.status is not None:  # it answered: when to come back is the caller's choice
                    raise
        return self._send(operation, path, **request)

    def _send(self, operation: Operation, path: str, **request: Any) -> httpx.Response:
        try:
            return check(self._http.request(operation.method, path, **request))
        except httpx.HTTPError as error:
            raise Away(f"{self._http.base_url}: no answer ({type(error).__name__})") from error


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ClientError(f"{moment.isoformat()} has no time zone; give an aware datetime")
    return moment.isoformat()
