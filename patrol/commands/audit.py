"""``gridpatrol audit``: read the audit log, take it away, check that neither it nor a case's history was altered."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from cases.access.audit import entry_json
from cases.access.audit_log import AuditLog, AuditQuery
from cases.access.verifying import ChainReport, Head, verify
from core.clock import SystemClock, as_utc, isoformat_z
from core.errors import ConfigError
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from patrol.wiring import open_case_room

DEFAULT_CONFIG = Path("gridpatrol.toml")
CHAINS = ("audit_entry", "case_event")
app = typer.Typer(help="审计日志。 / The audit log.", no_args_is_help=True)
ActorOption = Annotated[str | None, typer.Option(help="何人 / by whom, such as person:li.min.")]
ActionOption = Annotated[str | None, typer.Option(help="何事 / what, such as original.view, or session. for a family.")]
SubjectOption = Annotated[str | None, typer.Option(help="对象 / to what, such as person:li.min.")]
SinceOption = Annotated[datetime | None, typer.Option(help="自（UTC） / from, UTC.")]
UntilOption = Annotated[datetime | None, typer.Option(help="至（UTC，不含） / before, UTC.")]


@app.command("verify")
def verify_chains(
    anchor: Annotated[
        bool, typer.Option("--anchor", help="打印链首供另存 / print the heads, to keep elsewhere.")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(help="与另存的链首比对 / compare with heads that were kept elsewhere.", dir_okay=False),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """核对两条哈希链；有误时指出第一条并以 1 退出。 / Walk both chains; exit 1 names the first wrong row."""
    anchors = None if against is None else _read_anchor(against)
    with _engine(config) as engine:
        reports = verify(engine, anchors)
    for report in reports:
        typer.echo(_told(report), err=anchor or not report.is_sound)
    if not all(report.is_sound for report in reports):
        raise typer.Exit(1)
    if anchor:
        typer.echo(json.dumps(_anchor_of(reports), indent=2))


@app.command("list")
def list_entries(
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(help="最多条数 / at most so many.", min=1, max=500)] = 50,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """最新在前。 / The newest first."""
    with _engine(config) as engine:
        for entry in AuditLog(engine).page(_query(actor, action, subject, since, until), limit=limit):
            data = json.dumps(dict(entry.data), ensure_ascii=False)
            typer.echo(f"{entry.seq}\t{isoformat_z(entry.at)}\t{entry.actor}\t{entry.action}\t{entry.subject}\t{data}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="JSON Lines 文件 / the file to write.", dir_okay=False)],
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """导出（最旧在前，含哈希）。 / Oldest first, with the hashes, one JSON object a line."""
    count = 0
    try:
        with _engine(config) as engine, out.open("x", encoding="utf-8") as file:
            for entry in AuditLog(engine).oldest_first(_query(actor, action, subject, since, until)):
                file.write(json.dumps(entry_json(entry), ensure_ascii=False) + "\n")
                count += 1
    except FileExistsError as error:
        raise ConfigError(f"{out}: is there already; give another file name") from error
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written ({error.strerror}); give another place") from error
    typer.echo(f"{out}: {count} 条 / entries")


@contextmanager
def _engine(config: Path) -> Iterator[Engine]:
    room = open_case_room(load_settings(config))
    try:
        yield room.engine
    finally:
        room.engine.dispose()


def _query(
    actor: str | None, action: str | None, subject: str | None, since: datetime | None, until: datetime | None
) -> AuditQuery:
    return AuditQuery(actor, action, subject, _in_utc(since), _in_utc(until))


def _in_utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    from_text = moment.isoformat() + ("" if moment.tzinfo else "+00:00")
    return as_utc(datetime.fromisoformat(from_text))


def _told(report: ChainReport) -> str:
    name = {"audit_entry": "审计日志 / audit log", "case_event": "案件历史 / case events"}[report.chain]
    if report.fault is None:
        return f"{name}: {report.rows} 条完整 / rows hold, {report.head.seq}:{report.head.hash}"
    return f"{name}: 第 {report.fault.seq} 条有误 / row {report.fault.seq} is broken: {report.fault.why}"


def _anchor_of(reports: tuple[ChainReport, ...]) -> dict[str, Any]:
    heads = {report.chain: {"seq": report.head.seq, "hash": report.head.hash} for report in reports}
    return {"made_at": isoformat_z(SystemClock().now()), **heads}


def _read_anchor(file: Path) -> Mapping[str, Head]:
    """
    Raises:
        ConfigError: it is no anchor of ours.
    """
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {chain: Head(int(kept[chain]["seq"]), str(kept[chain]["hash"])) for chain in CHAINS}
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); give the kept anchor's path") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file}: is no anchor; make one with `gridpatrol audit verify --anchor`") from error
