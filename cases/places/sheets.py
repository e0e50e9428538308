"""Places from CSV sheets and back; what a sheet holds follows from its head line.

编码,名称,管控等级,生效日期,失效日期                       places and grades
编码,类别,责任单位,生效日期,失效日期                       responsible units
编码,角色,姓名,电话,单位,生效日期,失效日期                 people
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from cases.catalogue.entries import Catalogue
from cases.csv_tables import CsvLine, plain, read_csv, write_csv
from cases.places.errors import PlaceRefused
from cases.places.facts import PersonWanted, PlaceFacts, PlacesWanted, PlaceWanted, UnitWanted, ZoneWanted
from cases.places.levels import level_of_code
from cases.places.values import category_of, day_of, text_of, zone_of
from grid.units import Zone

SheetKind = Literal["places", "units", "people"]
_HEADS = {
    "code": ("code", "编码", "网格编码", "单元网格编码", "代码"),
    "name": ("name", "名称", "网格名称"),
    "zone": ("zone", "管控等级", "等级"),
    "category": ("category", "类别", "小类", "事件类别"),
    "unit": ("unit", "责任单位", "单位", "所属单位"),
    "role": ("role", "角色", "岗位", "职责"),
    "person": ("person", "姓名", "责任人"),
    "phone": ("phone", "电话", "手机", "联系电话"),
    "valid_from": ("valid_from", "生效日期", "开始日期"),
    "valid_to": ("valid_to", "失效日期", "结束日期"),
}
_ZONE_NAMES = {Zone.STRICT: "严管区", Zone.CONTROLLED: "控制区", Zone.GENERAL: "一般区"}


def read_sheet(data: bytes, source: str, catalogue: Catalogue) -> PlacesWanted:
    """What a sheet asks for.

    Raises:
        PlaceRefused: the text names the file, the line and the mend.
    """
    table = read_csv(data, source, _HEADS, frozenset({"code"}), PlaceRefused)
    if not table.lines:
        raise PlaceRefused(f"{source}: no line below the head; write one line a place")
    if "person" in table.columns:
        return PlacesWanted(people=tuple(_person(line) for line in table.lines))
    if "category" in table.columns or "unit" in table.columns:
        for needed in {"category", "unit"} - table.columns:
            raise PlaceRefused(
                f"{source}: line 1: no column {needed!r} (also {', '.join(_HEADS[needed][1:])}); "
                "a sheet of units has a category and a unit in each line"
            )
        return PlacesWanted(units=tuple(_unit(line, catalogue) for line in table.lines))
    return PlacesWanted(
        places=tuple(_place(line) for line in table.lines),
        zones=tuple(_zone(line) for line in table.lines if line["zone"]),
    )


def write_sheet(kind: SheetKind, places: Iterable[PlaceFacts], catalogue: Catalogue, shows_phones: bool) -> str:
    """Every place, or every unit or person with their days, as CSV that Excel opens."""
    if kind == "places":
        return write_csv(("编码", "名称", "管控等级", "生效日期", "失效日期"), list(_place_rows(places)))
    if kind == "units":
        return write_csv(("编码", "类别", "责任单位", "生效日期", "失效日期"), list(_unit_rows(places, catalogue)))
    return write_csv(
        ("编码", "角色", "姓名", "电话", "单位", "生效日期", "失效日期"), list(_person_rows(places, shows_phones))
    )


def _code(line: CsvLine) -> str:
    code = plain(line["code"]).removeprefix('="').removesuffix('"')
    level_of_code(code, line.where)
    return code


def _days(line: CsvLine) -> tuple[date | None, date | None]:
    return day_of(line["valid_from"], line.where), day_of(line["valid_to"], line.where)


def _place(line: CsvLine) -> PlaceWanted:
    code = _code(line)
    name = text_of(plain(line["name"]), "name", line.where, 200) if line["name"] else None
    return PlaceWanted(line.where, code, level_of_code(code, line.where), name)


def _zone(line: CsvLine) -> ZoneWanted:
    return ZoneWanted(line.where, _code(line), zone_of(line["zone"], line.where), *_days(line))


def _unit(line: CsvLine, catalogue: Catalogue) -> UnitWanted:
    category = category_of(line["category"], catalogue, line.where)
    unit = text_of(plain(line["unit"]), "unit", line.where, 256)
    return UnitWanted(line.where, _code(line), category, unit, *_days(line))


def _person(line: CsvLine) -> PersonWanted:
    return PersonWanted(
        line.where,
        _code(line),
        text_of(plain(line["role"]), "role", line.where, 64, may_be_empty=True),
        text_of(plain(line["person"]), "person", line.where, 200),
        text_of(plain(line["phone"]), "phone", line.where, 64) if line["phone"] else None,
        text_of(plain(line["unit"]), "unit", line.where, 256) if line["unit"] else None,
        *_days(line),
    )


def _place_rows(places: Iterable[PlaceFacts]) -> Iterator[tuple[str, ...]]:
    for place in places:
        zones = [each for each in place.assignments if each.kind == "zone"]
        if not zones:
            yield place.code, place.name, "", "", ""
        for each in zones:
            yield place.code, place.name, _ZONE_NAMES[Zone(each.value)], _day(each.valid_from), _day(each.valid_to)


def _unit_rows(places: Iterable[PlaceFacts], catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    for place in places:
        for each in place.assignments:
            if each.kind == "unit":
                known = catalogue.category(each.category)
                category = each.category if known is None else known.zh
                yield place.code, category, each.value, _day(each.valid_from), _day(each.valid_to)


def _person_rows(places: Iterable[PlaceFacts], shows_phones: bool) -> Iterator[tuple[str, ...]]:
    for place in places:
        for each in place.assignments:
            if each.kind == "person":
                phone = each.phone if shows_phones else ""
                days = _day(each.valid_from), _day(each.valid_to)
                yield place.code, each.role, each.value, phone, each.unit, *days


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
