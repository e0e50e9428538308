"""``gridpatrol outbox``: what a worker could not deliver, and sending it again once the cause is mended."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigError
from patrol.commands.options import ConfigOption
from patrol.outbox import Outbox
from patrol.settings import load_settings

app = typer.Typer(help="巡查进程的发件箱。 / What the worker has not delivered.", no_args_is_help=True)


@app.command("list")
def list_outbox(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """列出被接口拒收的报告及原因，以及待发数量。 / Reports that the API refused and why; how many wait."""
    outbox = opened(config)
    try:
        refusals, waiting = outbox.refusals(), outbox.waiting_count()
    finally:
        outbox.close()
    for key, reason in refusals:
        typer.echo(f"{key}\t{reason}")
    typer.echo(f"待发 / waiting: {waiting}   拒收 / set aside: {len(refusals)}")


@app.command()
def requeue(
    keys: Annotated[list[str] | None, typer.Argument(help="报告的编号 / their keys, as list shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="全部 / all that were set aside.")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """原因排除后重新发送；工作进程可以照常运行。 / Send again what was refused; the worker may go on running."""
    if bool(keys) == every:
        raise typer.BadParameter("name the reports that gridpatrol outbox list shows, or give --all")
    outbox = opened(config)
    try:
        there = [key for key, _ in outbox.refusals()]
        unknown = sorted(set(keys or ()) - set(there))
        if unknown:
            raise ConfigError(f"no report {unknown[0]!r} is set aside; gridpatrol outbox list shows those that are")
        found = outbox.requeue(keys or there)
    finally:
        outbox.close()
    typer.echo(f"重新发送 / sent again: {found}")


def opened(config: Path) -> Outbox:
    """
    Raises:
        ConfigError: this configuration's worker has never run here.
    """
    path = load_settings(config).outbox_path
    if not path.exists():
        raise ConfigError(f"{path}: there is no outbox; run this where the worker runs, with its configuration")
    return Outbox(path)
