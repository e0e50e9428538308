"""What a person draws in a case's picture is kept beside the case, and changes nothing else of it."""

from dataclasses import replace

import pytest

from cases.case import CaseEventKind, CloseReason, fold
from cases.evidence import JPEG, EvidenceFile
from cases.regions import Region, RegionCorrection
from cases.store import CaseStore
from core.errors import CaseConflict, CaseError, CaseNotFound
from core.geometry import Box
from core.ids import CaseId, CategoryId
from tests.cases.reports import GARBAGE, NOON, minute, post, refs, report

PICTURES = refs("1")
DRAWN = RegionCorrection(PICTURES.original, (Region(GARBAGE, Box(1, 2, 30, 40)),), "画小了")


@pytest.fixture
def case_id(store: CaseStore) -> CaseId:
    for sha256 in PICTURES.all():
        store.register_evidence(EvidenceFile(sha256, 9, JPEG), NOON)
    return post(store, report(evidence=PICTURES)).case_id


def test_a_correction_is_an_event_and_the_case_stays_as_it_was(store: CaseStore, case_id: CaseId) -> None:
    before = store.get_case(case_id)
    after = store.correct_regions(case_id, DRAWN, "王值班", 1, minute(5))
    event = store.events_of(case_id)[-1]
    assert (event.kind, event.actor, event.at) == (CaseEventKind.CORRECTED, "王值班", minute(5))
    assert RegionCorrection.from_json(event.data) == DRAWN
    assert after == replace(before, version=2, updated_seq=event.seq)
    assert fold(store.events_of(case_id)) == store.get_case(case_id) == after


def test_a_closed_case_can_be_corrected_too(store: CaseStore, case_id: CaseId) -> None:
    store.close_case(case_id, CloseReason.FALSE_ALARM, "", "duty", None, minute(9))
    assert store.correct_regions(case_id, replace(DRAWN, regions=()), "duty", None, minute(10)).version == 3


def test_a_correction_of_another_version_is_a_conflict(store: CaseStore, case_id: CaseId) -> None:
    with pytest.raises(CaseConflict, match="version 1, not 7"):
        store.correct_regions(case_id, DRAWN, "duty", 7, minute(5))


def test_only_an_original_of_the_case_can_be_corrected(store: CaseStore, case_id: CaseId) -> None:
    for other in (PICTURES.crop, "f" * 64):
        with pytest.raises(CaseError, match="not an original of case"):
            store.correct_regions(case_id, replace(DRAWN, picture=other), "duty", None, minute(5))
    with pytest.raises(CaseNotFound):
        store.correct_regions(CaseId("nowhere"), DRAWN, "duty", None, minute(5))


@pytest.mark.parametrize(
    ("category", "box"),
    [
        pytest.param("exposed_garbage", Box(5, 5, 5, 9), id="no width"),
        pytest.param("exposed_garbage", Box(9, 5, 3, 9), id="turned round"),
        pytest.param("exposed_garbage", Box(0, 0, float("inf"), 9), id="endless"),
        pytest.param("Exposed Garbage", Box(0, 0, 9, 9), id="no category"),
    ],
)
def test_a_region_that_cannot_be_is_refused(store: CaseStore, case_id: CaseId, category: str, box: Box) -> None:
    drawn = RegionCorrection(PICTURES.original, (Region(CategoryId(category), box),))
    with pytest.raises(CaseError, match="region 0"):
        store.correct_regions(case_id, drawn, "duty", None, minute(5))
    assert len(store.events_of(case_id)) == 1
