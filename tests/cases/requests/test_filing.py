"""Requests taken in: one open case per cell and category, each posting once, sources counted apart."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from cases import tables
from cases.case import CaseEventKind, CaseState, CloseReason
from cases.evidence import EvidenceFile
from cases.queries import CaseQuery, Outcome
from cases.requests.contact import Contact
from cases.requests.draft import Media
from cases.requests.errors import RequestUnfit, RequestUnknown, ServiceUnknown, TooManyRequests
from cases.requests.query import Around, LonLatBox, RequestQuery
from cases.requests.request import FiledAs
from cases.requests.rules import RequestRules
from cases.requests.store import RequestStore
from cases.rules import CaseRules
from cases.sources import Source
from cases.store import CaseStore
from cases.transactions import reading
from core.ids import CategoryId
from tests.cases.reports import NOON, OTHER_CELL, STALL, minute, post, report
from tests.cases.requests.drafts import WANG, draft

FAR_MORE = CaseRules(requests=RequestRules(per_hour=1000))


def test_a_first_report_opens_a_case_and_the_next_ones_join_it(requests: RequestStore, store: CaseStore) -> None:
    first = requests.file(draft(), "portal", NOON)
    second = requests.file(draft(description="还有更多"), "portal", minute(5))
    seat = requests.file(draft(source=Source.HOTLINE, description="市民来电"), "seat", minute(6))
    assert [each.outcome for each in (first, second, seat)] == [FiledAs.OPENED, FiledAs.JOINED, FiledAs.JOINED]
    assert len({each.request.id for each in (first, second, seat)}) == 3
    (case,) = store.list_cases(CaseQuery()).cases
    assert {each.request.case.id for each in (first, second, seat)} == {case.id}
    assert dict(case.life.reports) == {Source.HOTLINE: 1, Source.CITIZEN: 2}
    assert case.life.source is Source.CITIZEN
    assert case.number[14:16] == "05"


def test_a_report_of_what_a_camera_has_seen_joins_the_cameras_case(requests: RequestStore, store: CaseStore) -> None:
    by_camera = post(store, report())
    filed = requests.file(draft(), "portal", minute(1))
    assert (filed.outcome, filed.request.case.id) == (FiledAs.JOINED, by_camera.case_id)
    assert dict(store.get_case(by_camera.case_id).life.reports) == {Source.VIDEO_AI: 1, Source.CITIZEN: 1}


def test_what_a_camera_sees_after_a_citizen_told_of_it_joins_the_citizens_case(
    requests: RequestStore, store: CaseStore
) -> None:
    filed = requests.file(draft(), "portal", NOON)
    by_camera = post(store, report(at=minute(10)))
    assert (by_camera.outcome, by_camera.case_id) == (Outcome.JOINED, filed.request.case.id)


def test_another_cell_or_category_is_another_case(requests: RequestStore) -> None:
    filed = [
        requests.file(each, "portal", NOON) for each in (draft(), draft(cell_id=OTHER_CELL), draft(category=STALL))
    ]
    assert len({each.request.case.id for each in filed}) == 3


def test_a_report_after_the_closing_is_a_new_case_that_repeats_the_old_one(
    requests: RequestStore, store: CaseStore
) -> None:
    first = requests.file(draft(), "portal", NOON).request
    store.close_case(first.case.id, CloseReason.HANDLED, "", "leader", None, minute(10))
    again = requests.file(draft(), "portal", minute(60 * 30))
    assert again.outcome is FiledAs.OPENED
    assert (again.request.case.previous_case_id, again.request.case.life.recurrence) == (first.case.id, 1)
    assert not requests.get(first.id).case.is_open


@pytest.mark.parametrize("minutes", [0, 1, 23.9 * 60], ids=["at once", "a minute later", "within the day"])
def test_the_very_same_posting_is_the_same_request(requests: RequestStore, store: CaseStore, minutes: float) -> None:
    first = requests.file(draft(), "portal", NOON)
    again = requests.file(draft(), "portal", minute(minutes))
    assert (again.outcome, again.request.id) == (FiledAs.DUPLICATE, first.request.id)
    assert store.latest_seq() == 1
    assert dict(store.get_case(first.request.case.id).life.reports) == {Source.CITIZEN: 1}


def test_the_same_words_are_news_once_the_case_is_closed_but_a_repeat_is_still_a_repeat(
    requests: RequestStore, store: CaseStore
) -> None:
    first = requests.file(draft(), "portal", NOON).request
    store.close_case(first.case.id, CloseReason.HANDLED, "", "leader", None, minute(5))
    assert requests.file(draft(), "portal", minute(9)).request.id == first.id
    again = requests.file(draft(), "portal", minute(11))
    assert (again.outcome, again.request.case.previous_case_id) == (FiledAs.OPENED, first.case.id)


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "别的话"},
        {"lat": 30.6506},
        {"address": "路口"},
        {"contact": replace(WANG, phone="139")},
        {"attributes": {"SIZE": ("big",)}},
        {"media": (Media(url="https://example.org/1.jpg"),)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_posting_that_differs_in_anything_is_a_request_of_its_own(
    requests: RequestStore, changed: dict[str, object]
) -> None:
    first = requests.file(draft(), "portal", NOON)
    assert requests.file(draft(**changed), "portal", NOON).request.id != first.request.id


def test_another_keys_or_a_later_days_equal_posting_is_a_request_of_its_own(requests: RequestStore) -> None:
    first = requests.file(draft(), "portal", NOON).request
    assert requests.file(draft(), "other portal", NOON).request.id != first.id
    assert requests.file(draft(), "portal", minute(24 * 60 + 1)).request.id != first.id


def test_the_same_posting_by_many_at_once_is_one_request_on_one_case(engine: Engine, store: CaseStore) -> None:
    requests = RequestStore(engine, FAR_MORE)
    ready = threading.Barrier(8)

    def file(number: int) -> str:
        ready.wait(30)
        return requests.file(draft(description=f"words {number % 2}"), "portal", NOON).request.id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(file, range(8)))
    assert len(ids) == 2
    (case,) = store.list_cases(CaseQuery()).cases
    assert dict(case.life.reports) == {Source.CITIZEN: 2}


def test_an_unknown_category_is_refused_and_the_known_ones_are_named(requests: RequestStore, store: CaseStore) -> None:
    with pytest.raises(ServiceUnknown, match=r"'pothole'.*exposed_garbage"):
        requests.file(draft(category=CategoryId("pothole")), "portal", NOON)
    assert store.latest_seq() == 0


def test_a_key_files_no_more_than_its_share_of_an_hour(requests: RequestStore) -> None:
    for number in range(5):
        requests.file(draft(description=f"{number}"), "portal", NOON)
    with pytest.raises(TooManyRequests, match=r"5 .*per_hour"):
        requests.file(draft(description="one more"), "portal", minute(59))
    assert requests.file(draft(description="0"), "portal", minute(59)).outcome is FiledAs.DUPLICATE
    assert requests.file(draft(description="one more"), "other", minute(59)).outcome is FiledAs.JOINED
    assert requests.file(draft(description="one more"), "portal", minute(61)).outcome is FiledAs.JOINED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"description": "字" * 4001}, "4001"),
        ({"address": "字" * 501}, "501"),
        ({"media": tuple(Media(url=f"https://example.org/{number}") for number in range(11))}, "11"),
        ({"media": (Media(original="ab" * 32, shown="cd" * 32),)}, "is not kept"),
    ],
    ids=["description", "address", "too many pictures", "a picture nobody kept"],
)
def test_what_cannot_be_kept_is_refused(requests: RequestStore, changed: dict[str, object], said: str) -> None:
    with pytest.raises(RequestUnfit, match=said):
        requests.file(draft(**changed), "portal", NOON)


def test_neither_words_nor_names_stand_in_the_cases_history(requests: RequestStore, store: CaseStore) -> None:
    filed = requests.file(draft(address="我家门口"), "portal", NOON).request
    (event,) = store.events_of(filed.case.id)
    assert event.data["request_id"] == filed.id
    for personal in ("小明", "王", "138", "wang@", "垃圾袋", "我家门口"):
        assert personal not in str(event.data)
    assert "小明" not in repr(draft())


def test_pictures_are_the_cases_evidence_and_the_original_is_sealed(
    requests: RequestStore, store: CaseStore, engine: Engine
) -> None:
    original, shown = "ab" * 32, "cd" * 32
    for sha256 in (original, shown):
        store.register_evidence(EvidenceFile(sha256, 10, "image/jpeg"), NOON)
    filed = requests.file(draft(media=(Media(original, shown), Media(url="https://example.org/1"))), "portal", NOON)
    case = filed.request.case
    assert case.evidence is not None
    assert (case.evidence.original, case.evidence.annotated) == (original, shown)
    with reading(engine) as connection:
        kinds = connection.execute(select(tables.evidence.c.sha256, tables.evidence.c.kind))
        assert {row.sha256: row.kind for row in kinds} == {original: "original", shown: "annotated"}
    (ours, theirs) = filed.request.media
    assert theirs.url == "https://example.org/1"
    assert ours.token is not None
    assert len(ours.token) >= 32
    assert requests.picture_of_token(ours.token) == shown
    assert requests.picture_of_token("guess") is None


def test_a_token_leads_to_its_request_and_no_other_does(requests: RequestStore) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    assert requests.id_of_token(filed.token) == filed.id
    with pytest.raises(RequestUnknown):
        requests.id_of_token(filed.id)


def test_what_a_seat_took_down_is_not_public(requests: RequestStore) -> None:
    filed = requests.file(draft(source=Source.HOTLINE, is_public=False), "seat", NOON).request
    assert requests.find(RequestQuery(ids=(filed.id,))) == ()
    assert requests.get(filed.id).id == filed.id
    with pytest.raises(RequestUnknown):
        requests.get(filed.id, public_only=True)


def test_filters_narrow_and_pages_follow_each_other(engine: Engine, store: CaseStore) -> None:
    requests = RequestStore(engine, FAR_MORE)
    near = requests.file(draft(contact=Contact()), "portal", NOON).request
    far = requests.file(draft(cell_id=OTHER_CELL, lat=30.66, lon=104.09), "portal", minute(1)).request
    stall = requests.file(draft(category=STALL, lat=None, lon=None), "portal", minute(2)).request
    store.close_case(far.case.id, CloseReason.FALSE_ALARM, "", "leader", None, minute(3))

    def found(**asked: object) -> list[str]:
        return [each.id for each in requests.find(RequestQuery(**asked))]  # type: ignore[arg-type]  # each test its own

    assert found() == [stall.id, far.id, near.id]
    assert found(categories=("street_stall", "none")) == [stall.id]
    assert found(start=minute(1), end=minute(1)) == [far.id]
    assert found(state=CaseState.CLOSED) == [far.id]
    assert found(state=CaseState.OPEN) == [stall.id, near.id]
    assert found(box=LonLatBox(104.08, 30.65, 104.081, 30.651)) == [near.id]
    assert found(around=Around(30.6505, 104.0805, 50)) == [near.id]
    assert found(around=Around(30.6505, 104.0805, 5000)) == [far.id, near.id]
    assert found(case_id=near.case.id) == [near.id]
    assert found(ids=(near.id, far.id, "R1"), categories=("none",)) == [far.id, near.id]
    assert [found(page=page, page_size=2) for page in (1, 2, 3)] == [[stall.id, far.id], [near.id], []]
    assert found(before_seq=far.seq) == [near.id]


def test_a_request_tells_when_its_case_last_changed(requests: RequestStore, store: CaseStore) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    assert filed.updated_at == filed.requested_at == NOON
    store.close_case(filed.case.id, CloseReason.HANDLED, "", "leader", None, minute(10))
    assert requests.get(filed.id).updated_at == minute(10)


def test_the_cases_history_counts_what_was_told(requests: RequestStore, store: CaseStore) -> None:
    filed = requests.file(draft(), "portal", NOON).request
    requests.file(draft(description="2"), "portal", minute(1))
    kinds = [event.kind for event in store.events_of(filed.case.id)]
    assert kinds == [CaseEventKind.OPENED, CaseEventKind.TOLD]
