"""What can go wrong on the way out.

CaseError
├── LineUnknown            no such receiver
├── LetterUnknown          no such dead letter
├── EndpointRefused        an address or filter that cannot be
├── EndpointTaken          as many endpoints as the settings allow
└── EndpointMovedOn        changed since it was looked at
DeliveryError
├── NotDelivered           this try failed; says whether another may help
└── LineLost               another process sends, or the line is gone: let go of it
"""

from core.errors import CaseError, DeliveryError


class LineUnknown(CaseError):
    """No receiver with that id."""


class LetterUnknown(CaseError):
    """No such dead letter on the line."""


class EndpointRefused(CaseError):
    """An address or a filter that cannot be."""


class EndpointTaken(CaseError):
    """There are as many endpoints as the settings allow."""


class EndpointMovedOn(CaseError):
    """The endpoint has changed since it was looked at."""


class NotDelivered(DeliveryError):
    """One try failed.

    Args:
        status: the HTTP status, where there was an answer.
        is_refusal: the receiver understood and does not want this message; another try rarely helps.
        is_final: no further try is made without a person's word.
        is_gone: the receiver asked never to be called again (410).
        retry_after_s: the receiver's own wish.
        was_sent: the request may have reached the receiver.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        is_refusal: bool = False,
        is_final: bool = False,
        is_gone: bool = False,
        retry_after_s: float | None = None,
        was_sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_refusal = is_refusal
        self.is_final = is_final
        self.is_gone = is_gone
        self.retry_after_s = retry_after_s
        self.was_sent = was_sent


class CallAborted(DeliveryError):
    """This process is stopping: the try does not count."""


class LineLost(DeliveryError):
    """Another process sends now, or the line was removed."""
