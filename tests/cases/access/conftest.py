"""The access room over each engine's database; secrets are sealed with a real key."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from cases.access.house import AccessHouse
from cases.access.lockout import LockRules
from streams.sealing import Sealer


@pytest.fixture
def access(engine: Engine, tmp_path: Path) -> AccessHouse:
    sealer = Sealer(tmp_path / "secret.key", {})
    return AccessHouse.over(engine, sealer, idle_s=3600.0, rules=LockRules(per_account=3, per_address=6))
