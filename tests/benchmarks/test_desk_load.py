"""The benchmark's past is an honest one: what it writes is what the product would have written."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.desk_load import PAGES, TownSize, _filled
from benchmarks.desk_load_history import DAYS
from cases import tables
from cases.case import fold
from cases.database import open_database
from cases.overview.store import OverviewStore
from cases.queries import CaseQuery
from cases.store import CaseStore
from grid.cells import load_geojson

CASES = 300


def test_a_filled_folder_holds_cases_that_their_events_make(tmp_path: Path) -> None:
    said: list[str] = []
    login = _filled(tmp_path, TownSize(CASES, 20, 200), None, 8650, said.append)
    assert login
    engine = open_database(f"sqlite:///{tmp_path / 'var' / 'gridpatrol.db'}")
    try:
        store = CaseStore(engine)
        cases = store.list_cases(CaseQuery(), limit=500).cases
        assert len(cases) == CASES
        for case in cases[:60]:
            assert fold(store.events_of(case.id)) == case
        with engine.connect() as connection:
            pictures = connection.execute(select(func.count()).select_from(tables.evidence)).scalar_one()
        assert pictures == 72
        now = datetime.now(UTC)
        found = OverviewStore(engine).overview(min(case.opened_at for case in cases), now, now)
        assert found.total.opened >= CASES - 5  # the first hour counts only where it is whole
        assert found.standing.open == sum(case.is_open for case in cases)
        assert len(store.cameras()) == 20
    finally:
        engine.dispose()
    assert load_geojson(tmp_path / "grids.geojson").sub_cell_m is None  # a grid without a fault
    assert DAYS == 60


def test_each_measured_page_has_a_mark_of_its_own() -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)
    assert all(page.path.startswith("/") and page.mark for page in PAGES)
