"""``gridpatrol feeds accept-view``: what a camera shows now is what it is to show."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigError
from core.ids import ViewId
from patrol.camera_watch_api import kept_ids
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings
from streams.picture_health.store import ReferenceStore


def register(app: typer.Typer) -> None:
    """Hang the command under ``feeds``."""
    app.command("accept-view")(accept_view)


def accept_view(
    camera: Annotated[str, typer.Argument(help="摄像机编号 / the camera's id.")],
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """接受当前视角，由工作节点重新拍摄参照画面。 / Accept a camera's new view: its worker takes a new reference.

    Run it where the worker's data folder is, after the view was calibrated anew; a running worker needs no restart.
    """
    settings = load_settings(config)
    known = {str(each.id): each.view_id for each in settings.cameras}
    known |= {camera_id: ViewId(camera_id) for camera_id in sorted(kept_ids(settings.api_cameras_path))}
    if camera not in known:
        names = ", ".join(list(known)[:10]) + (" …" if len(known) > 10 else "")
        raise ConfigError(f"{config}: no camera {camera!r}; mend: name one of {names}")
    store = ReferenceStore(settings.views_dir)
    view_id = known[camera]
    kept = store.kept(view_id)
    store.drop(view_id)
    if kept is None:
        typer.echo(
            f"{camera}: 尚无参照画面，画面正常后即拍摄 / "
            "it has no reference yet; one is taken as soon as the picture is sound"
        )
    else:
        typer.echo(
            f"{camera}: 已放弃 {kept.taken_at:%Y-%m-%d %H:%M} UTC 的参照画面，约一分钟内重新拍摄 / "
            "its reference was let go; a running worker takes the next one within about a minute"
        )
