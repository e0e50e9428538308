"""What the first steps say while somebody waits: a film that is too short, one that is over, and one that goes on."""

import pytest

from desk.start_page import StartCamera, StartFilm, StartView, render_start_progress
from desk.visitor import Language
from tests.desk.street import visitor

CONFIRM_S = 900.0


def waiting(camera: StartCamera, language: Language = Language.EN) -> str:
    """The steps' text with one camera."""
    view = StartView(
        has_admin=True,
        may_make_admin=False,
        grid_cells=9,
        makes_grid=True,
        cameras=(camera,),
        tied=(camera.camera_id,),
        confirm_s=CONFIRM_S,
        case=None,
        confirmed=None,
    )
    return render_start_progress(view, visitor(language))


def film(time_scale: float = 1.0, loops: bool = False, length_s: float | None = 30.0) -> StartFilm:
    return StartFilm(time_scale, loops, length_s)


@pytest.mark.parametrize("state", ["live", "ended"])
def test_a_film_that_is_over_before_anything_can_stand_names_the_scale_that_is_enough(state: str) -> None:
    html = waiting(StartCamera("CAM-01", state, 3, film=film()))
    assert "30 s of film, at time scale 1: 0.5 min" in html
    assert "Too short: it is over before 15 min" in html
    assert "a time scale of 30 or more" in html
    assert 'href="/cameras/CAM-01/edit?then=start"' in html


def test_the_scale_it_names_is_enough_and_one_less_is_not() -> None:
    wanted = film(length_s=47.0).scale_for(CONFIRM_S)
    assert not film(wanted, length_s=47.0).is_too_short(CONFIRM_S)
    assert film(wanted - 1, length_s=47.0).is_too_short(CONFIRM_S)


@pytest.mark.parametrize("length_s", [30.0, None])
def test_a_film_that_is_over_without_a_candidate_tells_nobody_to_wait(length_s: float | None) -> None:
    html = waiting(StartCamera("CAM-01", "ended", 15, film=film(90.0, length_s=length_s)))
    assert "played to its end without a candidate" in html
    assert 'href="/cameras/CAM-01/edit?then=start"' in html


@pytest.mark.parametrize(
    "camera",
    [
        StartCamera("CAM-01", "live", 3, film=film(90.0)),
        StartCamera("CAM-01", "live", 3, film=film(loops=True)),
        StartCamera("CAM-01", "live", 3, film=film(length_s=None)),
        StartCamera("CAM-01", "live", 3),
    ],
)
def test_a_camera_that_may_still_show_something_is_left_alone(camera: StartCamera) -> None:
    assert "/edit" not in waiting(camera)


def test_no_chinese_stands_in_the_english_of_the_page() -> None:
    html = waiting(StartCamera("CAM-01", "live", 3, film=film()))
    assert not [letter for letter in html if "\u4e00" <= letter <= "\u9fff"]
