"""Calendars kept as versions, lists of holidays read, and open cases' deadlines that follow; on both engines."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cases.access.tables import audit_entry
from cases.case import Case, CaseEventKind
from cases.roles import Role
from cases.store import CaseStore
from cases.transactions import reading, writing
from cases.workflow.commanding import give
from cases.workflow.commands import Command
from cases.workflow.orders import Order, Seat
from cases.worktime.calendar import DEFAULT_CALENDAR
from cases.worktime.day_lists import NamedDay, read_days, with_days
from cases.worktime.deadlines import extended, resumed, working_hours_left
from cases.worktime.documents import CalendarDocument, document_of
from cases.worktime.errors import CalendarMovedOn, CalendarRefused, CalendarUnknown
from cases.worktime.store import CalendarStore
from core.ids import CaseId
from tests.cases.reports import NOON, post, report

MONDAY = date(2026, 11, 23)
TUESDAY_OFF = CalendarDocument.model_validate({"holidays": [{"date": "2026-11-24", "name": "放假"}]})
SEAT = Seat("李敏", frozenset(Role))


def beijing(day: int, hour: float) -> datetime:
    """A November day of 2026, by a clock in Beijing."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour - 8)


def accepted(store: CaseStore, engine: Engine, now: datetime, incident: str = "incident-1", cell: str = "1") -> CaseId:
    """A case that was registered at ``now``: its garbage is due after four working hours."""
    receipt = post(store, report(incident=incident, cell_id=f"51010400100100{cell}"))
    with writing(engine) as connection:
        give(connection, receipt.case_id, Order(Command.ACCEPT), SEAT, now)
    return receipt.case_id


def deadline(case: Case) -> datetime:
    assert case.life.deadline is not None
    return case.life.deadline.due_at


def test_the_default_calendar_is_there_before_anybody_wrote_it(engine: Engine) -> None:
    (kept,) = CalendarStore(engine).all()
    assert (kept.calendar_id, kept.version, kept.document.zone) == (DEFAULT_CALENDAR, 0, "Asia/Shanghai")
    assert [str(shift) for shift in kept.calendar.shifts_on(MONDAY)] == ["09:00-12:00", "13:30-17:30"]
    with pytest.raises(CalendarUnknown, match="write it with PUT"):
        CalendarStore(engine).get("night")
    with pytest.raises(CalendarUnknown, match="no version 7"):
        CalendarStore(engine).get(DEFAULT_CALENDAR, 7)


def test_each_change_is_a_version_audited_and_refused_where_another_came_first(engine: Engine) -> None:
    calendars = CalendarStore(engine)
    one = calendars.put(DEFAULT_CALENDAR, TUESDAY_OFF, "admin", "通知", NOON, expected=0)
    assert (one.kept.version, one.is_new) == (1, True)
    same = calendars.put(DEFAULT_CALENDAR, TUESDAY_OFF, "admin", "", NOON)
    assert (same.kept.version, same.is_new) == (1, False)
    with pytest.raises(CalendarMovedOn, match="has version 1, not 0"):
        calendars.put(DEFAULT_CALENDAR, CalendarDocument(), "other", "", NOON, expected=0)
    calendars.put("night", CalendarDocument(), "admin", "", NOON)
    assert [each.calendar_id for each in calendars.all()] == [DEFAULT_CALENDAR, "night"]
    assert [(each.version, each.why) for each in calendars.versions(DEFAULT_CALENDAR)] == [(1, "通知")]
    with reading(engine) as connection:
        rows = connection.execute(select(audit_entry).where(audit_entry.c.action == "calendar.change")).all()
    assert [row.subject for row in rows] == ["calendar:default@1", "calendar:night@1"]


def test_a_registered_case_gets_its_deadline_and_a_new_holiday_moves_it_with_an_event(
    store: CaseStore, engine: Engine
) -> None:
    calendars = CalendarStore(engine)
    case_id = accepted(store, engine, beijing(23, 16.5))
    assert deadline(store.get_case(case_id)) == beijing(24, 12)
    calendars.put(DEFAULT_CALENDAR, TUESDAY_OFF, "admin", "", beijing(23, 17))
    done = calendars.recompute(DEFAULT_CALENDAR, "admin", beijing(23, 17))
    assert (done.looked_at, done.changed, done.left_alone, done.next_after) == (1, 1, 0, None)
    case = store.get_case(case_id)
    assert deadline(case) == beijing(25, 12)
    last = store.events_of(case_id)[-1]
    assert (last.kind, last.actor) == (CaseEventKind.DEADLINE_SET, "admin")
    assert last.data["why"] == "calendar default changed to version 1"
    assert last.data["rule"].endswith("calendar:default@1")
    again = calendars.recompute(DEFAULT_CALENDAR, "admin", beijing(23, 17))
    assert again.changed == 0, "what is in line stays as it is"


