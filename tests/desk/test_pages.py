import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cases.case import Case, CaseState
from cases.queries import CaseCount, CasePage
from core.geometry import Point
from core.ids import CaseId, CategoryId
from desk.case_filters import CaseFilters
from desk.case_list import render_case_list
from desk.case_page import CasePlaces, render_case_page, view_case
from desk.pages import (
    AccountView,
    FactorView,
    Language,
    SessionRow,
    SignInFailure,
    Visitor,
    render_account,
    render_cameras_page,
    render_error,
    render_sign_in,
)
from tests.desk.page_rules import read, words_of
from tests.desk.street import (
    CELL,
    FIRST_LOOK,
    HOSTILE,
    LATEST_LOOK,
    MORNING,
    camera,
    case,
    closed,
    events,
    feature_of,
    seen,
    visitor,
)

LANGUAGES = pytest.mark.parametrize("language", tuple(Language))


def listed(*cases: Case, language: Language = Language.BOTH, query: Mapping[str, str] | None = None) -> str:
    filters = CaseFilters.from_query(query or {})
    counts = tuple(CaseCount(each.state, each.category, 1) for each in cases)
    return render_case_list(CasePage(cases, None), filters, counts, feature_of, visitor(language, filters.href))


ACCOUNT = AccountView(
    login="li.min",
    display_name="李敏",
    roles=("acceptor", "handling_unit"),
    unit="环卫一所",
    is_person=True,
    must_change=False,
    comes_by_sign_on=False,
    factor=FactorView(is_offered=True),
    sessions=(SessionRow(MORNING, MORNING, "192.0.2.1", "Firefox", True),),
)


def every_page(language: Language) -> dict[str, str]:
    who = visitor(language)
    history = events(*(seen(seq, 10 + seq, joined=seq == 4) for seq in range(2, 9)), closed(9, 40, "other", "已清运"))
    full, opened = case(*history[1:]), case()
    both, asked = (full, replace(opened, id=CaseId("case-2"))), {"state": "all", "text": "5101"}
    places = CasePlaces(Point(104.0805, 30.6554), Point(104.0802, 30.6552))
    silent = camera("CAM-2", "down", error_kind="auth", error="refused", updated_at=MORNING - timedelta(hours=1))
    return {
        "list": listed(*both, language=language, query=asked),
        "empty list": listed(language=language),
        "all closed": render_case_list(
            CasePage((), None),
            CaseFilters(),
            [CaseCount(CaseState.CLOSED, CategoryId("street_stall"), 3)],
            feature_of,
            who,
        ),
        "nothing found": listed(language=language, query={"text": "none"}),
        "case": render_case_page(full, history, feature_of, who, places=places),
        "open case": render_case_page(opened, events(), feature_of, who),
        "bare case": render_case_page(
            case(cell_id="510104999999999", evidence=None), events(evidence=None), feature_of, who
        ),
        "cameras": render_cameras_page([camera(), silent, camera("CAM-3", "ended", codec="h264")], who, MORNING),
        "no camera": render_cameras_page([], who, MORNING),
        "login": render_sign_in(language, "token", SignInFailure("login.locked", "login.locked.why", 30)),
        "sign in": render_sign_in(language, "token"),
        "account": render_account(ACCOUNT, who),
        "initial password": render_account(replace(ACCOUNT, must_change=True, refusal="not so"), who),
        "second factor": render_account(replace(ACCOUNT, factor=FactorView(True, is_on=True, codes_left=7)), who),
        "new second factor": render_account(
            replace(ACCOUNT, factor=FactorView(True, secret="ABC234", address="otpauth://totp/x")),
            who,
        ),
        "recovery codes": render_account(
            replace(ACCOUNT, factor=FactorView(True, is_on=True, recovery_codes=("abcde-fghij",))), who
        ),
        "link's account": render_account(
            replace(ACCOUNT, is_person=False, display_name="", done_key="account.sessions.ended"), who
        ),
        "error": render_error(404, "no case 7", who),
        "unnamed error": render_error(418, "", Visitor(language, "/cases/7/close")),
    }


