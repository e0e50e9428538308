"""``gridpatrol config``: write a commented file, check one."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigError
from patrol import settings_reference, wiring
from patrol.commands.options import ConfigOption
from patrol.settings import load_settings

app = typer.Typer(help="配置文件。 / The configuration file.", no_args_is_help=True)

TEMPLATES = ("gridpatrol.toml", "grids.geojson")


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("gridpatrol.toml"),
    force: Annotated[bool, typer.Option(help="Replace existing files.")] = False,
) -> None:
    """写一份带注释的配置和示例网格。 / Write a commented configuration and a sample grid beside it."""
    targets = (path, path.parent / "grids.geojson")
    taken = [target for target in targets if target.exists() and not force]
    if taken:
        raise ConfigError(f"{taken[0]} is there already; --force replaces it")
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, name in zip(targets, TEMPLATES, strict=True):
        target.write_text((files("patrol") / "templates" / name).read_text(encoding="utf-8"), encoding="utf-8")
        typer.echo(f"已写入 / wrote {target}")
    typer.echo(
        f"下一步 / next: edit the cameras, then `gridpatrol config check -c {path}` and `gridpatrol up -c {path}`"
    )


@app.command()
def check(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """检查配置、网格、模型、数据库，不启动任何进程。 / Validate everything the file points at; start nothing."""
    settings = load_settings(config)
    for line in wiring.check(settings):
        typer.echo(f"✓ {line}")
    typer.echo("配置可用 / the configuration is usable")


@app.command()
def reference() -> None:
    """全部设置项，Markdown 表格。 / Every setting with its default and bounds, as Markdown (docs/settings.md)."""
    typer.echo(settings_reference.reference(), nl=False)