def test_an_extension_survives_a_changed_calendar_and_the_way_back(store: CaseStore, engine: Engine) -> None:
    calendars = CalendarStore(engine)
    case_id = accepted(store, engine, beijing(23, 16.5))
    with writing(engine) as connection:
        give(connection, case_id, Order(Command.DISPATCH, unit="环卫一所"), SEAT, beijing(23, 16.6))
        give(connection, case_id, Order(Command.TAKE), SEAT, beijing(23, 16.7))
        give(connection, case_id, Order(Command.ASK_EXTENSION, note="雨", hours=4), SEAT, beijing(23, 16.8))
        give(connection, case_id, Order(Command.GRANT_EXTENSION), SEAT, beijing(23, 16.9))
    assert deadline(store.get_case(case_id)) == beijing(24, 17.5)
    calendars.put(DEFAULT_CALENDAR, TUESDAY_OFF, "admin", "", beijing(23, 17))
    assert calendars.recompute(DEFAULT_CALENDAR, "admin", beijing(23, 17)).changed == 1
    assert deadline(store.get_case(case_id)) == beijing(25, 17.5)
    calendars.put(DEFAULT_CALENDAR, CalendarDocument(), "admin", "", beijing(23, 17))
    assert calendars.recompute(DEFAULT_CALENDAR, "admin", beijing(23, 17)).changed == 1
    assert deadline(store.get_case(case_id)) == beijing(24, 17.5)


def test_batches_are_bounded_and_go_on_where_the_last_one_ended(store: CaseStore, engine: Engine) -> None:
    calendars = CalendarStore(engine)
    for number in range(3):
        accepted(store, engine, beijing(23, 16.5), f"incident-{number}", str(number))
    post(store, report(incident="candidate", cell_id="510104001001009"))
    calendars.put(DEFAULT_CALENDAR, TUESDAY_OFF, "admin", "", beijing(23, 17))
    first = calendars.recompute(DEFAULT_CALENDAR, "admin", NOON, batch=2)
    assert (first.looked_at, first.changed) == (2, 2)
    assert first.next_after is not None
    second = calendars.recompute(DEFAULT_CALENDAR, "admin", NOON, first.next_after, batch=2)
    assert (second.looked_at, second.changed) == (2, 1), "a candidate has no deadline"
    assert second.next_after is not None
    assert calendars.recompute(DEFAULT_CALENDAR, "admin", NOON, second.next_after, batch=2).next_after is None


def test_a_calendar_that_lost_its_time_leaves_a_deadline_alone_and_counts_it(store: CaseStore, engine: Engine) -> None:
    calendars = CalendarStore(engine)
    case_id = accepted(store, engine, beijing(23, 16.5))
    minute_a_week = CalendarDocument.model_validate({"week": {"mon": ["09:00-09:01"]}})
    with writing(engine) as connection:
        give(connection, case_id, Order(Command.DISPATCH, unit="环卫一所"), SEAT, beijing(23, 16.6))
        give(connection, case_id, Order(Command.TAKE), SEAT, beijing(23, 16.7))
        give(connection, case_id, Order(Command.ASK_EXTENSION, note="雨", hours=100), SEAT, beijing(23, 16.8))
        give(connection, case_id, Order(Command.GRANT_EXTENSION), SEAT, beijing(23, 16.9))
    before = deadline(store.get_case(case_id))
    calendars.put(DEFAULT_CALENDAR, minute_a_week, "admin", "", beijing(23, 17))
    done = calendars.recompute(DEFAULT_CALENDAR, "admin", beijing(23, 17))
    assert (done.changed, done.left_alone) == (0, 1)
    assert deadline(store.get_case(case_id)) == before