@LANGUAGES
@pytest.mark.parametrize("name", every_page(Language.BOTH))
def test_every_page_keeps_the_rules_in_every_language(language: Language, name: str) -> None:
    read(every_page(language)[name])


@pytest.mark.parametrize("name", every_page(Language.EN))
def test_an_english_page_speaks_no_chinese_of_its_own(name: str) -> None:
    said = words_of(every_page(Language.EN)[name])
    for data in ("中/EN", "中文", "李敏", "东大街东段", "东大街口", "环卫一所", "已清运"):
        said = said.replace(data, "")
    assert re.findall(r"[\u4e00-\u9fff]+", said) == []


@pytest.mark.parametrize("name", every_page(Language.ZH))
def test_a_chinese_page_has_no_english_label(name: str) -> None:
    said = words_of(every_page(Language.ZH)[name])
    for label in (
        "Open",
        "Closed",
        "Category",
        "Sightings",
        "Camera ",
        "Sign",
        "Evidence",
        "History",
        "Reason",
        "Back",
    ):
        assert label not in said


def test_a_page_in_both_languages_leads_with_chinese() -> None:
    said = words_of(every_page(Language.BOTH)["case"])
    assert "暴露垃圾 Exposed garbage" in said
    assert "处置记录 History" in said


def test_hostile_text_stays_text_wherever_it_comes_from() -> None:
    def hostile_feature(code: str) -> Mapping[str, Any]:
        known = dict(feature_of(CELL) or {})
        return known | {"properties": {"code": code, "name": HOSTILE, "zone": HOSTILE, "units": {HOSTILE: HOSTILE}}}

    opening = {"number": HOSTILE, "cell_id": HOSTILE, "category": HOSTILE, "camera_id": HOSTILE, "unit": HOSTILE}
    more = (seen(2, 12, model={"name": HOSTILE, "sha256": HOSTILE}), closed(3, 30, "other", HOSTILE))
    history, made = events(*more, **opening), case(*more, **opening)
    filters = CaseFilters.from_query(dict.fromkeys(("category", "cell_id", "camera_id", "text", "cursor"), HOSTILE))
    who = Visitor(Language.BOTH, f"/?text={HOSTILE}", HOSTILE, HOSTILE, may_close=True)
    counts = [CaseCount(CaseState.OPEN, CategoryId(HOSTILE), 1)]
    said = dict.fromkeys(("name", "address", "error", "error_kind", "codec"), HOSTILE)
    bad_camera = camera(HOSTILE, HOSTILE, **said)
    for html in (
        render_case_list(CasePage((made,), HOSTILE), filters, counts, hostile_feature, who),
        render_case_page(made, history, hostile_feature, who, previous=made),
        render_cameras_page([bad_camera], who, MORNING),
        render_error(400, HOSTILE, who),
    ):
        read(html)
        assert "<script>alert" not in html
        assert "{{ 7*7 }}" in html


def test_times_are_shown_in_beijing_time_with_the_exact_moment_beside_them() -> None:
    html = listed(case())
    assert '<time datetime="2026-05-14T01:00:00Z" title="2026-05-14 09:00:00.000+08:00">' in html
    assert "09:10:00" in words_of(html)
    assert "UTC+8" in words_of(html)


@pytest.mark.parametrize(
    ("minutes", "language", "text"),
    [
        (0.5, Language.ZH, "30 秒"),
        (10, Language.BOTH, "10 分 00 秒 10 min 00 s"),
        (10, Language.EN, "10 min 00 s"),
        (61, Language.BOTH, "1 小时 01 分 1 h 01 min"),
        (61, Language.EN, "1 h 01 min"),
        (60 * 24 * 3 + 120, Language.EN, "3 d 2 h"),
    ],
)
def test_how_long_it_stood_is_told_in_two_units(minutes: float, language: Language, text: str) -> None:
    opened = case(last_seen_at=(MORNING + timedelta(minutes=minutes)).isoformat())
    assert text in words_of(listed(opened, language=language))


