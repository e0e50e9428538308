"""Whatever happens to it, a case's row is the fold of its events."""

import itertools
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from cases import tables
from cases.case import CaseEventKind, CaseState, CloseReason, fold
from cases.queries import CaseQuery, Outcome
from cases.store import CaseStore
from core.ids import CellId
from grid.incidents import IncidentKind
from tests.cases.reports import CAM_1, CAM_2, GARBAGE, STALL, minute, report

_runs = itertools.count()

STEPS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(list(IncidentKind)),
                "minute": st.integers(0, 60),
                "incident": st.integers(0, 3),
                "sequence": st.integers(0, 4),
                "camera_id": st.sampled_from([CAM_1, CAM_2]),
                "category": st.sampled_from([GARBAGE, STALL]),
                "object_count": st.integers(1, 5),
                "confidence": st.floats(0, 1),
                "probability": st.none() | st.floats(0, 1),
            }
        ),
        st.integers(0, 70),
    ),
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_rows_equal_folds_and_one_case_is_open_at_most(store: CaseStore, engine: Engine, steps: list[object]) -> None:
    run = next(_runs)
    cell = CellId(f"{run:015d}")
    posted: set[tuple[object, object]] = set()
    for step in steps:
        if isinstance(step, int):
            open_cases = store.list_cases(CaseQuery(state=CaseState.OPEN, cell_id=cell)).cases
            if open_cases:
                store.close_case(open_cases[0].id, CloseReason.OTHER, "", "duty", None, minute(step))
            continue
        assert isinstance(step, dict)
        name = (step["incident"], step["sequence"])
        if name in posted:
            continue
        posted.add(name)
        sent = report(
            step["kind"],
            minute(step["minute"]),
            incident=f"{run}-{step['incident']}",
            sequence=step["sequence"],
            cell_id=cell,
            camera_id=step["camera_id"],
            category=step["category"],
            object_count=step["object_count"],
            confidence=step["confidence"],
            probability=step["probability"],
        )
        receipt = store.ingest(sent, sent.idempotency_key, minute(90))
        assert receipt.outcome is not Outcome.DUPLICATE

    cases = store.list_cases(CaseQuery(cell_id=cell), limit=500).cases
    for case in cases:
        events = store.events_of(case.id)
        assert case == fold(events)
        assert case.version == len(events)
        assert [event.seq for event in events] == sorted(event.seq for event in events)
        with engine.connect() as connection:
            seen_by = connection.execute(
                select(tables.case_camera.c.camera_id).where(tables.case_camera.c.case_id == case.id)
            ).scalars()
            assert set(seen_by) == set(case.cameras)
    assert all(count == 1 for count in Counter(case.category for case in cases if case.is_open).values())
    kept = [event for case in cases for event in store.events_of(case.id) if event.kind is not CaseEventKind.CLOSED]
    assert {(event.data["incident_id"], event.data["sequence"]) for event in kept} == {
        (f"{run}-{incident}", sequence) for incident, sequence in posted
    }, "no report is lost"
