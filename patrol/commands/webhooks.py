"""``gridpatrol webhooks``: who is told of case events; the same endpoints as over the API."""

import getpass
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cases.case import CaseEventKind
from cases.outbound.calls import HttpCaller, failure_of
from cases.outbound.courier import WebhookCourier
from cases.outbound.endpoints import EndpointDraft, check_draft, new_endpoint_id, purpose_of
from cases.outbound.errors import NotDelivered
from cases.outbound.house import OutboundHouse
from cases.outbound.lines import LineStanding
from cases.outbound.message import probe_message
from cases.outbound.reach import check_url
from cases.outbound.signing import new_secret
from core.clock import SystemClock, isoformat_z
from core.errors import ConfigError
from patrol.commands.options import ConfigOption
from patrol.outbound_wiring import open_outbound
from patrol.settings import Settings, load_settings
from patrol.supervisor import follow_parent
from patrol.wiring import open_case_room, open_city
from streams.sealing import Sealer

app = typer.Typer(help="推送与上报。 / Webhooks and filings.", no_args_is_help=True)

Line = Annotated[str, typer.Argument(help="推送编号，见 list / the line's id, as `list` shows it.")]
DEFAULT = Path("gridpatrol.toml")
PAGE = 200


@contextmanager
def _house(config: Path) -> Iterator[tuple[Settings, OutboundHouse]]:
    settings = load_settings(config)
    room = open_case_room(settings)
    try:
        yield settings, OutboundHouse.over(room.engine)
    finally:
        room.engine.dispose()


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="谁在听 / who listens there.")],
    url: Annotated[str, typer.Argument(help="https://…")],
    kind: Annotated[list[CaseEventKind] | None, typer.Option(help="Only such events; repeat for several.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Only such cases; repeat for several.")] = None,
    after: Annotated[int | None, typer.Option(help="Begin after this event; 0: with the first ever.", min=0)] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """新增推送地址（密钥只显示一次）。 / Add an endpoint; its secret is shown this once."""
    with _house(config) as (settings, house):
        draft = EndpointDraft(name, url, tuple(each.value for each in kind or ()), tuple(category or ()))
        check_draft(draft)
        check_url(url, settings.outbound.allow_networks)
        identity, secret = new_endpoint_id(), new_secret()
        sealed = Sealer(settings.secret_key_path).seal(secret, purpose_of(identity))
        most = settings.outbound.endpoints
        house.endpoints.add(identity, draft, sealed, _person(), SystemClock().now(), after=after, most=most)
        typer.echo(f"{identity}\n密钥 / secret: {secret}")


@app.command("list")
def list_lines(config: ConfigOption = DEFAULT) -> None:
    """列出推送与上报的进度。 / Every line and how far it is."""
    with _house(config) as (_settings, house):
        urls = {each.id: f"{each.draft.name}\t{each.draft.url}" for each in house.endpoints.all()}
        for standing in house.lines.lines():
            line = standing.line
            typer.echo(f"{line.id}\t{urls.get(line.id, '')}\t{_told(standing)}")


@app.command()
def pause(line: Line, config: ConfigOption = DEFAULT) -> None:
    """暂停；事件保留。 / Send nothing more for now; events wait."""
    with _house(config) as (_settings, house):
        typer.echo(_told(house.lines.pause(line, _person(), SystemClock().now())))


@app.command()
def resume(line: Line, config: ConfigOption = DEFAULT) -> None:
    """恢复，立即重试。 / Go on at once."""
    with _house(config) as (_settings, house):
        typer.echo(_told(house.lines.resume(line, _person(), SystemClock().now())))


@app.command()
def remove(line: Line, config: ConfigOption = DEFAULT) -> None:
    """删除推送地址及其死信。 / Remove an endpoint with its dead letters."""
    with _house(config) as (_settings, house):
        house.endpoints.remove(line, None, _person(), SystemClock().now())
        typer.echo(f"已删除 / removed: {line}")


