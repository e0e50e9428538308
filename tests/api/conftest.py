"""One small city per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.database import migrate, open_database
from tests.api.city import City


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables, made once."""
    file = tmp_path_factory.mktemp("template") / "cases.db"
    engine = open_database(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture
def city(tmp_path: Path, migrated_file: Path) -> Iterator[City]:
    made = City(tmp_path, template=migrated_file)
    yield made
    made.close()


@pytest.fixture
def watched_city(city: City) -> City:
    """The same, with two cameras known."""
    city.register_cameras("CAM-01", "CAM-02")
    return city
