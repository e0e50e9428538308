"""``gridpatrol feeds gateway | import | presets``: what a GB/T 28181 gateway offers, and what of it is configured."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.errors import ConfigError
from patrol.camera_files import CAMERA_FILES, GatewayFile, load_gateways
from patrol.camera_import import import_cameras
from patrol.commands.options import ConfigOption
from streams.gateways.calls import Deadline
from streams.gateways.catalogue import DeviceCatalogue, Reconciliation, read_catalogue, reconcile
from streams.gateways.faults import GatewayError
from streams.gateways.registry import Gateways
from streams.gb_codes import ChannelAddress

_MOST_SHOWN = 20

NameArgument = Annotated[str, typer.Argument(help="[gateways.NAME] 的名字 / the section's name.")]
SyncOption = Annotated[
    bool,
    typer.Option("--sync", help="先让在线设备重新上报目录 / have devices that are online send their catalogue anew."),
]
DeviceOption = Annotated[str | None, typer.Option("--device", help="只看一台设备 / one device's code only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象 / one JSON object instead of tables.")]


def register(app: typer.Typer) -> None:
    """Hang the commands under ``feeds``."""
    app.command("gateway")(show_gateway)
    app.command("import")(import_catalogue)
    app.command("presets")(show_presets)


def show_gateway(
    name: NameArgument,
    sync: SyncOption = False,
    device: DeviceOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
    as_json: JsonOption = False,
) -> None:
    """对账：网关上报、实际收到、已配置的数量。 / What a gateway announces, hands out and what is configured of it."""
    file = load_gateways(config)
    found = _reconciled(file, name, _catalogue(file, name, sync, device, as_json), device)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found) | {"agrees": found.agrees}, ensure_ascii=False))
    else:
        _show(found)


def import_catalogue(
    name: NameArgument,
    out: Annotated[Path, typer.Option("--out", help="写入的文件 / the file to add to.")] = Path("cameras.toml"),
    sync: SyncOption = False,
    device: DeviceOption = None,
    online: Annotated[bool, typer.Option("--online", help="只导入在线通道 / channels that are online only.")] = False,
    config: ConfigOption = Path("gridpatrol.toml"),
    as_json: JsonOption = False,
) -> None:
    """把网关目录写成摄像机配置，只追加，不改动手工内容。 / Add a camera section for every channel that has none yet."""
    file = load_gateways(config)
    catalogue = _catalogue(file, name, sync, device, as_json)
    broken = [part for part in catalogue if part.trouble is not None]
    rows = [row for part in catalogue for row in part.channels if row.is_online or not online]
    outcome = import_cameras(out, name, rows, file.cameras, file.camera_ids)
    # A device that could not be read has lost no camera: its sections are not told as gone.
    unread = {part.device.code for part in broken}
    whole = device is None and not online
    gone = [url for url in outcome.gone if whole and ChannelAddress.of(url).device not in unread]
    if as_json:
        told = {"added": outcome.added, "kept": outcome.kept, "gone": gone, "file": str(out)}
        told["troubles"] = [part.trouble for part in broken]
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"新增 / added: {len(outcome.added)}   已有 / there already: {outcome.kept}   {out}")
    _list("网关已不再提供 / no longer offered (kept in the file)", tuple(gone))
    _list("读取失败 / could not be read", tuple(str(part.trouble) for part in broken))
    if outcome.added:
        typer.echo(f'下一步 / next: {CAMERA_FILES} = ["{out.name}"] in {config}, and a [cameras.view] for each camera')


def show_presets(
    url: Annotated[str, typer.Argument(help="wvp://gateway/device/channel")],
    call: Annotated[
        int | None, typer.Option("--call", min=1, max=255, help="转到该预置位 / turn the camera there.")
    ] = None,
    config: ConfigOption = Path("gridpatrol.toml"),
    as_json: JsonOption = False,
) -> None:
    """列出或调用预置位。 / List a camera's stored positions, or turn it to one."""
    try:
        address = ChannelAddress.of(url)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    client = Gateways(load_gateways(config).gateways).client(address.gateway)
    deadline = Deadline(client.spec.timeout_s)
    if call is not None:
        client.call_preset(address.device, address.channel, call, deadline)
        typer.echo(f"已调用预置位 / called preset {call}: {address.url}")
        return
    found = client.presets(address.device, address.channel, deadline)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(preset) for preset in found], ensure_ascii=False))
        return
    for preset in found:
        typer.echo(f"{preset.number:4d}  {preset.name}")
    typer.echo(f"预置位 / presets: {len(found)}")


def _catalogue(
    file: GatewayFile, name: str, syncs: bool, device: str | None, as_json: bool
) -> tuple[DeviceCatalogue, ...]:
    """The catalogue; with ``--json`` a gateway's failure is JSON, too."""
    client = Gateways(file.gateways).client(name)
    try:
        return read_catalogue(client, syncs, device)
    except GatewayError as error:
        if not as_json:
            raise
        typer.echo(json.dumps({"error": {"kind": error.trouble, "message": str(error)}}, ensure_ascii=False))
        raise typer.Exit(1) from error


def _reconciled(
    file: GatewayFile, name: str, catalogue: tuple[DeviceCatalogue, ...], device: str | None
) -> Reconciliation:
    return reconcile(
        name, catalogue, [address for address in file.cameras if device is None or address.device == device]
    )


def _show(found: Reconciliation) -> None:
    table = Table(title=f"网关 / gateway {found.gateway}", title_justify="left")
    for heading in ("设备\ndevice", "名称\nname", "在线\nonline"):
        table.add_column(heading)
    for heading in ("上报\nannounced", "收到\nreceived", "摄像机\ncameras", "在线\nonline", "已配置\nconfigured"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in found.devices:
        state = "✓" if row.agrees else "≠"
        numbers = [str(value) for value in (row.announced, row.received, row.cameras, row.online, row.configured)]
        table.add_row(row.code, row.name, "✓" if row.is_online else "—", *numbers, state)
    Console().print(table)
    _list("读取失败 / could not be read", tuple(row.trouble for row in found.devices if row.trouble is not None))
    _list("编码重复 / codes handed out more than once", found.duplicates)
    _list("已配置但离线 / configured and offline", found.offline)
    _list("已配置但网关没有 / configured and not offered", found.gone)
    _list("重复配置 / configured more than once", found.twice)
    _list("尚未配置 / not configured", found.unconfigured)
    typer.echo("数量一致 / the counts agree" if found.agrees else "数量不一致 / the counts do not agree")


def _list(heading: str, lines: tuple[str, ...]) -> None:
    if not lines:
        return
    typer.echo(f"{heading}: {len(lines)}")
    for line in lines[:_MOST_SHOWN]:
        typer.echo(f"  {line}")
    if len(lines) > _MOST_SHOWN:
        typer.echo(f"  … {len(lines) - _MOST_SHOWN} (--json)")
