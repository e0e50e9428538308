"""Who asked: sealed as soon as it arrives, opened only for somebody at the desk who says why."""

import hashlib
import json
from dataclasses import asdict, dataclass

from cases.access.second_factor import SecretSealer

_TELLING_DIGITS = 4
"""16 bits of a hash: enough to tell two people's equal words apart, too few to find a telephone number by trying."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a person says of themselves; empty where they do not."""

    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    account_id: str = ""
    device_id: str = ""

    def __repr__(self) -> str:
        return "Contact(...)"  # never in a log or a traceback

    @property
    def is_empty(self) -> bool:
        return not any(asdict(self).values())

    @property
    def telling(self) -> str:
        """Tells two people apart without telling who they are."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:_TELLING_DIGITS]

    def sealed(self, sealer: SecretSealer, request_id: str) -> str:
        return sealer.seal(json.dumps(asdict(self), ensure_ascii=True), purpose_of(request_id))


def unsealed(sealed: str, sealer: SecretSealer, request_id: str) -> Contact:
    """The contact of one request; another request's opens nothing."""
    return Contact(**json.loads(sealer.unseal(sealed, purpose_of(request_id))))


def purpose_of(request_id: str) -> str:
    return f"contact:{request_id}"
