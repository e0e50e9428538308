"""Schemathesis over the whole OpenAPI document, against a listening server, with and without keys.

No answer may be a 5xx, and each must be one that the document foretells: status, media type, headers, schema.
``GRIDPATROL_SCHEMATHESIS_EXAMPLES`` sets how many requests are tried for each operation and caller.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.server import BackgroundApi
from api.settings import ApiSettings
from cases.keys import Scope
from tests.api.city import CELL, NOON, City

EXAMPLES = int(os.environ.get("GRIDPATROL_SCHEMATHESIS_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = ("GET", "/api/v1/events")
"""With a key it streams until the caller goes; tests/api/test_events.py reads it."""
OPEN_TO_ALL = {"GET /healthz", "GET /readyz"}
ANSWER_S = 20


@dataclass(frozen=True, slots=True)
class Listening:
    """A served city, and what a request must know to hit something that is there."""

    url: str
    headers: dict[str, dict[str, str]]
    known: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    logging.getLogger("gridpatrol.api.traffic").setLevel(logging.WARNING)
    # The city's clock stands still, so a call that is counted would be counted for ever.
    unbounded = ApiSettings(port=0, poll_s=0.05, heartbeat_s=0.2, calls_per_key_per_s=0, calls_per_address_per_s=0)
    city = City(tmp_path_factory.mktemp("city"), unbounded)
    city.register_cameras("CAM-01", "CAM-02")
    case_id = city.report().json()["case_id"]
    key = city.keys.create("everything", list(Scope), NOON)
    headers = {"no key": {}, "every scope": {"authorization": f"Bearer {key}"}}
    known = {"case_id": case_id, "camera_id": "CAM-01", "cell_id": CELL, "code": "exposed_garbage"}
    with BackgroundApi(city.app, city.settings) as api:
        yield Listening(api.url, headers, known)
    city.close()


def _document(folder: Path) -> Any:
    city = City(folder)
    try:
        return schemathesis.openapi.from_dict(city.app.openapi())
    finally:
        city.close()


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    document = _document(tmp_path_factory.mktemp("document"))
    return {operation.ok().label: operation.ok() for operation in document.get_all_operations()}


@pytest.mark.timeout(60 + 120 * EXAMPLES)
@pytest.mark.parametrize("caller", ["no key", "every scope"])
def test_every_answer_is_one_that_the_document_foretells(
    served: Listening, operations: dict[str, Any], caller: str
) -> None:
    assert len(operations) > 100
    breaches = {}
    said: dict[str, set[int]] = {}
    with requests.Session() as session:
        for label, operation in operations.items():
            if caller != "no key" and label == " ".join(ENDLESS):
                continue
            try:
                said[label] = _try_out(operation, session, served, caller)
            except* AssertionError as group:
                breaches[label] = "\n".join(str(error) for error in group.exceptions)
    assert not breaches, "\n\n".join(f"{label}:\n{told}" for label, told in breaches.items())
    let_in = {label for label, statuses in said.items() if any(status < 400 for status in statuses)}
    if caller == "no key":
        assert let_in <= OPEN_TO_ALL
    else:
        assert len(let_in) > 30  # the requests do get behind the door


def _try_out(operation: Any, session: requests.Session, served: Listening, caller: str) -> set[int]:
    """The statuses that came back."""
    url, headers, known = served.url, served.headers[caller], served.known
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    cases = modes.flatmap(lambda mode: operation.as_strategy(generation_mode=mode))
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, aims=st.booleans())
    def tried(case: Any, aims: bool) -> None:
        if aims:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        response = case.call(base_url=url, headers=headers, session=session, timeout=ANSWER_S)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    tried()
    return statuses
