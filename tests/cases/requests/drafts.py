"""Requests for the tests."""

from typing import Any

from cases.requests.contact import Contact
from cases.requests.draft import RequestDraft
from cases.sources import Source
from tests.cases.reports import CELL, GARBAGE

WANG = Contact(first_name="小明", last_name="王", phone="138-0000-0000", email="wang@example.org")


def draft(**changed: Any) -> RequestDraft:
    """A citizen's report of garbage, with changes."""
    fields: dict[str, Any] = {
        "category": GARBAGE,
        "cell_id": CELL,
        "source": Source.CITIZEN,
        "description": "垃圾袋堆在路边",
        "lat": 30.6505,
        "lon": 104.0805,
        "is_public": True,
        "contact": WANG,
    }
    return RequestDraft(**fields | changed)


class PlainSealer:
    """Marks what it seals, so that a test can see that it was; opens only what was sealed for the same purpose."""

    def seal(self, secret: str, purpose: str) -> str:
        return "sealed:" + (purpose + "|" + secret).encode().hex()

    def unseal(self, sealed: str, purpose: str) -> str:
        kept_for, _, secret = bytes.fromhex(sealed.removeprefix("sealed:")).decode().partition("|")
        if kept_for != purpose:
            raise ValueError(f"sealed for {kept_for}")
        return secret