@app.command()
def rotate(line: Line, config: ConfigOption = DEFAULT) -> None:
    """更换密钥（新旧同时有效一段时间）。 / Make a new secret; the old one signs, too, for a while."""
    with _house(config) as (settings, house):
        secret = new_secret()
        sealed = Sealer(settings.secret_key_path).seal(secret, purpose_of(line))
        hours = settings.outbound.old_secret_hours
        house.endpoints.rotate(line, sealed, hours, _person(), SystemClock().now())
        typer.echo(f"密钥 / secret: {secret}")


@app.command()
def dead(line: Line, config: ConfigOption = DEFAULT) -> None:
    """列出死信。 / Events that were given up."""
    with _house(config) as (_settings, house):
        after = 0
        while page := house.lines.dead_letters(line, after, PAGE):
            for letter in page:
                asked = "\t待重发 / to be replayed" if letter.replay_at else ""
                typer.echo(f"{letter.event_seq}\t{isoformat_z(letter.died_at)}\t{letter.tries}\t{letter.error}{asked}")
            after = page[-1].event_seq


@app.command()
def replay(
    line: Line,
    event: Annotated[int | None, typer.Argument(help="事件号 / which event; left out: all.", min=1)] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """重发一条或全部死信。 / Try one dead letter, or all, once more."""
    with _house(config) as (_settings, house):
        asked = house.lines.replay(line, event, _person(), SystemClock().now())
        typer.echo(f"待重发 / to be replayed: {asked}")


@app.command()
def discard(line: Line, event: Annotated[int, typer.Argument(min=1)], config: ConfigOption = DEFAULT) -> None:
    """丢弃一条死信。 / Drop one dead letter for good."""
    with _house(config) as (_settings, house):
        house.lines.discard(line, event, _person(), SystemClock().now())
        typer.echo(f"已丢弃 / dropped: {event}")


@app.command("test")
def try_now(line: Line, config: ConfigOption = DEFAULT) -> None:
    """立即发送一条测试消息。 / Send a test message now."""
    with _house(config) as (settings, house):
        endpoint = house.endpoints.get(line)
        rules = settings.outbound
        caller = HttpCaller(rules.allow_networks, rules.timeout_s, rules.answer_bytes, rules.ca_file)
        now = SystemClock().now()
        identity, body = probe_message(line, now)
        try:
            answer = WebhookCourier(endpoint, Sealer(settings.secret_key_path), caller).post(identity, body, now)
            if not answer.is_success:
                raise failure_of(answer, endpoint.draft.name, now.timestamp())
        except NotDelivered as failure:
            typer.echo(f"未送达 / not delivered: {failure}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"已送达 / delivered: {answer.status}")


def outbound(config: ConfigOption = DEFAULT) -> None:
    """只启动推送与上报进程。 / Send webhooks and filings alone, without the API."""
    follow_parent()
    settings = load_settings(config)
    stop = threading.Event()

    def stop_soon(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop_soon)
    room = open_case_room(settings)
    try:
        desk = open_outbound(settings, room.engine, open_city(settings), SystemClock(), sends=True)
        desk.start()
        typer.echo("推送进程已启动 / sending; Ctrl-C stops")
        try:
            while not stop.wait(0.5):
                pass
        finally:
            desk.stop()
    finally:
        room.engine.dispose()


def _told(standing: LineStanding) -> str:
    line = standing.line
    parts = [f"已送 / sent {line.sent}", f"待送 / waiting {standing.waiting}", f"死信 / dead {standing.dead_letters}"]
    if line.is_paused:
        parts.append(f"已暂停 / paused: {line.paused_why}")
    elif line.last_error:
        parts.append(f"故障 / failing: {line.last_error}")
    return "\t".join(parts)


def _person() -> str:
    """Whom the audit names."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError, ImportError) as error:
        raise ConfigError("this user has no name, which the audit log needs; set LOGNAME") from error
