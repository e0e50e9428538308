"""The cameras page: what is wrong with a picture, in words and with the mend."""

import re
from datetime import timedelta

import pytest

from cases.view_health import FINDING_KINDS, FindingRecord, ViewHealthRecord
from desk.pages import Language, render_cameras_page
from desk.words import PHRASES
from streams.picture_health.findings import FindingKind
from tests.desk.page_rules import read, words_of
from tests.desk.street import MORNING, camera, visitor

MEASURES = {
    "lost": (90.0, 60.0, "90 s"),
    "black": (18.0, 32.0, "18"),
    "over_exposed": (0.71, 0.6, "71.0 %"),
    "frozen": (4000.0, 120.0, "67 min"),
    "covered": (0.55, 0.4, "55.0 %"),
    "blurred": (0.21, 0.45, "21.0 %"),
    "moved": (0.034, 0.015, "3.4 %"),
}


def finding(kind: str, shift_px: tuple[float, float] | None = None) -> FindingRecord:
    value, threshold, _ = MEASURES[kind]
    return FindingRecord(kind, MORNING - timedelta(minutes=5), value, threshold, shift_px)


def page(*findings: FindingRecord, language: Language = Language.BOTH, withheld: int = 0) -> str:
    health = ViewHealthRecord(findings, withheld, MORNING - timedelta(days=1))
    return render_cameras_page([camera(health=health)], visitor(language), MORNING)


def test_worker_and_desk_know_the_same_kinds() -> None:
    assert set(FINDING_KINDS) == {kind.value for kind in FindingKind} == set(MEASURES)


@pytest.mark.parametrize("kind", FINDING_KINDS)
@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
def test_every_finding_tells_its_measure_its_time_and_its_mend(kind: str, language: Language) -> None:
    said = words_of(page(finding(kind, (61.0, -12.4) if kind == "moved" else None), language=language))
    word, mend = PHRASES[f"finding.{kind}"], PHRASES[f"finding.{kind}.mend"]
    assert word.in_one_line(language) in said
    assert mend.in_one_line(language) in said
    assert MEASURES[kind][2] in said
    assert "08:55:00" in said


def test_in_both_languages_chinese_leads() -> None:
    assert "视角偏移 View moved" in words_of(page(finding("moved", (61.0, -12.4))))


def test_a_shift_is_told_in_pixels_and_a_view_that_is_gone_says_so() -> None:
    assert "the scene went 61 px right, -12 px down" in words_of(page(finding("moved", (61.0, -12.4))))
    assert "nothing of the reference picture is found" in words_of(page(finding("moved")))


def test_a_sound_picture_says_so_and_an_unchecked_one_does_not() -> None:
    assert "Sound" in words_of(page(language=Language.EN))
    unchecked = words_of(render_cameras_page([camera()], visitor(Language.EN), MORNING))
    assert "Not checked yet" in unchecked
    assert "Sound" not in unchecked


def test_pictures_that_were_passed_over_are_counted() -> None:
    assert "7 pictures passed over" in words_of(page(finding("covered"), language=Language.EN, withheld=7))
    assert "passed over" not in words_of(page(language=Language.EN))


def test_a_camera_that_shows_the_wrong_picture_comes_before_one_that_is_sound() -> None:
    faulty = ViewHealthRecord((finding("covered"),))
    rows = [camera("CAM-01"), camera("CAM-02", health=faulty), camera("CAM-03", "down"), camera("CAM-04", "connecting")]
    html = render_cameras_page(rows, visitor(Language.EN), MORNING)
    assert re.findall(r"CAM-0\d(?=</a>)", html) == ["CAM-03", "CAM-02", "CAM-04", "CAM-01"]
    assert "Picture faults 1" in words_of(html)


def test_all_findings_at_once_keep_the_pages_rules() -> None:
    read(page(*(finding(kind) for kind in FINDING_KINDS), withheld=3))


def test_a_kind_from_a_newer_worker_is_left_out_not_an_error() -> None:
    said = words_of(page(FindingRecord("haunted", MORNING, 1.0, 0.5), language=Language.EN))
    assert "Sound" in said