def test_a_row_shows_the_newest_annotated_picture_and_leads_to_the_case() -> None:
    html = listed(case(seen(2, 20, evidence=LATEST_LOOK.as_json(), joined=True, camera_id="CAM-02")))
    page = read(html)
    assert f'src="/api/v1/evidence/{LATEST_LOOK.annotated}"' in html
    assert "/cases/case-1" in page.links
    assert {"CAM-01", "CAM-02", "东大街东段", CELL, "环卫一所"} <= set(page.text)


@pytest.mark.parametrize(
    ("query", "text"),
    [({}, "还没有案件"), ({"text": "x"}, "还没有案件")],
)
def test_an_empty_desk_says_what_happens_next(query: Mapping[str, str], text: str) -> None:
    html = listed(query=query)
    assert text in words_of(html)
    assert "/cameras" in read(html).links


def test_filters_that_hide_everything_offer_to_be_cleared() -> None:
    counts = [CaseCount(CaseState.OPEN, CategoryId("street_stall"), 2)]
    filters = CaseFilters.from_query({"text": "nowhere"})
    html = render_case_list(CasePage((), None), filters, counts, feature_of, visitor())
    assert "没有符合条件的案件" in words_of(html)
    assert '<a class="button" href="/">' in html


def test_chips_count_every_category_also_one_without_words() -> None:
    counts = [
        CaseCount(CaseState.OPEN, CategoryId("street_stall"), 2),
        CaseCount(CaseState.OPEN, CategoryId("outdoor_barbecue"), 3),
        CaseCount(CaseState.CLOSED, CategoryId("street_stall"), 40),
    ]
    html = render_case_list(CasePage((), None), CaseFilters(), counts, feature_of, visitor(Language.EN))
    said = words_of(html)
    for expected in ("Open 5", "Closed 40", "All 45", "Street stall 2", "outdoor_barbecue 3", "Exposed garbage 0"):
        assert expected in said


def test_older_cases_are_one_link_away() -> None:
    counts = [CaseCount(CaseState.OPEN, CategoryId("exposed_garbage"), 90)]
    html = render_case_list(CasePage((case(),), "next-1"), CaseFilters(cursor="now-1"), counts, feature_of, visitor())
    assert {"/?cursor=next-1", "/"} <= set(read(html).links)


def test_the_case_page_shows_both_looks_with_hash_time_camera_and_model() -> None:
    history = events(seen(2, 20, evidence=LATEST_LOOK.as_json(), camera_id="CAM-02"))
    html = render_case_page(case(*history[1:]), history, feature_of, visitor(Language.EN))
    pictures = view_case(case(*history[1:]), history, feature_of, visitor()).pictures
    assert [(picture.look, picture.kind) for picture in pictures] == [
        (look, kind) for look in ("latest", "first") for kind in ("annotated", "original", "crop")
    ]
    assert [picture.sha256 for picture in pictures] == [
        look_sha for look in (LATEST_LOOK, FIRST_LOOK) for look_sha in (look.annotated, look.original, look.crop)
    ]
    assert {picture.camera for picture in pictures if picture.look == "latest"} == {"CAM-02"}
    said = words_of(html)
    assert {"gridpatrol-n", "9f" * 32, FIRST_LOOK.original} <= set(said.split())
    assert "09:20:00" in said
    assert html.count("checked") == 1


def test_one_look_is_shown_once() -> None:
    assert len(view_case(case(), events(), feature_of, visitor()).pictures) == 3


def test_the_close_form_carries_the_token_and_the_version_that_was_looked_at() -> None:
    html = render_case_page(case(seen(2, 20)), events(seen(2, 20)), feature_of, visitor())
    assert '<form class="close" method="post" action="/cases/case-1/close">' in html
    assert 'name="csrf_token" value="csrf-token-1"' in html
    assert 'name="expected_version" value="2"' in html
    assert html.count('type="radio" name="reason"') == 4


