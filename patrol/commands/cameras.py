"""``gridpatrol cameras``: add, change, switch and remove cameras over the API, while the workers run."""

import getpass
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from core.errors import ConfigError
from patrol.camera_files import camera_sections
from patrol.commands.api_visit import KEY_ENV, ApiOption, visit_api
from patrol.commands.options import ConfigOption
from streams.sealing import new_key

app = typer.Typer(
    help="运行中增删改摄像机。 / Add, change and remove cameras while the workers run.", no_args_is_help=True
)

_TABLE_COLUMNS = 150

KeyOption = Annotated[
    str | None,
    typer.Option(envvar=KEY_ENV, help=f"Key of scope admin; better set {KEY_ENV}.", show_default=False),
]
CamerasArgument = Annotated[list[str], typer.Argument(metavar="ID...", help="摄像机编号 / cameras.")]
AskOption = Annotated[
    bool, typer.Option("--ask-password", help="询问密码 / ask for the password, or read it from a pipe.")
]


@app.command("list")
def list_cameras(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """列出全部摄像机。 / Every configured camera, where it is kept and how it is doing."""
    with visit_api(config, api, key) as client:
        cameras = client.ask("GET", "/api/v1/camera-configs").body["cameras"]
        notices = client.ask("GET", "/api/v1/cameras").body["notices"]
    if as_json:
        typer.echo(json.dumps({"cameras": cameras, "notices": notices}, ensure_ascii=False))
        return
    table = Table("id", "状态 / state", "存于 / kept in", "worker", "地址 / address", "故障 / fault")
    for camera in cameras:
        status = camera["status"] or {}
        state = status.get("state") or ("…" if camera["enabled"] else "disabled")
        kept_in = Path(camera["kept_in"]).name
        row = (camera["id"], state, kept_in, camera["worker"], camera["section"].get("url"), status.get("error"))
        table.add_row(*(str(value or "") for value in row))
    Console(width=_TABLE_COLUMNS).print(table)
    for notice in notices:
        typer.echo(f"{notice['worker_id']}: {notice['text']}", err=True)


@app.command()
def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="TOML with [[cameras]], as in the configuration.")
    ],
    worker: Annotated[str | None, typer.Option(help="由哪个工作节点巡查 / which worker patrols them.")] = None,
    ask_password: AskOption = False,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """新增摄像机（全部成功或全不生效）。 / Add cameras: all of them, or none."""
    sections = [section for file in files for section in camera_sections(file)]
    if not sections:
        raise ConfigError(f"{files[0]}: holds no camera; mend: write [[cameras]] as in gridpatrol.toml")
    extra: dict[str, Any] = {} if worker is None else {"worker": worker}
    if ask_password:
        extra["password"] = _password()
    body = {"add": [_plain({**section, **extra}) for section in sections]}
    with visit_api(config, api, key) as client:
        added = client.ask("POST", "/api/v1/cameras/batch", body).body["cameras"]
    for camera in added:
        typer.echo(f"已新增 / added: {camera['id']} → {camera['worker']}")


@app.command("set")
def set_keys(
    camera: Annotated[str, typer.Argument(metavar="ID", help="摄像机编号 / the camera.")],
    assignments: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="e.g. interval_s=5 view.max_error_m=3 name=null")
    ] = None,
    view: Annotated[Path | None, typer.Option(help="TOML with the whole [view] anew.")] = None,
    ask_password: AskOption = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="Forget the sealed password.")] = False,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """修改配置；视频源不变则不断线。 / Change keys; a camera whose feed stays the same keeps its connection."""
    patch = _patch(assignments or [])
    if no_password or ask_password:
        patch["password"] = _password() if ask_password else None
    with visit_api(config, api, key) as client:
        standing = client.ask("GET", _path(camera))
        if view is not None:
            patch["view"] = _whole(standing.body["section"].get("view", {}), _view(view))
        if not patch:
            raise ConfigError(f"nothing to change of {camera}; mend: give KEY=VALUE, --view or --ask-password")
        if standing.tag is None:
            raise ConfigError(f"{camera} stands in {standing.body['kept_in']}; mend: edit that file")
        changed = client.ask("PATCH", _path(camera), patch, tag=standing.tag)
    typer.echo(f"已修改 / changed: {camera}, revision {changed.body['revision']}")


@app.command()
def enable(
    cameras: CamerasArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """启用。 / Patrol them again."""
    with visit_api(config, api, key) as client:
        for camera in cameras:
            client.ask("POST", _path(camera, "/enable"))
            typer.echo(f"已启用 / enabled: {camera}")


@app.command()
def disable(
    cameras: CamerasArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """停用，保留其记忆。 / Leave them alone; what their views know is kept."""
    with visit_api(config, api, key) as client:
        for camera in cameras:
            client.ask("POST", _path(camera, "/disable"))
            typer.echo(f"已停用 / disabled: {camera}")


@app.command()
def remove(
    cameras: CamerasArgument,
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """移除；案件保留。 / Remove them; their cases stay."""
    with visit_api(config, api, key) as client:
        for camera in cameras:
            client.ask("DELETE", _path(camera))
            typer.echo(f"已移除 / removed: {camera}")


@app.command()
def history(
    camera: Annotated[str, typer.Argument(metavar="ID", help="摄像机编号 / the camera.")],
    api: ApiOption = None,
    key: KeyOption = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """谁在何时改过。 / Who changed it, and when."""
    with visit_api(config, api, key) as client:
        changes = client.ask("GET", _path(camera, "/changes")).body["changes"]
    for change in changes:
        keys = ", ".join(sorted({*change["before"], *change["after"], *change["secrets"]}))
        typer.echo(f"{change['at']}\t{change['actor']}\t{change['kind']}\t{keys}")


@app.command("new-key")
def print_key() -> None:
    """生成密码加密密钥（GRIDPATROL_SECRET_KEY）。 / A key for GRIDPATROL_SECRET_KEY; kept nowhere."""
    typer.echo(new_key())


def _path(camera: str, further: str = "") -> str:
    return f"/api/v1/cameras/{quote(camera, safe='')}{further}"


def _password() -> str:
    """From the terminal without showing it, or one line of a pipe."""
    given = getpass.getpass("密码 / password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise ConfigError("the password is empty; mend: type it, or use --no-password")
    return given


def _patch(assignments: Sequence[str]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:  # the text is not repeated: it may be a password
            raise ConfigError("an argument is no KEY=VALUE; mend: write for example interval_s=5")
        *sections, last = name.split(".")
        into = patch
        for section in sections:
            into = into.setdefault(section, {})
            if not isinstance(into, dict):
                raise ConfigError(f"{name}: {section} is given twice; mend: give it once")
        into[last] = None if text == "null" else _value(text)
    return patch


def _value(text: str) -> Any:
    """A TOML value; whatever is none is a text."""
    try:
        return _plain(tomllib.loads(f"value = {text}")["value"])
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def _view(path: Path) -> dict[str, Any]:
    """
    Raises:
        ConfigError: the file is not readable, or not TOML.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from error
    found = content.get("view", content)
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: view is no section; mend: write [view]")
    return dict(_plain(found))


def _whole(standing: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch that leaves nothing of the standing section."""
    return {**dict.fromkeys(standing), **new}


def _plain(value: Any) -> Any:
    """TOML's values as JSON's."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
