"""A requests' store on each engine."""

import pytest
from sqlalchemy import Engine

from cases.requests.rules import RequestRules
from cases.requests.store import RequestStore
from cases.rules import CaseRules
from tests.cases.requests.drafts import PlainSealer


@pytest.fixture
def rules() -> CaseRules:
    return CaseRules(requests=RequestRules(per_hour=5, contact_days=30))


@pytest.fixture
def requests(engine: Engine, rules: CaseRules) -> RequestStore:
    return RequestStore(engine, rules, PlainSealer())
