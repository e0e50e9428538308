"""``gridpatrol keys``: make, list and withdraw API keys."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cases.keys import Scope
from core.clock import SystemClock
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from patrol.wiring import open_case_room, save_key

app = typer.Typer(help="接口密钥。 / API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who holds it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it opens; repeat for several.")],
    days: Annotated[int | None, typer.Option(help="Expires after so many days.", min=1)] = None,
    save: Annotated[bool, typer.Option(help="Write it to the worker's key file instead of printing it.")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """新建密钥（只显示一次）。 / Make a key; it is shown this once."""
    settings = load_settings(config)
    room = open_case_room(settings)
    now = SystemClock().now()
    plain = room.keys.create(name, scope, now, expires_at=now + timedelta(days=days) if days else None)
    room.engine.dispose()
    if save:
        save_key(settings.worker_key_path, plain)
        typer.echo(f"已写入 / written to {settings.worker_key_path}")
    else:
        typer.echo(plain)


@app.command("list")
def list_keys(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """列出密钥（不含密钥本身）。 / Names and scopes; never the keys."""
    room = open_case_room(load_settings(config))
    now = SystemClock().now()
    for key in room.keys.list():
        is_past = key.expires_at is not None and key.expires_at <= now
        state = "已作废 / revoked" if key.revoked_at else "已过期 / expired" if is_past else "有效 / in force"
        typer.echo(f"{key.name}\t{','.join(sorted(key.scopes))}\t{state}")
    room.engine.dispose()


@app.command()
def revoke(name: str, config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """作废密钥。 / Withdraw a key."""
    room = open_case_room(load_settings(config))
    room.keys.revoke(name, SystemClock().now())
    room.engine.dispose()
    typer.echo(f"已作废 / revoked: {name}")
