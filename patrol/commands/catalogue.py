"""``gridpatrol catalogue``: what counts as a case; read, checked, imported, compared, written to a file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cases.catalogue.difference import difference
from cases.catalogue.errors import CatalogueRefused
from cases.catalogue.reading import JSON, CatalogueFile, media_type_of, read_catalogue, shipped
from cases.catalogue.store import CatalogueImport
from core.clock import SystemClock
from patrol.commands.case_house import DryRunOption, WhyOption, actor_name, case_house
from patrol.commands.options import ConfigOption

app = typer.Typer(help="立案结案目录。 / The catalogue of categories.", no_args_is_help=True)
_TABLE_COLUMNS = 150
FileArgument = Annotated[Path, typer.Argument(help="TOML 或 JSON / TOML, or JSON by its ending.")]


@app.command()
def show(
    version: Annotated[int | None, typer.Option(help="Another version than the one in force.", min=1)] = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """显示现行目录。 / The categories in force: codes, names, dwell and time limits."""
    with case_house(config) as house:
        kept = house.catalogue.in_force() if version is None else house.catalogue.get(version)
    table = Table("id", "代码 / code", "名称 / name", "停留 / dwell, s", "时限 / hours", "日历 / calendar")
    for each in kept.catalogue.categories:
        dwell, limit = each.dwell_s, each.deadline
        hours = " / ".join(f"{a.hours:g} {a.time}" for a in (limit.strict, limit.controlled, limit.general))
        stays = f"{dwell.strict:g} / {dwell.controlled:g} / {dwell.general:g}"
        table.add_row(each.id, each.code, f"{each.zh} {each.en}", stays, hours, each.calendar)
    typer.echo(
        f"{kept.catalogue.name}  版本 / version {kept.version}  (严管 / 控制 / 一般 · strict / controlled / general)"
    )
    Console(width=_TABLE_COLUMNS).print(table)


@app.command()
def versions(config: ConfigOption = Path("gridpatrol.toml")) -> None:
    """列出各版本。 / Every version, newest first."""
    with case_house(config) as house:
        before: int | None = None
        while some := house.catalogue.versions(before):
            for each in some:
                at = "-" if each.imported_at is None else f"{each.imported_at:%Y-%m-%d %H:%M}Z"
                typer.echo(f"{each.version}\t{at}\t{each.imported_by}\t{each.name}\t{each.why}")
            before = some[-1].version
            if before <= 1:
                break


@app.command()
def check(file: FileArgument) -> None:
    """检查文件，不导入。 / Check a file; nothing is imported."""
    read = _read(file)
    typer.echo(f"正确 / sound: {read.catalogue.name}, {len(read.catalogue.categories)} 类 / categories")


@app.command("import")
def import_file(
    file: FileArgument,
    why: WhyOption = "",
    dry_run: DryRunOption = False,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """导入新版本；已有案件不变。 / Import a new version; cases that stand keep theirs."""
    read = _read(file)
    with case_house(config) as house:
        done = house.catalogue.import_file(read, actor_name(), why, SystemClock().now(), dry_run=dry_run)
    _tell(done, dry_run)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; .json for JSON, else as it was imported.")],
    version: Annotated[int | None, typer.Option(help="Another version than the one in force.", min=1)] = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """导出为文件。 / Write a version to a file, remarks included."""
    with case_house(config) as house:
        number = house.catalogue.in_force().version if version is None else version
        kept = house.catalogue.file(number)
    text = kept.source
    if media_type_of(file.name) == JSON and kept.media_type != JSON:
        text = kept.catalogue.model_dump_json(indent=2)
    elif media_type_of(file.name) != JSON and kept.media_type == JSON:
        raise CatalogueRefused(f"version {number} was imported as JSON; name the file {file.stem}.json")
    file.write_text(text, encoding="utf-8")
    typer.echo(f"已写入 / written: {file}, 版本 / version {number}")


@app.command()
def diff(
    before: Annotated[int, typer.Argument(help="A version; 0: the one that comes with Gridpatrol.", min=0)],
    after: Annotated[int | None, typer.Argument(help="Another one; default: the one in force.", min=1)] = None,
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """比较两个版本。 / What one version says that another does not."""
    with case_house(config) as house:
        old = shipped().catalogue if before == 0 else house.catalogue.get(before).catalogue
        new = (house.catalogue.in_force() if after is None else house.catalogue.get(after)).catalogue
    changes = difference(old, new)
    for change in changes:
        typer.echo(str(change))
    if not changes:
        typer.echo("没有差别 / no difference")


def _read(file: Path) -> CatalogueFile:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueRefused(f"{file}: not UTF-8 text; save it as UTF-8") from error
    return read_catalogue(text, media_type_of(file.name), str(file))


def _tell(done: CatalogueImport, dry_run: bool) -> None:
    for change in done.changes:
        typer.echo(str(change))
    if not done.is_new:
        typer.echo(f"与现行版本相同 / the same as version {done.version}, which is in force")
    elif dry_run:
        typer.echo(f"试运行，未写入 / dry run, nothing written: 将为版本 / it would be version {done.version}")
    else:
        typer.echo(f"已导入 / imported: 版本 / version {done.version}")
