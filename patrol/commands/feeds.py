"""``gridpatrol feeds``: look at a feed before it becomes a camera."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from core.errors import ConfigError, FeedError
from patrol.camera_files import load_gateways
from patrol.commands import accept_view
from patrol.commands import gateways as gateway_commands
from patrol.commands import onvif as onvif_commands
from patrol.commands.options import ConfigOption
from streams.gateways.registry import Gateways
from streams.gb_codes import WVP_SCHEME
from streams.probe import FeedProbe, probe, spec_for
from streams.spec import FeedSpec

app = typer.Typer(help="Look at a feed before it becomes a camera.", no_args_is_help=True)
gateway_commands.register(app)
onvif_commands.register(app)
accept_view.register(app)


@app.callback()
def feeds() -> None:
    """Look at a feed before it becomes a camera."""


@app.command("probe")
def probe_feed(
    url: Annotated[
        str, typer.Argument(help="rtsp(s)://, rtmp(s)://, http(s)://, wvp://, a file or a folder of images")
    ],
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="seconds of silence to put up with")] = 10.0,
    transport: Annotated[Literal["tcp", "udp"], typer.Option(help="RTSP only")] = "tcp",
    username: Annotated[str | None, typer.Option(help="instead of one in the URL")] = None,
    password_env: Annotated[str | None, typer.Option(help="environment variable that holds the password")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """Open a feed and print codec, size, rate, key-frame distance and the time to the first picture."""
    try:
        spec = spec_for(url, timeout_s, transport=transport, username=username, password_env=password_env)
        # Only a camera behind a gateway needs the configuration: that is where its gateway is.
        gateways = Gateways(load_gateways(config).gateways if spec.scheme == WVP_SCHEME else {})
        found = probe(spec, timeout_s, gateways.source_of)
    except FeedError as fault:
        _fail(fault.kind, str(fault), as_json)
    except ConfigError as error:
        _fail("config", str(error), as_json)
    else:
        _show(spec, found, as_json)


def _fail(kind: str, message: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"error": {"kind": kind, "message": message}}, ensure_ascii=False))
    else:
        typer.echo(f"{kind}: {message}", err=True)
    raise typer.Exit(1)


def _show(spec: FeedSpec, found: FeedProbe, as_json: bool) -> None:
    if as_json:
        facts = dataclasses.asdict(found) | {"kind": spec.source_kind}
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    table = Table(title=found.address, show_header=False, title_justify="left")
    table.add_row("codec", found.codec)
    table.add_row("size", f"{found.width_px} x {found.height_px} px")
    table.add_row("rate", "not stated" if found.fps is None else f"{found.fps:.2f} fps")
    table.add_row("key frames", _key_frames(found))
    table.add_row("first picture", f"after {found.first_picture_s:.2f} s")
    Console().print(table)


def _key_frames(found: FeedProbe) -> str:
    if found.gop_frames is None:
        return "one only; no second one came"
    every = "" if found.gop_s is None else f"every {found.gop_s:.2f} s, "
    return f"{every}GOP of {found.gop_frames}"
