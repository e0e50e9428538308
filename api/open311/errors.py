"""What the standard lets a service say when it refuses: 403 for the key, 404 for what is not there, 400 for the rest.

What is our own fault stays 500 or 503, and too many calls are 429: the standard would have 400 there too, and no
careful client repeats that.
"""

from dataclasses import dataclass

from starlette.exceptions import HTTPException

from api.open311.documents import Document, Row
from api.problems import TooManyCalls, problem_for
from cases.requests.errors import RequestUnknown, ServiceUnknown
from core.errors import PatrolError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a call."""

    code: str
    """A number; the HTTP status, or one that says more."""
    description: str
    """For the person who reported, Chinese first."""


class Open311Refused(PatrolError):
    """A call that cannot be answered.

    Args:
        status: 400, 403 or 404.
    """

    def __init__(self, status: int, *descriptions: str, code: int | None = None) -> None:
        super().__init__("; ".join(descriptions))
        self.status = status
        self.faults = tuple(Fault(str(code or status), each) for each in descriptions)


def bad(*descriptions: str) -> Open311Refused:
    return Open311Refused(400, *descriptions)


def missing(description: str) -> Open311Refused:
    return Open311Refused(404, description)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered."""

    status: int
    faults: tuple[Fault, ...]
    retry_after_s: int | None = None

    def document(self) -> Document:
        rows: tuple[Row, ...] = tuple(
            {"code": int(fault.code), "description": fault.description} for fault in self.faults
        )
        return Document("errors", "error", rows)


def refusal_of(error: Exception) -> Refusal:
    """The answer to an error that was foreseen; ``api.problems`` says which text may leave the house."""
    if isinstance(error, Open311Refused):
        return Refusal(error.status, error.faults)
    if isinstance(error, TooManyCalls):
        return Refusal(429, (Fault("429", f"请求过于频繁 / {error}"),), error.wait_s)
    problem = problem_for(error)
    said = str(error.detail) if isinstance(error, HTTPException) else str(error)
    if problem.status >= 500 or not problem.tells_detail:
        words = f"{problem.title_zh} / {problem.title}"
        return Refusal(problem.status, (Fault(str(problem.status), words),), problem.retry_after_s or 5)
    if isinstance(error, RequestUnknown | ServiceUnknown):
        return Refusal(404, (Fault("404", said),))
    return Refusal(400, (Fault(str(problem.status), said),))
