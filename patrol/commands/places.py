"""``gridpatrol places``: grids, zones, units and people; imported, listed, exported."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cases.places.errors import PlaceRefused
from cases.places.facts import PlacesWanted
from cases.places.importing import ImportPlan
from cases.places.layers import feature_of, read_layer
from cases.places.levels import PlaceLevel
from cases.places.sheets import read_sheet, write_sheet
from cases.places.store import PlaceQuery, PlaceStore
from core.clock import SystemClock
from patrol.commands.case_house import DryRunOption, actor_name, case_house
from patrol.commands.options import ConfigOption

app = typer.Typer(help="网格、等级、责任单位与人员。 / Grids, zones, units and people.", no_args_is_help=True)
WithinOption = Annotated[str | None, typer.Option(help="所属编码 / code of a district, street or community.")]
_LAYERS = (".geojson", ".json")


class Sheet(StrEnum):
    """What a CSV file holds."""

    PLACES = "places"
    UNITS = "units"
    PEOPLE = "people"


@app.command("list")
def list_places(
    level: Annotated[PlaceLevel | None, typer.Option(help="Only this level.")] = None,
    within: WithinOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """列出已导入的网格。 / Every imported place with grade and units of today."""
    with case_house(config) as house:
        today = house.places.today(SystemClock().now())
        for place in house.places.every(PlaceQuery(level, within)):
            units = ", ".join(f"{category}: {unit}" for category, unit in place.units_on(today).items())
            people = len(place.people_on(today))
            typer.echo(f"{place.code}\t{place.name}\t{place.zone_on(today) or '-'}\t{units}\t{people} 人 / people")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="GeoJSON, or CSV (UTF-8 or GBK).")],
    dry_run: DryRunOption = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """导入 GeoJSON 或 CSV；每个文件要么全部生效，要么全不生效。 / Import files; each all of it, or nothing."""
    with case_house(config) as house:
        for file in files:
            wanted = _wanted(file, house.places)
            now = SystemClock().now()
            plan = house.places.take(wanted, actor_name(), now, source=file.name, dry_run=dry_run)
            _tell(file, plan, dry_run)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help=".geojson, or .csv.")],
    sheet: Annotated[Sheet, typer.Option(help="What a .csv is to hold.")] = Sheet.PLACES,
    within: WithinOption = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="GeoJSON of that day; default: today.")
    ] = None,
    phones: Annotated[bool, typer.Option("--phones", help="含电话 / with phones: personal data.")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """导出为 GeoJSON 或 CSV。 / Write places to a file that can be imported again."""
    with case_house(config) as house:
        places = house.places.every(PlaceQuery(within=within))
        if file.suffix.lower() in _LAYERS:
            day = house.places.today(SystemClock().now()) if on is None else on.date()
            features = [feature_of(place, day, phones) for place in places]
            text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)
        elif file.suffix.lower() == ".csv":
            text = write_sheet(sheet.value, places, house.places.catalogue(), phones)
        else:
            raise PlaceRefused(f"{file}: places are written as .geojson or .csv; name the file so")
    file.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"已写入 / written: {file}")


@app.command()
def responsible(
    cell: Annotated[str, typer.Argument(help="单元网格编码 / a unit grid's code.")],
    category: Annotated[str, typer.Argument(help="类别 / category id, event code or name.")],
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """某网格某类别由谁负责。 / Who answers for a category in a cell today, by the imported places."""
    with case_house(config) as house:
        named = house.places.catalogue().named(category)
        if named is None:
            raise PlaceRefused(f"category {category!r} is not in the catalogue; see `gridpatrol catalogue show`")
        found = house.places.responsible(cell, named.id, SystemClock().now())
    typer.echo(f"{named.zh} {named.en}: {found.unit or '未指定 / nobody'}  ({found.zone or '等级未登记 / no grade'})")
    for person in found.people:
        typer.echo(f"  {person.role}\t{person.value}\t{person.unit}\t{person.code}")


def _wanted(file: Path, places: PlaceStore) -> PlacesWanted:
    data = file.read_bytes()
    if file.suffix.lower() in _LAYERS:
        return read_layer(data, file.name, places.catalogue())
    if file.suffix.lower() == ".csv":
        return read_sheet(data, file.name, places.catalogue())
    raise PlaceRefused(f"{file}: places come as .geojson or .csv; export it as one of them")


def _tell(file: Path, plan: ImportPlan, dry_run: bool) -> None:
    signs = {"add": "+", "change": "~", "end": "-"}
    if dry_run:
        for change in plan.changes:
            typer.echo(f"{signs[change.action]} {change.kind} {change.text}")
    counts = f"+{plan.count('add')} ~{plan.count('change')} -{plan.count('end')} ={plan.unchanged}"
    done = "试运行，未写入 / dry run, nothing written" if dry_run else "已导入 / imported"
    typer.echo(f"{file.name}: {done}: {counts}")
