"""``POST /api/v1/cases/{id}/regions``: an operator says what really stands in a picture."""

from typing import Any

import httpx
import pytest

from cases.keys import Scope
from tests.api.city import JPEG, City, sha256_of, slug

PICTURE = sha256_of(JPEG)
DRAWN = {"picture": PICTURE, "regions": [{"category": "exposed_garbage", "box": [1, 2, 30, 40]}], "note": "重画"}


@pytest.fixture
def case_id(watched_city: City) -> str:
    answer = watched_city.client(Scope.WORKER).put(
        f"/api/v1/evidence/{PICTURE}", content=JPEG, headers={"content-type": "image/jpeg"}
    )
    assert answer.status_code == 201
    evidence = {"original": PICTURE, "annotated": PICTURE, "crop": PICTURE}
    return str(watched_city.report(evidence=evidence).json()["case_id"])


def correct(city: City, case_id: str, scope: Scope = Scope.OPERATOR, **changes: Any) -> httpx.Response:
    return city.client(scope).post(f"/api/v1/cases/{case_id}/regions", json=DRAWN | changes)


def test_an_operators_boxes_stand_in_the_history_under_their_name(watched_city: City, case_id: str) -> None:
    answer = correct(watched_city, case_id, expected_version=1)
    assert (answer.status_code, answer.json()["version"], answer.json()["state"]) == (200, 2, "open")
    event = watched_city.client(Scope.READ).get(f"/api/v1/cases/{case_id}").json()["events"][-1]
    assert (event["kind"], event["actor"]) == ("corrected", "operator-key")
    assert event["data"]["regions"] == [{"category": "exposed_garbage", "box": [1.0, 2.0, 30.0, 40.0]}]


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WORKER])
def test_who_is_no_operator_may_not_draw(watched_city: City, case_id: str, scope: Scope) -> None:
    assert slug(correct(watched_city, case_id, scope)) == "scope-missing"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"expected_version": 9}, "conflict"),
        ({"picture": "f" * 64}, "case-refused"),
        ({"regions": [{"category": "exposed_garbage", "box": [5, 5, 5, 9]}]}, "case-refused"),
        ({"regions": [{"category": "Garbage!", "box": [1, 2, 3, 4]}]}, "invalid-request"),
        ({"regions": [{"category": "exposed_garbage", "box": [1, 2, 3]}]}, "invalid-request"),
        ({"picture": "nonsense"}, "invalid-request"),
    ],
    ids=["another version", "another picture", "an empty box", "no category", "three edges", "no hash"],
)
def test_a_correction_that_is_not_right_is_refused(
    watched_city: City, case_id: str, changes: dict[str, Any], refusal: str
) -> None:
    assert slug(correct(watched_city, case_id, **changes)) == refusal


def test_the_desk_shows_the_correction_in_both_languages(watched_city: City, case_id: str) -> None:
    correct(watched_city, case_id)
    page = watched_city.browser(Scope.READ).get(f"/cases/{case_id}").text
    assert "人工修正标注框" in page
    assert "Boxes corrected by a person" in page
