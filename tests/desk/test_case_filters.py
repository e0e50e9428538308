from urllib.parse import parse_qsl, urlsplit

import pytest

from cases.case import CaseState
from desk.case_filters import LONGEST_FILTER, CaseFilters


def test_without_a_query_the_open_cases_are_listed() -> None:
    assert CaseFilters.from_query({}) == CaseFilters(state=CaseState.OPEN)


@pytest.mark.parametrize(("asked", "state"), [("closed", CaseState.CLOSED), ("all", None), ("rubbish", CaseState.OPEN)])
def test_the_state_is_read_and_an_unknown_one_means_open(asked: str, state: CaseState | None) -> None:
    assert CaseFilters.from_query({"state": asked}).state is state


def test_filters_survive_the_way_through_their_address() -> None:
    filters = CaseFilters(None, "street_stall", "510104001001001", "CAM 1&2", "东大街 #1", "cursor-1")
    assert CaseFilters.from_query(dict(parse_qsl(urlsplit(filters.href).query))) == filters


def test_empty_filters_narrow_nothing_in_the_store() -> None:
    query = CaseFilters.from_query({"state": "all", "text": "  ", "cell_id": ""}).to_case_query()
    assert (query.state, query.category, query.cell_id, query.camera_id, query.text) == (None,) * 5


def test_another_state_or_category_starts_at_the_newest_case_again() -> None:
    filters = CaseFilters(cursor="cursor-1")
    assert filters.in_state(None).cursor == ""
    assert filters.of_category("street_stall").cursor == ""


def test_a_filter_of_any_length_is_cut() -> None:
    assert len(CaseFilters.from_query({"text": "长" * 100_000}).text) == LONGEST_FILTER
