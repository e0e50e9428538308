"""A typed client of Gridpatrol's API, for other systems: needs ``httpx`` and ``pydantic``, and nothing of Gridpatrol.

    from gridpatrol_client import Client

    with Client("https://patrol.example", key="gp_…") as patrol:
        for case in patrol.cases(state="open", category="exposed_garbage"):
            print(case.number, case.cell_id)

``tests/api/test_client.py`` holds every operation and every field against the OpenAPI document, so neither drifts.
"""

from gridpatrol_client.client import Client
from gridpatrol_client.errors import Away, ClientError, Conflict, KeyRefused, NotFound, Refused, Strange
from gridpatrol_client.events import CaseHappened, Greeting
from gridpatrol_client.models import (
    Case,
    CaseDetail,
    CaseEvent,
    CasePage,
    Closing,
    Evidence,
    Incident,
    Model,
    Order,
    Picture,
    Receipt,
)
from gridpatrol_client.webhooks import WebhookRefused, verify

__all__ = [
    "Away",
    "Case",
    "CaseDetail",
    "CaseEvent",
    "CaseHappened",
    "CasePage",
    "Client",
    "ClientError",
    "Closing",
    "Conflict",
    "Evidence",
    "Greeting",
    "Incident",
    "KeyRefused",
    "Model",
    "NotFound",
    "Order",
    "Picture",
    "Receipt",
    "Refused",
    "Strange",
    "WebhookRefused",
    "verify",
]
