"""What is wrong with a camera's picture, from the worker to programs, people and Prometheus."""

from typing import Any

import pytest

from cases.keys import Scope
from tests.api.city import City, slug

MOVED: dict[str, Any] = {
    "kind": "moved",
    "since": "2026-03-02T11:00:00+08:00",
    "value": 0.034,
    "threshold": 0.015,
    "shift_px": [61.0, -12.5],
}
LOST: dict[str, Any] = {"kind": "lost", "since": "2026-03-02T03:00:00Z", "value": 90.0, "threshold": 60.0}


def tell(city: City, camera_id: str, *findings: dict[str, Any], **more: Any) -> int:
    camera = {
        "camera_id": camera_id,
        "address": "clip.mp4",
        "state": "live",
        "since": "2026-03-02T03:00:00Z",
        "health": {"findings": list(findings), **more},
    }
    report = {"worker_id": f"worker-of-{camera_id}", "cameras": [camera]}
    answer = city.client(Scope.WORKER).put("/api/v1/cameras", json=report)
    assert answer.status_code in (204, 422), answer.text
    if answer.status_code == 422:
        assert slug(answer) == "invalid-request"
    return answer.status_code


def test_findings_are_read_as_the_worker_told_them(city: City) -> None:
    tell(city, "CAM-01", MOVED, looks_withheld=7, reference_at="2026-03-01T02:00:00Z")
    (camera,) = city.client(Scope.READ).get("/api/v1/cameras").json()["cameras"]
    assert camera["health"] == {
        "findings": [MOVED | {"since": "2026-03-02T03:00:00Z"}],
        "looks_withheld": 7,
        "reference_at": "2026-03-01T02:00:00Z",
    }


def test_a_worker_that_tells_nothing_of_health_is_taken_as_before(city: City) -> None:
    city.register_cameras("CAM-01")
    (camera,) = city.client(Scope.READ).get("/api/v1/cameras").json()["cameras"]
    assert camera["health"] == {"findings": [], "looks_withheld": 0, "reference_at": None}


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(MOVED | {"kind": "haunted"}, id="an unknown kind"),
        pytest.param({"kind": "moved", "value": 1.0, "threshold": 0.1}, id="no since"),
        pytest.param(MOVED | {"value": -1.0}, id="a negative measure"),
        pytest.param(MOVED | {"shift_px": [1.0]}, id="half a shift"),
        pytest.param(MOVED | {"colour": "red"}, id="a field nobody knows"),
    ],
)
def test_a_finding_that_is_not_sound_is_refused(city: City, finding: dict[str, Any]) -> None:
    assert tell(city, "CAM-01", finding) == 422


def test_the_figures_count_cameras_by_kind_and_never_name_one(city: City) -> None:
    tell(city, "CAM-01", MOVED, looks_withheld=7)
    tell(city, "CAM-02", MOVED, LOST, looks_withheld=5)
    text = city.client(Scope.READ).get("/metrics").text
    for kind, number in (("moved", 2), ("lost", 1), ("covered", 0), ("frozen", 0)):
        assert f'gridpatrol_camera_findings{{kind="{kind}"}} {number}.0' in text
    assert "gridpatrol_looks_withheld 12.0" in text
    assert "CAM-01" not in text


def test_the_cameras_page_tells_the_finding_since_when_and_the_mend(city: City) -> None:
    tell(city, "CAM-01", MOVED, looks_withheld=7)
    page = city.browser(Scope.READ).get("/cameras", params={"lang": "en"}).text
    for text in ("View moved", "by 3.4 % of its width (limit 1.5 %)", "61 px right", "accept-view", "11:00:00"):
        assert text in page, text
