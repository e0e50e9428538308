"""An office per test, on both engines."""

import pytest
from sqlalchemy import Engine

from tests.cases.workflow.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)
