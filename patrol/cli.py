"""``gridpatrol``: every command, thin; each parses, calls a room and says what came of it."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.logging import RichHandler

from api.server import bind, serve
from cases.house import CaseHouse
from cases.keeping.job import KeepingJob
from core.clock import SystemClock
from core.errors import PatrolError
from patrol.commands import audit as audit_commands
from patrol.commands import backup as backup_commands
from patrol.commands import calendars as calendars_commands
from patrol.commands import cameras as camera_commands
from patrol.commands import cases as case_commands
from patrol.commands import catalogue as catalogue_commands
from patrol.commands import config as config_commands
from patrol.commands import feeds as feeds_commands
from patrol.commands import keeping as keeping_commands
from patrol.commands import keys as keys_commands
from patrol.commands import model_loop
from patrol.commands import models as models_commands
from patrol.commands import outbox as outbox_commands
from patrol.commands import places as places_commands
from patrol.commands import policy as policy_commands
from patrol.commands import users as users_commands
from patrol.commands import webhooks as webhook_commands
from patrol.commands.detect import detect
from patrol.commands.judge import judge_lapses
from patrol.commands.options import ConfigOption
from patrol.demo.run import last_line, on_interrupt, run_demo
from patrol.demo.site import free_port, lay_out
from patrol.desk_login import login_address
from patrol.first_config import FIRST_PORT, lay_out_first
from patrol.settings import load_settings
from patrol.spare_memory import SpareMemory, let_loaded_rest
from patrol.supervisor import SUPERVISED_ENV, Supervisor, follow_parent
from patrol.wiring import build_api, ensure_worker_key, open_case_room, open_worker, refuse_unpatrollable

app = typer.Typer(
    name="gridpatrol",
    help="视频巡查：摄像机画面进，一处违规一个案件出。 / Street cameras in, one case per violation out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(config_commands.app, name="config")
app.add_typer(feeds_commands.app, name="feeds")
app.add_typer(camera_commands.app, name="cameras")
app.add_typer(models_commands.app, name="models")
app.add_typer(keys_commands.app, name="keys")
app.add_typer(case_commands.app, name="cases")
app.add_typer(catalogue_commands.app, name="catalogue")
app.add_typer(places_commands.app, name="places")
app.add_typer(calendars_commands.app, name="calendars")
app.add_typer(users_commands.app, name="users")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(outbox_commands.app, name="outbox")
app.add_typer(policy_commands.app, name="policy")
app.add_typer(keeping_commands.app, name="keeping")
backup_commands.register(app)
app.add_typer(webhook_commands.app, name="webhooks")
app.command()(detect)
app.command()(webhook_commands.outbound)
models_commands.app.command("judge-lapses")(judge_lapses)
model_loop.register(models_commands.app)
for _further in entry_points(group="gridpatrol.commands"):
    # Commands of rooms above this one (bench), and of whoever adds some; see pyproject.toml.
    app.add_typer(_further.load(), name=_further.name)


@app.command()
def up(
    config: ConfigOption = Path("gridpatrol.toml"),
    seconds: Annotated[float | None, typer.Option(help="Stop after so many seconds.", min=1)] = None,
    port: Annotated[
        int,
        typer.Option(help="在空文件夹中首次启动时接口使用的端口 / the API's, where a first configuration is written."),
    ] = FIRST_PORT,
) -> None:
    """启动接口与一个巡查进程；空文件夹里会先写一份配置。 / Run the API and one worker on this machine until Ctrl-C."""
    if lay_out_first(config, port):
        typer.echo(f"已写入 / wrote {config}")
    settings = load_settings(config)
    bind(settings.api).close()  # a taken port is told now; another program there must not pass for our API
    refuse_unpatrollable(settings)
    room = open_case_room(settings)
    ensure_worker_key(settings, room.keys, SystemClock())
    layer = settings.grid.file if settings.grid.from_desk else None
    supervisor = Supervisor(config, settings.api_url, layer=layer)
    on_interrupt(supervisor.stop_soon)
    on_hang_up(supervisor.reload_worker)
    try:
        supervisor.start()
        typer.echo(f"值守台 / desk: {settings.api_url}/")
        typer.echo(f"一次性登录 / one-time login:\n  {login_address(settings, room.keys, SystemClock().now())}")
        supervisor.run(seconds)
    finally:
        supervisor.stop_worker()
        supervisor.stop_api()
        room.engine.dispose()


@app.command()
def api(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """只启动接口与值守台。 / Run the API and the desk alone."""
    follow_parent()
    settings = load_settings(config)
    room = open_case_room(settings)
    try:
        with KeepingJob(CaseHouse.over(room.store).keeping, room.evidence, settings.keeping, SystemClock()):
            serve(build_api(settings, room, config=config), settings.api)
    finally:
        room.engine.dispose()


@app.command()
def worker(
    config: ConfigOption = Path("gridpatrol.toml"),
    until_ended: Annotated[bool, typer.Option(help="Stop when every file feed has been played to its end.")] = False,
) -> None:
    """只启动巡查进程。 / Run one worker alone; it reaches the API over HTTP only."""
    follow_parent()
    patrol = open_worker(load_settings(config), config=config)
    stop = threading.Event()

    def stop_soon(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop_soon)
    on_hang_up(patrol.reload)
    let_loaded_rest()
    patrol.start()
    spare = SpareMemory(time.monotonic())
    try:
        while not stop.wait(0.5):
            spare.give_back_when_due(time.monotonic())
            if until_ended and patrol.has_ended:
                break
    finally:
        patrol.stop(drain_s=10.0)


def on_hang_up(reload: Callable[[], None]) -> None:
    """SIGHUP asks for the cameras to be read anew; under a terminal it means that the terminal is gone, and ends us."""
    if not sys.stdin.isatty() or os.environ.get(SUPERVISED_ENV):
        signal.signal(signal.SIGHUP, lambda _number, _frame: reload())


@app.command()
def demo(
    seconds: Annotated[
        float, typer.Option(envvar="DEMO_SECONDS", help="Stop after so many seconds; 0: until Ctrl-C.", min=0)
    ] = 0,
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its database and evidence.")] = Path("var/demo"),
    port: Annotated[
        int, typer.Option(help="The desk's port; the next free one when it is taken.", min=1, max=65535)
    ] = 8650,
    keep: Annotated[bool, typer.Option(help="Go on with what an earlier demo left in the folder.")] = False,
) -> None:
    """用渲染的四路摄像机演示全流程。 / Patrol four rendered street cameras, end to end."""
    config = lay_out(data_dir.resolve(), free_port(port), fresh=not keep, now=SystemClock().now())
    typer.echo(last_line(run_demo(config, seconds or None, typer.echo)))


@app.command("login-link")
def login_link(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """生成一次性登录地址。 / Print a one-time address that signs in to the desk."""
    settings = load_settings(config)
    room = open_case_room(settings)
    typer.echo(login_address(settings, room.keys, SystemClock().now()))
    room.engine.dispose()


def main() -> None:
    """Entry point: one place where a named error becomes a message and an exit status."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(name)s: %(message)s",
        datefmt="%H:%M:%S",
        handlers=[RichHandler(show_path=False, rich_tracebacks=False)]
        if sys.stderr.isatty()
        else [logging.StreamHandler(sys.stderr)],
    )
    for noisy in ("httpx", "httpcore", "alembic", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        app()
    except (PatrolError, OSError) as error:  # an OSError names its file and cause
        typer.secho(str(error), fg="red", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
