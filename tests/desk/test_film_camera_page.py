"""What a camera's page says of one that plays a video file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cases.cameras import CameraRecord
from core.ids import CameraId
from desk.camera_detail import CameraDetail, ConfigFacts, render_camera
from desk.camera_page import shown_place
from desk.visitor import Language
from tests.desk.page_rules import words_of
from tests.desk.street import visitor

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
FILM = {"id": "CAM-01", "url": "/clips/a.mp4"}


def page_of(state: str, section: Mapping[str, Any], looks: tuple[tuple[str, float], ...] = ()) -> str:
    camera_id = CameraId("CAM-01")
    record = CameraRecord(camera_id, "", "/clips/a.mp4", state, AT, looks=looks)
    return words_of(render_camera(CameraDetail(record, ConfigFacts(camera_id, section)), visitor(Language.EN), AT))


def test_a_film_that_is_over_says_what_to_do() -> None:
    assert "To play it again, change the camera" in page_of("ended", FILM)
    assert "To play it again" not in page_of("live", FILM)


def test_a_film_is_called_by_its_name_wherever_the_server_keeps_it() -> None:
    page = page_of("live", FILM)
    assert "a.mp4" in page
    assert "/clips/" not in page
    assert shown_place("rtsp://10.0.0.1:554/one") == "rtsp://10.0.0.1:554/one"


def test_a_lapse_tells_its_time_scale_and_no_age_by_the_wall_clock() -> None:
    looks = (("looks", 4.0), ("age_p99_s", 628.9))
    lapse = page_of("live", FILM | {"time_scale": 60.0, "loop": True}, looks)
    assert "Time scale × 60 · Play it again and again" in lapse
    assert "628.9" not in lapse
    assert "628.9" in page_of("live", FILM, looks)
    assert "Time scale" not in page_of("live", FILM)
