"""Places imported, told by day and hierarchy, taken over by cases, exported and read again; on both engines."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cases.access.tables import audit_entry
from cases.catalogue.reading import TOML, read_catalogue, shipped
from cases.catalogue.store import CatalogueStore
from cases.places.errors import PlaceMovedOn, PlaceRefused, PlaceUnknown
from cases.places.facts import PlacesWanted
from cases.places.importing import ImportPlan
from cases.places.layers import feature_of, layer_wanted, read_layer
from cases.places.levels import codes_above
from cases.places.responsible import unit_for
from cases.places.sheets import SheetKind, read_sheet, write_sheet
from cases.places.store import PlaceQuery, PlaceStore
from cases.store import CaseStore
from cases.transactions import reading
from core.errors import GridError
from tests.cases.reports import CELL, NOON, OTHER_CELL, post, report

CATALOGUE = shipped().catalogue
TODAY = date(2026, 11, 22)
PHONE = "13800001111"


def ring(east: int = 0) -> list[list[float]]:
    """A square of about 100 m, so many squares to the east."""
    west = 104.08 + east * 0.001
    return [[west, 30.657], [west + 0.001, 30.657], [west + 0.001, 30.658], [west, 30.658], [west, 30.657]]


def feature(code: object = CELL, east: int | None = 0, **properties: Any) -> dict[str, Any]:
    geometry = None if east is None else {"type": "Polygon", "coordinates": [ring(east)]}
    return {"type": "Feature", "properties": {"code": code} | properties, "geometry": geometry}


def layer(*features: dict[str, Any]) -> PlacesWanted:
    return layer_wanted({"type": "FeatureCollection", "features": list(features)}, "grids.geojson", CATALOGUE)


def sheet(text: str, encoding: str = "utf-8") -> PlacesWanted:
    return read_sheet(text.encode(encoding), "sheet.csv", CATALOGUE)


def take(places: PlaceStore, wanted: PlacesWanted, now: datetime = NOON, **options: Any) -> ImportPlan:
    return places.take(wanted, "admin", now, source="test", **options)


def asked(engine: Engine, cell: str = CELL, category: str = "exposed_garbage", at: datetime = NOON) -> str | None:
    with reading(engine) as connection:
        return unit_for(connection, cell_id=cell, category=category, at=at)


@pytest.fixture
def places(engine: Engine) -> PlaceStore:
    return PlaceStore(engine)


def test_the_nearest_place_counts_and_in_it_the_category_before_every_one(places: PlaceStore, engine: Engine) -> None:
    take(
        places,
        layer(feature("5101", None, units={"*": "市支队"}), feature("510104", None, units={"01-02": "区环卫所"})),
    )
    assert asked(engine, category="street_stall") == "市支队"
    assert asked(engine) == "区环卫所"
    take(places, layer(feature(units={"*": "街道中队"})))
    assert asked(engine) == "街道中队"
    take(places, layer(feature(units={"暴露垃圾": "环卫一所"})), NOON)
    assert asked(engine, cell=f"{CELL}/3-4") == "环卫一所"
    assert asked(engine, category="street_stall") == "街道中队"
    assert asked(engine, cell="510105001001001") == "市支队"
    assert asked(engine, cell="440305001001001") is None
    assert codes_above(f"{CELL}/3-4") == (CELL, "510104001001", "510104001", "510104", "5101")


def test_a_unit_takes_over_on_its_first_day_by_the_citys_clock(places: PlaceStore, engine: Engine) -> None:
    take(places, layer(feature(units={"*": "甲"})))
    take(places, sheet(f"编码,类别,责任单位,生效日期,失效日期\n{CELL},全部,乙,2026-12-01,2026-12-07\n"))
    midnight = datetime.fromisoformat("2026-11-30T16:00:00+00:00")
    told = [asked(engine, at=midnight + timedelta(minutes=m)) for m in (-1, 0, 7 * 24 * 60 - 1, 7 * 24 * 60)]
    assert told == ["甲", "乙", "乙", "甲"]


def test_a_case_gets_grade_and_unit_of_the_kept_places_before_the_files(store: CaseStore, places: PlaceStore) -> None:
    take(places, layer(feature(zone="严管区", units={"exposed_garbage": "环卫一所"})))
    named = store.ingest(report(), "k1", NOON, zone="general", unit="文件单位")
    case = store.get_case(named.case_id)
    assert (case.zone, case.unit) == ("strict", "环卫一所")
    other = store.ingest(report(cell_id=OTHER_CELL, incident="2"), "k2", NOON, zone="general", unit="文件单位")
    assert (store.get_case(other.case_id).zone, store.get_case(other.case_id).unit) == ("general", "文件单位")


def test_the_catalogues_rule_names_a_unit_where_nobody_else_does(
    store: CaseStore, engine: Engine, places: PlaceStore
) -> None:
    rule = '[[categories.units]]\nwithin = "510104"\nzone = "strict"\nunit = "直属队"\n'
    text = shipped().source.replace('[[categories]]\nid = "roadside', rule + '\n[[categories]]\nid = "roadside')
    CatalogueStore(engine).import_file(read_catalogue(text, TOML, "c.toml"), "admin", "", NOON)
    assert asked(engine) is None
    take(places, layer(feature(zone="strict")))
    assert asked(engine) == "直属队"
    receipt = post(store, report())
    assert store.get_case(receipt.case_id).unit == "直属队"
    assert places.responsible(CELL, "exposed_garbage", NOON, file_unit="文件单位").unit == "文件单位"


def test_a_dry_run_tells_exactly_what_the_import_then_does(places: PlaceStore) -> None:
    wanted = layer(
        feature(name="春熙路一", zone="strict", units={"*": "甲"}, people=[{"role": "环卫", "name": "李敏"}])
    )
    tried = take(places, wanted, dry_run=True)
    assert [(each.action, each.kind) for each in tried.changes] == [
        ("add", "place"),
        ("add", "zone"),
        ("add", "unit"),
        ("add", "person"),
    ]
    assert places.page(PlaceQuery()) == ()
    done = take(places, wanted)
    assert done.changes == tried.changes
    again = take(places, wanted)
    assert (again.changes, again.unchanged) == ((), 4)
    other = take(places, layer(feature(name="春熙路二", units={"*": "乙"})), dry_run=True)
    assert [(each.action, each.text) for each in other.changes] == [
        ("change", f"{CELL}: name 春熙路一 → 春熙路二"),
        ("end", f"{CELL} *: 甲 on 2026-11-21"),
        ("add", f"{CELL} *: 乙 from 2026-11-22"),
    ]


def test_a_place_is_told_as_of_a_day_and_keeps_what_was(places: PlaceStore) -> None:
    take(places, layer(feature(zone="general", units={"*": "甲"})))
    take(places, layer(feature(zone="strict", units={"*": "乙"}, valid_from="2027-01-01")))
    place = places.get(CELL)
    assert [(place.zone_on(day), place.units_on(day)) for day in (TODAY, date(2027, 1, 1))] == [
        ("general", {"*": "甲"}),
        ("strict", {"*": "乙"}),
    ]
    assert len(place.assignments) == 4
    assert feature_of(place, TODAY, False)["properties"]["zone"] == "general"


def test_several_people_look_after_a_place_and_no_phone_reaches_the_audit_log(
    places: PlaceStore, engine: Engine
) -> None:
    head = "编码,角色,姓名,电话,单位\n"
    take(places, sheet(f"{head}{CELL},环卫,李敏,{PHONE},环卫一所\n{CELL},市政,王强,,\n510104,督察,赵云,,\n"))
    told = places.responsible(f"{CELL}/0-1", "exposed_garbage", NOON).people
    assert [(each.value, each.role, each.phone) for each in told] == [
        ("李敏", "环卫", PHONE),
        ("王强", "市政", ""),
        ("赵云", "督察", ""),
    ]
    changed = take(places, sheet(f"{head}{CELL},环卫,李敏,139{PHONE[3:]},\n"))
    assert [(each.action, each.text) for each in changed.changes] == [("change", f"{CELL} 环卫: 李敏: phone or unit")]
    assert places.get(CELL).people_on(TODAY)[0].unit == "环卫一所", "what is left out stays"
    with reading(engine) as connection:
        rows = connection.execute(select(audit_entry).where(audit_entry.c.action == "places.import")).all()
    assert len(rows) == 2
    assert PHONE[3:] not in json.dumps([row.data for row in rows], ensure_ascii=False)


def test_an_assignment_ends_on_a_day_and_not_before_it_began(places: PlaceStore, engine: Engine) -> None:
    take(places, layer(feature(units={"*": "甲"}, valid_from="2026-11-01")))
    (unit,) = places.get(CELL).assignments
    revision = places.get(CELL).revision
    places.end("unit", unit.id, TODAY, "admin", NOON)
    assert asked(engine) == "甲"
    assert asked(engine, at=NOON + timedelta(days=1)) is None
    assert places.get(CELL).revision > revision
    with pytest.raises(PlaceRefused, match="before its first day"):
        places.end("unit", unit.id, date(2026, 10, 1), "admin", NOON)
    with pytest.raises(PlaceRefused, match="give an earlier day"):
        places.end("unit", unit.id, date(2027, 10, 1), "admin", NOON)
    with pytest.raises(PlaceUnknown, match="no person assignment 9"):
        places.end("person", 9, TODAY, "admin", NOON)


def test_a_change_from_an_old_look_is_refused(places: PlaceStore) -> None:
    take(places, layer(feature()))
    seen = places.get(CELL).revision
    take(places, layer(feature(zone="strict")))
    with pytest.raises(PlaceMovedOn, match="read it again"):
        take(places, layer(feature(zone="general")), expected=(CELL, seen))
    assert places.get(CELL).zone_on(TODAY) == "strict"


@pytest.mark.parametrize("kind", ["places", "units", "people"])
def test_a_sheet_that_was_written_is_read_again_without_a_change(places: PlaceStore, kind: SheetKind) -> None:
    people = [{"role": "环卫", "name": "李敏", "phone": "+86 138", "unit": "=环卫"}]
    take(places, layer(feature(name="春熙路一", zone="strict", units={"*": "甲"}, people=people)))
    take(places, layer(feature(zone="general", units={"*": "乙", "01-02": "丙"}, valid_from="2027-01-01")))
    text = write_sheet(kind, places.every(PlaceQuery()), CATALOGUE, True)
    assert text.startswith("\ufeff编码")
    for encoding in ("utf-8", "gb18030"):
        plan = take(places, sheet(text if encoding == "utf-8" else text.removeprefix("\ufeff"), encoding))
        assert plan.changes == ()
    assert '"=' not in text
    assert ",=" not in text, "nothing that Excel would run"


def test_a_layer_that_was_written_is_read_again_without_a_change(places: PlaceStore) -> None:
    people = [{"role": "环卫", "name": "李敏", "phone": PHONE, "unit": "环卫一所"}]
    take(
        places,
        layer(feature("510104001", None, name="某街道"), feature(zone="strict", units={"*": "甲"}, people=people)),
    )
    told = [feature_of(place, TODAY, False) for place in places.every(PlaceQuery())]
    assert PHONE not in json.dumps(told)
    again = read_layer(json.dumps({"type": "FeatureCollection", "features": told}).encode(), "x", CATALOGUE)
    assert take(places, again).changes == ()
    assert places.get(CELL).people_on(TODAY)[0].phone == PHONE


def test_pages_go_on_by_code_and_narrow_by_level_and_prefix(places: PlaceStore) -> None:
    take(places, layer(feature("510104", None), feature(CELL, 0), feature(OTHER_CELL, 1), feature("510105", None)))
    assert [place.code for place in places.page(PlaceQuery(), limit=2)] == ["510104", CELL]
    assert [place.code for place in places.page(PlaceQuery(), after=CELL, limit=2)] == [OTHER_CELL, "510105"]
    from_levels = [place.code for place in places.every(PlaceQuery(within="510104"))]
    assert from_levels == ["510104", CELL, OTHER_CELL]


def test_unit_grids_that_lie_over_one_another_are_refused_with_both_codes(places: PlaceStore) -> None:
    take(places, layer(feature(CELL, 0)))
    with pytest.raises(GridError, match=rf"{CELL}|{OTHER_CELL}"):
        take(places, layer(feature(OTHER_CELL, 0)))
    assert [place.code for place in places.page(PlaceQuery())] == [CELL]
    take(places, layer(feature(CELL, 2), feature(OTHER_CELL, 0)))


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([feature("5101040010010011")], "feature 1: code '5101040010010011' is none"),
        ([feature(CELL), feature(CELL)], r"feature 2: code 510104001001001 is feature 1's; keep one"),
        ([feature(zone="stricd")], "did you mean 'strict'"),
        ([feature(units={"暴露垃级": "甲"})], "did you mean '暴露垃圾'"),
        ([feature(units={"*": ""})], r"units\.\* '' is not usable"),
        ([feature(people=[{"role": "环卫"}])], "person 1: name None"),
        ([feature(valid_from="next week")], "is not a day; write e.g. 2026-05-01"),
        ([feature(code=510104001001001)], "code 510104001001001 is not text"),
        ([], "0 features"),
    ],
)
def test_a_layer_that_cannot_be_names_the_feature_and_the_mend(features: list[Any], said: str) -> None:
    with pytest.raises(PlaceRefused, match=said):
        layer(*features)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("编码,名称\n5.10104E+14,春熙路\n", "line 2: code .* make the column text"),
        ("编码,类别,责任单位\n510104,暴露垃级,甲\n", "line 2: category .* did you mean"),
        ("编码,类别\n510104,暴露垃圾\n", "no column 'unit'"),
        ("编码,网格名秤\n510104,x\n", "unknown column '网格名秤'; did you mean '网格名称'"),
        ("编码,名称\n510104,a,b\n", "line 2: 3 values for 2 columns"),
        ("编码,编码\n510104,510104\n", "is there twice"),
        ("名称\nx\n", "no column 'code'"),
        ("编码,名称\n", "no line below the head"),
        ("", "is empty"),
        ("编码,管控等级\n510104,很严\n", "is none of strict"),
        ('编码,名称\n510104,"x\n', "save it as CSV again"),
    ],
)
def test_a_sheet_that_cannot_be_names_line_column_and_mend(text: str, said: str) -> None:
    with pytest.raises(PlaceRefused, match=said):
        sheet(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PlaceRefused, match="neither UTF-8 nor GBK"):
        read_sheet(b"\xff\xfe\x00\x01", "sheet.csv", CATALOGUE)
