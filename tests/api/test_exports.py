"""Files to take away: opened as a spreadsheet program opens them."""

import csv
import io
from datetime import datetime

import httpx
import openpyxl
import pytest

from api.export_routes import AT_ONCE, _turns
from cases.access.audit_log import AuditQuery
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import City, slug
from tests.api.people import signed_in

OTHER_CELL = "510104001001002"


@pytest.fixture
def two_cases(city: City) -> City:
    city.register_cameras("CAM-01", "CAM-02")
    assert city.report().status_code in (200, 201)
    again = city.report(incident_id="incident-2", cell_id=OTHER_CELL, camera_id="CAM-02", category="street_stall")
    assert again.status_code in (200, 201)
    return city


def csv_rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def sheet_rows(answer: httpx.Response, sheet: int = 0) -> list[tuple[object, ...]]:
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [tuple(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


def test_cases_come_as_csv_with_chinese_headings_and_the_citys_time(two_cases: City) -> None:
    answer = two_cases.client(Scope.READ).get("/api/v1/exports/cases.csv?lang=zh")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="gridpatrol-cases-')
    rows = csv_rows(answer)
    assert [row["摄像机"] for row in rows] == ["CAM-02", "CAM-01"]
    assert rows[1]["发现时间（UTC+8）"] == "2026-03-02 11:59:00"
    assert rows[1]["类别"] == "暴露垃圾"


def test_cases_come_as_xlsx_with_numbers_as_text_and_times_as_times(two_cases: City) -> None:
    rows = sheet_rows(two_cases.client(Scope.READ).get("/api/v1/exports/cases.xlsx?lang=en"))
    head = list(rows[0])
    assert len(rows) == 3
    number = rows[2][head.index("Case number")]
    assert isinstance(number, str)
    assert number.startswith("510104")
    assert rows[2][head.index("Opened (UTC+8)")] == datetime(2026, 3, 2, 11, 59)  # noqa: DTZ001 - a cell has no zone


@pytest.mark.parametrize(
    ("query", "cameras"),
    [
        ("category=street_stall", ["CAM-02"]),
        ("camera_id=CAM-01", ["CAM-01"]),
        ("state=closed", []),
        ("from=2026-03-02&to=2026-03-02", ["CAM-02", "CAM-01"]),
        ("from=2026-03-03", []),
        ("sort=oldest", ["CAM-01", "CAM-02"]),
    ],
)
def test_the_lists_filters_narrow_the_file(two_cases: City, query: str, cameras: list[str]) -> None:
    rows = csv_rows(two_cases.client(Scope.READ).get(f"/api/v1/exports/cases.csv?lang=en&{query}"))
    assert [row["Camera"] for row in rows] == cameras


def test_a_formula_in_a_name_stays_a_text(city: City) -> None:
    city.register_cameras("=HYPERLINK(1)")
    city.report(camera_id="=HYPERLINK(1)")
    client = city.client(Scope.READ)
    (row,) = csv_rows(client.get("/api/v1/exports/cases.csv?lang=en"))
    assert row["Camera"] == "'=HYPERLINK(1)"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/api/v1/exports/cases.xlsx?lang=en").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "=HYPERLINK(1)"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_each_export_is_a_line_of_the_audit_log(two_cases: City) -> None:
    leader = signed_in(two_cases, "zhao", Role.SHIFT_LEADER)
    assert leader.get("/api/v1/exports/cases.csv?category=street_stall").status_code == 200
    assert leader.get("/api/v1/exports/figures.xlsx").status_code == 200
    log = two_cases.app.state.rooms.house.access.log
    entries = log.page(AuditQuery(action="export.take"))
    assert [entry.subject for entry in entries] == ["export:figures.xlsx", "export:cases.csv"]
    assert entries[1].actor == "person:zhao"
    assert entries[1].data == {"category": "street_stall", "rows": "1"}


@pytest.mark.parametrize("role", [Role.ACCEPTOR, Role.INSPECTOR])
def test_who_only_looks_takes_nothing_away(two_cases: City, role: Role) -> None:
    person = signed_in(two_cases, "qian", role)
    for path in ("cases.csv", "cases.xlsx", "figures.csv", "figures.xlsx"):
        answer = person.get(f"/api/v1/exports/{path}")
        assert (answer.status_code, slug(answer)) == (403, "role-missing")
    assert two_cases.app.state.rooms.house.access.log.page(AuditQuery(action="export.take")) == ()


def test_a_handling_unit_gets_its_own_cases_and_no_figures(two_cases: City) -> None:
    unit = csv_rows(two_cases.client(Scope.READ).get("/api/v1/exports/cases.csv?lang=en&camera_id=CAM-01"))[0]["Unit"]
    ours = signed_in(two_cases, "sun", Role.HANDLING_UNIT, unit=unit)
    theirs = signed_in(two_cases, "zhou", Role.HANDLING_UNIT, unit="别的单位")
    assert [row["Camera"] for row in csv_rows(ours.get("/api/v1/exports/cases.csv?lang=en"))] == ["CAM-01"]
    assert csv_rows(theirs.get("/api/v1/exports/cases.csv?lang=en")) == []
    assert csv_rows(theirs.get(f"/api/v1/exports/cases.csv?lang=en&unit={unit}")) == []
    assert slug(ours.get("/api/v1/exports/figures.csv")) == "role-missing"


def test_too_many_cases_for_one_file_are_refused_with_the_mend(two_cases: City) -> None:
    rooms = two_cases.app.state.rooms
    object.__setattr__(rooms, "settings", rooms.settings.model_copy(update={"export_rows": 1}))
    answer = two_cases.client(Scope.READ).get("/api/v1/exports/cases.csv")
    assert (answer.status_code, slug(answer)) == (422, "export-too-large")
    assert "narrow them by days" in answer.json()["detail"]
    assert len(csv_rows(two_cases.client(Scope.READ).get("/api/v1/exports/cases.csv?camera_id=CAM-01"))) == 1


def test_more_workbooks_at_once_than_may_be_are_asked_to_come_later(two_cases: City) -> None:
    for _ in range(AT_ONCE):
        assert _turns.acquire(blocking=False)
    try:
        answer = two_cases.client(Scope.READ).get("/api/v1/exports/cases.xlsx")
    finally:
        for _ in range(AT_ONCE):
            _turns.release()
    assert (answer.status_code, slug(answer)) == (503, "exports-busy")
    assert answer.headers["retry-after"]
    assert two_cases.client(Scope.READ).get("/api/v1/exports/cases.xlsx").status_code == 200


@pytest.mark.parametrize(("by", "heading"), [("unit", "Unit"), ("category", "Category"), ("camera", "Camera")])
def test_figures_come_by_unit_category_and_camera(two_cases: City, by: str, heading: str) -> None:
    rows = csv_rows(two_cases.client(Scope.READ).get(f"/api/v1/exports/figures.csv?lang=en&by={by}&from=2026-03-02"))
    if by == "camera":
        assert rows == []  # nobody has reviewed anything yet
        return
    assert sum(int(row["Candidates"]) for row in rows) == 2
    assert all(row[heading] for row in rows)


def test_the_figures_workbook_holds_a_sheet_of_each_kind(two_cases: City) -> None:
    answer = two_cases.client(Scope.READ).get("/api/v1/exports/figures.xlsx?lang=en")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Units", "Categories", "Zones", "Cameras"]
    assert sum(int(str(row[1])) for row in sheet_rows(answer, 1)[1:]) == 2


def test_a_citizens_contact_data_is_in_no_file(two_cases: City) -> None:
    told = {"service_code": "exposed_garbage", "lat": "30.6505", "long": "104.0805", "description": "请打 13812345678"}
    citizen = {"first_name": "诉求人甲", "phone": "13912345678", "email": "citizen@example.cn"}
    key = {"api_key": two_cases.key[Scope.REPORT]}
    filed = two_cases.client().post("/open311/v2/requests.json", data=told | citizen | key)
    assert filed.status_code in (200, 201), filed.text
    client = two_cases.client(Scope.READ)
    text = client.get("/api/v1/exports/cases.csv?state=all").content.decode()
    cells = str(sheet_rows(client.get("/api/v1/exports/cases.xlsx?state=all")))
    for secret in ("13812345678", "13912345678", "citizen@example.cn", "诉求人甲"):
        assert secret not in text
        assert secret not in cells
