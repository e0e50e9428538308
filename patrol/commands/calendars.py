"""``gridpatrol calendars``: working time and holidays; shown, replaced, and filled from a list of days."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cases.house import CaseHouse
from cases.worktime.calendar import DEFAULT_CALENDAR
from cases.worktime.day_lists import read_days
from cases.worktime.documents import document_of
from cases.worktime.errors import CalendarRefused
from cases.worktime.store import CalendarChange
from core.clock import SystemClock
from core.errors import ConfigError
from patrol.commands.case_house import WhyOption, actor_name, case_house
from patrol.commands.options import ConfigOption

app = typer.Typer(help="工作日历与办理时限。 / Working calendars and deadlines.", no_args_is_help=True)
CalendarOption = Annotated[str, typer.Option("--calendar", help="日历名称 / which calendar.")]


@app.command()
def show(calendar: CalendarOption = DEFAULT_CALENDAR, config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """以 JSON 显示日历。 / A calendar as JSON, ready to be edited and put back."""
    with case_house(config) as house:
        kept = house.calendars.get(calendar)
    typer.echo(json.dumps(kept.document.as_json(), ensure_ascii=False, indent=2))
    typer.echo(f"{kept.calendar_id} 版本 / version {kept.version}", err=True)


@app.command("list")
def list_calendars(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """列出全部日历。 / Every calendar."""
    with case_house(config) as house:
        for kept in house.calendars.all():
            days = f"{len(kept.document.holidays)} 休 / off, {len(kept.document.workdays)} 班 / on"
            typer.echo(f"{kept.calendar_id}\t{kept.version}\t{kept.document.zone}\t{days}\t{kept.document.name}")


@app.command()
def put(
    file: Annotated[Path, typer.Argument(help="JSON as `calendars show` writes it.")],
    calendar: CalendarOption = DEFAULT_CALENDAR,
    why: WhyOption = "",
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """写入或替换日历；在办案件的时限随之重算。 / Write a calendar; open cases' deadlines follow."""
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CalendarRefused(f"{file}: not JSON in UTF-8 ({error}); mend the file") from error
    document = document_of(data, file.name)
    with case_house(config) as house:
        change = house.calendars.put(calendar, document, actor_name(), why, SystemClock().now())
        _tell(house, change)


@app.command("import-days")
def import_days(
    file: Annotated[Path, typer.Argument(help=".json, .csv or .ics: holidays and make-up working days.")],
    calendar: CalendarOption = DEFAULT_CALENDAR,
    why: WhyOption = "",
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """导入节假日与调休；在办案件的时限随之重算。 / Put a list of days in; open cases' deadlines follow."""
    days = read_days(file.read_bytes(), file.name)
    with case_house(config) as house:
        change = house.calendars.put_days(calendar, days, actor_name(), why, SystemClock().now())
        _tell(house, change)


@app.command()
def recompute(calendar: CalendarOption = DEFAULT_CALENDAR, config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """把在办案件的时限对齐现行日历。 / Bring open cases' deadlines in line; safe to repeat."""
    with case_house(config) as house:
        _recompute(house, calendar)


@app.command()
def due(
    category: Annotated[str, typer.Argument(help="类别 / category id, event code or name.")],
    zone: Annotated[str | None, typer.Option(help="strict, controlled or general.")] = None,
    start: Annotated[str | None, typer.Option(help="RFC 3339 with a zone; default: now.")] = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """某类案件何时到期。 / When a case registered then would be due."""
    with case_house(config) as house:
        named = house.catalogue.in_force().catalogue.named(category)
        found = house.calendars.due(named.id if named else category, zone, _moment(start))
        local = house.calendars.get(DEFAULT_CALENDAR).calendar.zone
    typer.echo(f"到期 / due: {found.due_at.astimezone(local).isoformat()}")
    typer.echo(f"临期 / near due: {found.near_due_at.astimezone(local).isoformat()}")
    typer.echo(found.rule)


def _moment(text: str | None) -> datetime:
    if text is None:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--start {text}: not a moment; write e.g. 2026-03-02T09:00:00+08:00") from error
    if moment.tzinfo is None:
        raise ConfigError(f"--start {text}: has no time zone; write e.g. 2026-03-02T09:00:00+08:00")
    return moment


def _tell(house: CaseHouse, change: CalendarChange) -> None:
    kept = change.kept
    if not change.is_new:
        typer.echo(f"没有变化 / no change: {kept.calendar_id} 版本 / version {kept.version}")
        return
    typer.echo(f"已写入 / written: {kept.calendar_id} 版本 / version {kept.version}")
    _recompute(house, kept.calendar_id)


def _recompute(house: CaseHouse, calendar: str) -> None:
    looked_at = changed = left_alone = 0
    after: int | None = 0
    while after is not None:
        done = house.calendars.recompute(calendar, actor_name(), SystemClock().now(), after)
        looked_at, changed = looked_at + done.looked_at, changed + done.changed
        left_alone, after = left_alone + done.left_alone, done.next_after
    typer.echo(
        f"在办案件 / open cases: {looked_at}, 时限已调整 / deadlines moved: {changed}, 未动 / left: {left_alone}"
    )
