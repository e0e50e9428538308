"""Who carries one event to one receiver."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from cases.case import Case, CaseEvent
from cases.outbound.calls import Answer, Caller, failure_of
from cases.outbound.endpoints import Endpoint, Seal, purpose_of
from cases.outbound.errors import NotDelivered
from cases.outbound.message import body_of, message_id, message_of
from cases.outbound.signing import signature_headers
from core.errors import ConfigError


class Courier(Protocol):
    """Knows one receiver's language."""

    def deliver(self, event: CaseEvent, case: Case, now: datetime, is_replay: bool = False) -> bool:
        """Tell the receiver; False where the event is none of its business.

        Args:
            case: as it stands now.
            is_replay: a person asked for it.

        Raises:
            NotDelivered: this try failed.
            CallAborted: we are stopping.
        """
        ...

    def tend(self, now: datetime) -> None:
        """What is to be done between events; failures wait for the next time."""
        ...


class WebhookCourier:
    """POSTs signed messages to one endpoint."""

    def __init__(self, endpoint: Endpoint, seal: Seal, caller: Caller) -> None:
        self._endpoint = endpoint
        self._seal = seal
        self._caller = caller

    def deliver(self, event: CaseEvent, case: Case, now: datetime, is_replay: bool = False) -> bool:
        if not self._endpoint.wants(event.kind.value, case.category):
            return False
        answer = self.post(message_id(event), body_of(message_of(event, case)), now)
        if not answer.is_success:
            raise failure_of(answer, self._endpoint.draft.name, now.timestamp())
        return True

    def tend(self, now: datetime) -> None:
        """Nothing."""

    def post(self, identity: str, body: bytes, now: datetime) -> Answer:
        """One signed POST, whatever the answer.

        Raises:
            NotDelivered: there was none.
        """
        headers: Mapping[str, str] = {
            "content-type": "application/json",
            **signature_headers(identity, now, body, self._open_secrets(now)),
        }
        return self._caller.call("POST", self._endpoint.draft.url, headers, body, whole=False)

    def _open_secrets(self, now: datetime) -> tuple[str, ...]:
        purpose = purpose_of(self._endpoint.id)
        try:
            return tuple(self._seal.unseal(each.sealed, purpose) for each in self._endpoint.in_force(now))
        except ConfigError as error:
            raise NotDelivered(
                f"the secret of {self._endpoint.draft.name} cannot be opened ({error}); make a new one, or give this "
                "process the key that sealed it",
                was_sent=False,
            ) from error
