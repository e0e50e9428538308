"""``gridpatrol policy``: permits in and out, why a candidate became no case, who files without a person."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cases.house import CaseHouse
from cases.policy.decisions import BoundCase, KeptDecision
from cases.policy.errors import PolicyRefused
from cases.policy.house import PolicyHouse
from cases.policy.judging import may_file
from cases.policy.permits import draft_of_text, feature_collection
from cases.policy.rules import EVERY, AutoMode
from cases.transactions import reading
from core.clock import SystemClock, isoformat_z
from core.errors import ConfigError
from patrol.commands.options import ConfigOption
from patrol.settings import Settings, load_settings
from patrol.wiring import open_case_room

app = typer.Typer(help="立案前的规则。 / The rules that a candidate meets before it is a case.", no_args_is_help=True)
_DEFAULT = Path("gridpatrol.toml")
_AUTO_PAGE = 200


@app.command("permits")
def list_permits(config: ConfigOption = _DEFAULT) -> None:
    """列出许可区域。 / Permitted stall areas."""
    with _policy(config) as (house, _settings):
        for kept in house.permits.all():
            permit = kept.permit
            until = permit.valid_until or "…"
            typer.echo(f"{permit.rule}\t{permit.number}\t{permit.name}\t{permit.hours.shown()}\t{until}")


@app.command("export-permits")
def export_permits(
    file: Annotated[Path, typer.Argument(help="GeoJSON to write.")], config: ConfigOption = _DEFAULT
) -> None:
    """导出为 GeoJSON。 / Write every permit as a GeoJSON layer."""
    with _policy(config) as (house, _settings):
        kept = house.permits.all()
    file.write_text(json.dumps(feature_collection(kept), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"已导出 / exported: {len(kept)} → {file}")


@app.command("import-permits")
def import_permits(
    file: Annotated[Path, typer.Argument(help="GeoJSON FeatureCollection; docs/policy.md names the properties.")],
    config: ConfigOption = _DEFAULT,
) -> None:
    """从 GeoJSON 导入（全部成功或全不生效）。 / Add or change permits: all of them, or none."""
    try:
        drafts = draft_of_text(file.read_text(encoding="utf-8"), file.name)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 text; export it as GeoJSON in UTF-8") from error
    with _policy(config) as (house, _settings):
        done = house.permits.import_all(drafts, _actor(), SystemClock().now())
    typer.echo(
        f"新增 {done.added}，修改 {done.changed}，未变 {done.unchanged} / "
        f"added {done.added}, changed {done.changed}, unchanged {done.unchanged}"
    )


@app.command()
def explain(
    incident: Annotated[str | None, typer.Option(help="事件编号 / the incident's id.")] = None,
    case: Annotated[str | None, typer.Option(help="案件 id / the case's id (not its number).")] = None,
    config: ConfigOption = _DEFAULT,
) -> None:
    """为何立案或未立案。 / Why a candidate became a case, or did not."""
    if (incident is None) == (case is None):
        raise PolicyRefused("say what to explain: --incident ID or --case ID, one of them")
    with _policy(config) as (house, _settings):
        store = house.decisions
        told = store.of_case(case) if case is not None else store.of_incident(incident or "")
    _print_decisions(*told)


@app.command("auto-file")
def auto_file(
    category: Annotated[str | None, typer.Argument(help="类别或 * / a category, or *; none: show all.")] = None,
    mode: Annotated[AutoMode | None, typer.Argument(help="auto, queue or measured.")] = None,
    camera: Annotated[str, typer.Option(help="摄像机或 * / a camera, or *.")] = EVERY,
    config: ConfigOption = _DEFAULT,
) -> None:
    """查看或切换自动立案。 / Show who files without a person, or turn a switch."""
    with _policy(config) as (house, _settings):
        if category is not None and mode is not None:
            kept = house.profiles.turn(category, camera, mode, _actor(), SystemClock().now())
            typer.echo(f"{kept.switch.rule}\t{category}\t{camera}\t{kept.switch.mode}")
        elif category is not None:
            raise PolicyRefused("say what to turn it to: auto, queue or measured")
        else:
            _print_auto_filing(house)


@app.command()
def purge(config: ConfigOption = _DEFAULT) -> None:
    """清除过期的未立案决定。 / Forget old decisions that made no case; the API does it by and by, too."""
    with _policy(config) as (house, settings):
        gone = house.decisions.purge(SystemClock().now(), settings.cases.policy.decisions_days)
    typer.echo(f"已清除 / purged: {gone}")


@contextmanager
def _policy(config: Path) -> Iterator[tuple[PolicyHouse, Settings]]:
    settings = load_settings(config)
    room = open_case_room(settings)
    try:
        yield CaseHouse.over(room.store).policy, settings
    finally:
        room.engine.dispose()


def _actor() -> str:
    """Who stands in the audit log for what a command line did."""
    return f"cli:{getpass.getuser()}"


def _print_decisions(decisions: tuple[KeptDecision, ...], case: BoundCase | None) -> None:
    if case is not None:
        typer.echo(f"案件 / case: {case.number} ({case.id})")
    if not decisions:
        typer.echo("没有策略记录 / policy knows nothing of it")
    for each in decisions:
        typer.echo(f"{isoformat_z(each.at)}\t{each.verdict}\t{each.rule}\t{each.why.zh}\t{each.why.en}")
        for trial in each.trials:
            typer.echo(f"  {'✓' if trial.applied else '✗'} {trial.rule}\t{trial.why.zh}\t{trial.why.en}")


def _print_auto_filing(house: PolicyHouse) -> None:
    with reading(house.engine) as connection:
        rules = house.policy.rules(connection, SystemClock().now())
    for kept in house.profiles.switches():
        switch = kept.switch
        typer.echo(f"{switch.rule}\t{switch.category}\t{switch.camera_id}\t{switch.mode}\t{kept.changed_by}")
    page = house.reviews.page(rules.settings.auto_last, None, _AUTO_PAGE)
    while page:
        for found in page:
            switch_here = rules.switch_for(found.place.category, found.place.camera_id)
            mode = AutoMode.QUEUE if switch_here is None else switch_here.mode
            _, why = may_file(mode, found.measured, rules)
            typer.echo(f"{found.place}\t{mode}\t{why.zh}\t{why.en}")
        page = house.reviews.page(rules.settings.auto_last, page[-1].place, _AUTO_PAGE)