def test_a_suspension_gives_back_what_was_left_and_an_overdue_case_stays_overdue(engine: Engine) -> None:
    start, rule = beijing(23, 9), "catalogue:1 exposed_garbage/controlled 4h working near:80% calendar:default@0"
    with reading(engine) as connection:
        due = resumed(
            connection,
            start=start,
            due_at=beijing(23, 14.5),
            rule=rule,
            suspended_at=beijing(23, 11),
            resumed_at=beijing(25, 9),
        )
        assert due.due_at == beijing(25, 11)
        late = resumed(
            connection,
            start=start,
            due_at=beijing(23, 14.5),
            rule=rule,
            suspended_at=beijing(23, 16),
            resumed_at=beijing(25, 9),
        )
        assert late.due_at == beijing(23, 14.5)
        assert late.near_due_at <= late.due_at
        left = [
            working_hours_left(connection, rule=rule, due_at=beijing(23, 14.5), now=now)
            for now in (beijing(23, 11), beijing(23, 15.5))
        ]
        assert left == [2.0, -1.0]
        with pytest.raises(CalendarRefused, match="more than none"):
            extended(connection, start=start, due_at=beijing(23, 14.5), rule=rule, by=timedelta(0))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"week": {"mon": ["9-12"]}}, r"week\.mon: '9-12' is not a shift; write e\.g\. 09:00-12:00"),
        ({"week": {"mon": ["22:00-06:00"]}}, "write a night shift as two"),
        ({"week": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"week": {}}, "at least one weekday"),
        ({"zone": "Asia/Chengdu"}, "write e.g. Asia/Shanghai"),
        ({"holidays": [{"date": "2026-10-01"}], "workdays": [{"date": "2026-10-01"}]}, "listed twice"),
        ({"workdays": [{"date": "2026-10-10", "like": "sun"}]}, "has no shifts"),
        ({"workdays": [{"date": "2026-10-10", "shifts": []}]}, "list it under holidays"),
        ({"holiday": []}, "holiday"),
    ],
)
def test_a_calendar_that_cannot_be_says_which_field_and_how_to_mend_it(data: dict[str, Any], said: str) -> None:
    with pytest.raises(CalendarRefused, match=said):
        document_of(data, "calendar.json")


LISTED = (NamedDay(date(2026, 10, 1), "国庆节", True), NamedDay(date(2026, 10, 10), "国庆节", False))
CSV = "日期,名称,类型\r\n2026-10-01,国庆节,休\r\n2026/10/10,国庆节,班\r\n"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261001\r\nDTEND;VALUE=DATE:20261002\r\nSUMMARY:国庆节\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20261010\r\nSUMMARY:国庆节 补班\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
JSON = (
    '{"year": 2026, "days": [{"name": "国庆节", "date": "2026-10-01", "isOffDay": true},'
    ' {"name": "国庆节", "date": "2026-10-10", "isOffDay": false}]}'
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("days.json", JSON.encode()),
        ("days.csv", CSV.encode("gbk")),
        ("days.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("days.ics", ICS.encode()),
    ],
    ids=["json", "gbk csv", "utf-8 csv with a mark", "ics"],
)
def test_a_list_of_holidays_is_read_from_what_offices_publish(name: str, data: bytes) -> None:
    assert [(day.date, day.is_off) for day in read_days(data, name)] == [(day.date, day.is_off) for day in LISTED]


def test_listed_days_take_their_new_meaning_and_the_others_keep_theirs() -> None:
    before = CalendarDocument.model_validate(
        {"holidays": [{"date": "2026-01-01"}, {"date": "2026-10-10"}], "workdays": [{"date": "2026-10-01"}]}
    )
    after = with_days(before, LISTED)
    assert [str(entry.date) for entry in after.holidays] == ["2026-01-01", "2026-10-01"]
    assert [str(entry.date) for entry in after.workdays] == ["2026-10-10"]
    assert after.calendar().shifts_on(date(2026, 10, 10)) == after.calendar().shifts_on(MONDAY)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", "日期,类型\n2026-10-01,歇\n", r"a\.csv: line 2: kind '歇' is neither"),
        ("a.csv", "日期,类型\n32.1.2026,休\n", "line 2: '32.1.2026' is not a date"),
        ("a.csv", "类型\n休\n", "no column 'date'; add it"),
        ("a.json", '{"days": [{"date": "2026-10-01"}]}', "day 1"),
        ("a.ics", "no calendar", "iCalendar"),
        ("a.xlsx", "x", "export it as one of them"),
        ("a.csv", "日期,类型\n2026-10-01,休\n2026-10-01,班\n", "listed as off and as a working day"),
    ],
)
def test_a_list_that_cannot_be_read_names_line_and_mend(name: str, data: str, said: str) -> None:
    with pytest.raises(CalendarRefused, match=said):
        read_days(data.encode(), name)
