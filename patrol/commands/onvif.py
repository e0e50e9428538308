"""``gridpatrol feeds discover | onvif``: cameras that speak ONVIF, and where their streams are."""

import dataclasses
import json
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from core.errors import ConfigError
from streams.onvif_discovery import OnvifDevice, discover
from streams.onvif_media import OnvifCamera, OnvifError, ask_camera

JsonOption = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象 / one JSON object instead of a table.")]


def register(app: typer.Typer) -> None:
    """Hang the commands under ``feeds``."""
    app.command("discover")(discover_devices)
    app.command("onvif")(show_camera)


def discover_devices(
    seconds: Annotated[float, typer.Option("--seconds", min=0.5, max=60, help="监听多久 / how long to listen.")] = 5.0,
    as_json: JsonOption = False,
) -> None:
    """在本机各网段查找 ONVIF 设备。 / Find ONVIF devices on this machine's networks."""
    found = discover(seconds)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False))
        return
    if found:
        _show_devices(found)
    typer.echo(f"找到 / found: {len(found)}")


def show_camera(
    host: Annotated[str, typer.Argument(help="摄像机地址 / the camera's host name or address.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="ONVIF 端口 / its ONVIF port.")] = 80,
    username: Annotated[str, typer.Option(help="ONVIF 用户 / an ONVIF user of the camera.")] = "",
    password_env: Annotated[
        str | None, typer.Option(help="存放密码的环境变量 / environment variable that holds the password.")
    ] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.5, help="秒 / seconds for the whole answer.")] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """列出摄像机的码流地址，密码另放。 / A camera's profiles and stream addresses, with the password held apart."""
    try:
        camera = ask_camera(host, port, username, _password(password_env), timeout_s)
    except OnvifError as error:
        if not as_json:
            raise
        typer.echo(json.dumps({"error": {"kind": error.trouble, "message": str(error)}}, ensure_ascii=False))
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(camera), ensure_ascii=False))
    else:
        _show_camera(camera, username, password_env)


def _password(variable: str | None) -> str:
    if variable is None:
        return ""
    password = os.environ.get(variable)
    if not password:
        raise ConfigError(f"the environment variable {variable} is not set; mend: set it to the camera's password")
    return password


def _show_devices(found: tuple[OnvifDevice, ...]) -> None:
    table = Table()
    for heading in ("地址 / address", "名称 / name", "型号 / hardware", "位置 / location"):
        table.add_column(heading)
    for device in found:
        table.add_row("\n".join(device.service_addresses), device.name, device.hardware, device.location)
    Console().print(table)


def _show_camera(camera: OnvifCamera, username: str, password_env: str | None) -> None:
    typer.echo(f"{camera.host}: {camera.manufacturer} {camera.model} {camera.serial}")
    for profile in camera.profiles:
        size = f"{profile.width_px}x{profile.height_px}" if profile.width_px and profile.height_px else "?"
        rate = f"{profile.fps:g} fps" if profile.fps else ""
        typer.echo(f"  {profile.token}  {size} {profile.encoding} {rate}  {profile.url}")
    if camera.profiles:
        typer.echo("配置 / in the configuration:")
        typer.echo(f"  url = {json.dumps(camera.profiles[0].url)}")
        if username:
            typer.echo(f"  username = {json.dumps(username)}")
            typer.echo(f"  password_env = {json.dumps(password_env or 'CAMERA_PASSWORD')}")