@pytest.mark.parametrize("reason", ["the case is closed", "the visitor may not"])
def test_no_close_form_where_it_would_be_refused(reason: str) -> None:
    history = events(closed(2, 30)) if reason == "the case is closed" else events()
    html = render_case_page(case(*history[1:]), history, feature_of, visitor(may_close=reason != "the visitor may not"))
    assert 'name="expected_version"' not in html


def test_a_recurrence_links_the_case_before_it() -> None:
    again = case(previous_case_id="case-0")
    html = render_case_page(again, events(previous_case_id="case-0"), feature_of, visitor(Language.EN))
    assert "/cases/case-0" in read(html).links
    assert "Recurrence" in words_of(html)


def test_a_long_run_of_sightings_is_folded_but_stays_on_the_page() -> None:
    history = events(*(seen(seq, 10 + seq) for seq in range(2, 22)))
    view = view_case(case(*history[1:]), history, feature_of, visitor())
    assert [len(part.lines) for part in view.history] == [1, 18, 1, 1]
    assert sum(len(part.lines) for part in view.history) == len(history)
    assert "另有 18 次发现" in words_of(render_case_page(case(*history[1:]), history, feature_of, visitor()))


def test_history_runs_from_the_newest_and_keeps_the_note() -> None:
    history = events(seen(2, 20, joined=True), closed(3, 30, "false_alarm", "是宣传牌"))
    kinds = [part.lines[0].kind for part in view_case(case(*history[1:]), history, feature_of, visitor()).history]
    assert kinds == ["closed", "joined", "opened"]
    assert "是宣传牌" in words_of(render_case_page(case(*history[1:]), history, feature_of, visitor()))


def test_a_case_in_an_unknown_cell_says_what_to_add() -> None:
    html = render_case_page(case(cell_id="510104999999999"), events(), feature_of, visitor())
    assert "<svg" not in html
    assert "Add this code's polygon to the grid file." in words_of(html)


def test_cameras_in_trouble_come_first_with_their_reason() -> None:
    rows = [
        camera("CAM-01"),
        camera("CAM-02", "stalled"),
        camera("CAM-03", "down", error_kind="auth", error="CAM-03: password refused; set password_env"),
    ]
    html = render_cameras_page(rows, visitor(Language.EN), MORNING)
    assert re.findall(r"CAM-0\d(?=</a>)", html) == ["CAM-03", "CAM-02", "CAM-01"]
    assert "Password refused CAM-03: password refused; set password_env" in words_of(html)


def test_a_camera_whose_worker_fell_silent_says_since_when() -> None:
    html = render_cameras_page([camera()], visitor(Language.EN), MORNING + timedelta(minutes=5))
    said = words_of(html)
    assert "Worker silent since 2026-05-14 09:00:00" in said
    assert "Unknown 1" in said
    assert "Live 1" not in said, "nobody knows whether it is"


def test_a_camera_state_from_a_newer_worker_is_unknown_not_an_error() -> None:
    assert "未知" in words_of(render_cameras_page([camera(state="rebooting")], visitor(), MORNING))


def test_a_refused_closing_leads_back_to_its_case() -> None:
    page = read(render_error(409, "changed since", Visitor(Language.BOTH, "/cases/case-1/close")))
    assert "/cases/case-1" in page.links
    assert "/cases/case-1?lang=en" in page.links


def test_what_was_not_found_is_not_said_once_more_in_https_own_words() -> None:
    assert "Not Found" not in words_of(render_error(404, "Not Found", Visitor(Language.ZH, "/x")))
    assert "no case 7" in words_of(render_error(404, "no case 7", Visitor(Language.ZH, "/x")))
    assert "odd" in words_of(render_error(799, "odd", Visitor(Language.ZH, "/x")))


def test_a_visitor_without_a_session_sees_no_rooms() -> None:
    page = read(render_sign_in(Language.BOTH, "token"))
    assert "/cameras" not in page.links
    assert "/account" not in page.links
