"""``gridpatrol keeping``: what is kept no more, and taking it away."""

from pathlib import Path
from typing import Annotated

import typer

from cases.house import CaseHouse
from cases.keeping.store import PurgeReport
from core.clock import SystemClock, isoformat_z
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from patrol.wiring import open_case_room

app = typer.Typer(help="图片保存期限。 / How long pictures are kept.", no_args_is_help=True)


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明，不删除 / Tell, and remove nothing.")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """删除已过保存期限的图片。 / Remove pictures whose days have passed; never those of an open case."""
    settings = load_settings(config)
    room = open_case_room(settings)
    try:
        done = CaseHouse.over(room.store).keeping.purge(
            room.evidence, settings.keeping, SystemClock(), is_dry=dry_run, progress=_tell
        )
    except KeyboardInterrupt:
        typer.echo(
            "已停止，已删除的均有记录；可再次运行 / stopped; what went is noted, run it again for the rest", err=True
        )
        raise typer.Exit(130) from None
    finally:
        room.engine.dispose()
    typer.echo(_words(done))


@app.command()
def removed(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50, config: ConfigOption = Path("gridpatrol.toml")
) -> None:
    """列出已删除的图片。 / What was removed, newest first."""
    room = open_case_room(load_settings(config))
    for each in CaseHouse.over(room.store).keeping.removed(limit=limit):
        numbers = " ".join(each.case_numbers) or "—"
        typer.echo(f"{each.seq}\t{isoformat_z(each.removed_at)}\t{each.sha256}\t{each.why}\t{numbers}\t{each.rule}")
    room.engine.dispose()


def _tell(report: PurgeReport) -> bool:
    typer.echo(f"  已检查 / judged: {report.judged}  删除 / removed: {report.total}", err=True)
    return True


def _words(done: PurgeReport) -> str:
    zh, en = ("将删除", "would remove") if done.is_dry else ("已删除", "removed")
    return (
        f"{zh} {done.total} 张图片（过期 {done.removed}，无案件引用 {done.unreferenced}，{done.size / 1e6:.1f} MB），"
        f"残留文件 {done.leftovers}，过期资料 {done.expired}\n"
        f"{en} {done.total} pictures ({done.removed} past their days, {done.unreferenced} that no case named, "
        f"{done.size / 1e6:.1f} MB), {done.leftovers} leftover files, {done.expired} expired records"
    )
