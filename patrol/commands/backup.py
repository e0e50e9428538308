"""``gridpatrol backup`` and ``gridpatrol restore``."""

import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from cases.database import open_database
from cases.evidence import EvidenceStore
from cases.keeping.backup import BackupReport, back_up
from cases.keeping.manifest import Manifest, read_manifest
from cases.keeping.restore import RestoreTarget, restore
from cases.keeping.snapshot import BackupError, address_without_password
from core.clock import SystemClock, isoformat_z
from patrol.commands.options import ConfigOption
from patrol.config_copy import config_copies
from patrol.settings import Settings, load_settings
from patrol.wiring import make_folder

TAR = ".tar"
TOLD_EVERY = 0.02


def register(app: typer.Typer) -> None:
    """Add both to the main command."""
    app.command("backup")(backup)
    app.command("restore")(restore_command)


def backup(
    target: Annotated[Path, typer.Argument(help="文件夹（再次备份只复制新图片）或 .tar / a folder, or a .tar file.")],
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """备份数据库、证据图片与配置；运行中即可。 / Back up cases, pictures and settings while the API runs."""
    settings = load_settings(config)
    copies = config_copies(config)
    engine = open_unchanged(settings)
    progress = Progress()
    folder = target.with_name(f".{target.name}-building") if target.suffix == TAR else target
    if folder != target and target.exists():
        raise BackupError(f"{target} is there already; give another file")
    try:
        done = back_up(
            engine,
            EvidenceStore(settings.evidence_dir),
            folder,
            SystemClock(),
            config=copies,
            version=version("gridpatrol"),
            told=progress,
        )
        if folder != target:
            _pack(folder, target)
    except KeyboardInterrupt:
        progress.end()
        typer.echo("已停止，原有备份完好，可再次运行 / stopped; an earlier backup is whole, run it again", err=True)
        raise typer.Exit(130) from None
    finally:
        engine.dispose()
        if folder != target:
            shutil.rmtree(folder, ignore_errors=True)
    progress.end()
    _tell_backup(target, done)


def restore_command(
    source: Annotated[Path, typer.Argument(help="gridpatrol backup 写出的文件夹或 .tar / what `backup` wrote.")],
    config: ConfigOption = Path("gridpatrol.toml"),
) -> None:
    """把备份恢复到空的数据目录。 / Bring a backup back into an empty data folder; checks every hash."""
    settings = load_settings(config)
    progress = Progress()
    try:
        with _unpacked(source, settings) as folder:
            done = restore(folder, target_of(settings), progress)
    except KeyboardInterrupt:
        progress.end()
        typer.echo("已停止，未留下任何内容 / stopped; nothing was left behind", err=True)
        raise typer.Exit(130) from None
    progress.end()
    made_at = isoformat_z(done.manifest.made_at)
    typer.echo(f"已恢复 / restored: {done.pictures} 张图片 / pictures, 备份时间 / as of {made_at}")
    if done.manifest.engine == "postgresql":
        typer.echo(_postgres_words(source, done.manifest, settings))
    if done.migrates:
        typer.echo("数据表将在接口启动时升级 / the tables are brought up to date when the API starts")


def open_unchanged(settings: Settings) -> Engine:
    """The database as it stands: a backup before an upgrade must not be the upgrade.

    Raises:
        BackupError: there is none yet.
    """
    database = target_of(settings).database
    if database is not None and not database.is_file():
        raise BackupError(f"database {database} is not there; check data_dir and [database] url in the configuration")
    return open_database(settings.database_url)


def target_of(settings: Settings) -> RestoreTarget:
    """Where this installation keeps things."""
    url = make_url(settings.database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    return RestoreTarget(Path(str(url.database)) if is_sqlite else None, settings.evidence_dir)


class Progress:
    """A line that is written over on a terminal; elsewhere one line for each fiftieth of a part."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._told = ("", -1.0)

    def __call__(self, what: str, done: int, of: int) -> None:
        share = done / of if of else 1.0
        before, at = self._told
        if what == before and share - at < TOLD_EVERY and done < of:
            return
        self._told = (what, share)
        zh = {"database": "数据库", "pictures": "图片"}.get(what, what)
        begin = "\r" if self._is_terminal else ""
        typer.echo(f"{begin}{zh} / {what}: {share:4.0%}", err=True, nl=not self._is_terminal)

    def end(self) -> None:
        """Leave the line that was written over."""
        if self._is_terminal:
            typer.echo(err=True)


def _tell_backup(target: Path, done: BackupReport) -> None:
    manifest = done.manifest
    typer.echo(
        f"已备份到 / backed up to {target}: {manifest.pictures} 张图片 / pictures "
        f"({manifest.picture_bytes / 1e6:.1f} MB), 新增 / new {done.copied}, 移除 / dropped {done.dropped}, "
        f"数据库 / database {manifest.database.size / 1e6:.1f} MB"
    )
    typer.echo("未包含密钥文件 secret.key 与环境变量，请另行妥善保存")
    typer.echo("secret.key and the environment's passwords are not in it; keep them apart")
    for name in done.missing[:20]:
        typer.echo(f"缺失或损坏 / missing or damaged: {name}", err=True)
    if done.missing:
        typer.echo(
            f"共 {len(done.missing)} 张图片未能备份 / {len(done.missing)} pictures could not be backed up", err=True
        )
        raise typer.Exit(1)


def _pack(folder: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}-partial")
    try:
        with tarfile.open(partial, "w") as archive:
            archive.add(folder, arcname=".")
        partial.replace(target)
    except OSError as error:
        raise BackupError(
            f"{target} cannot be written ({error.strerror}); free space, or give another place"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _unpacked(source: Path, settings: Settings) -> Iterator[Path]:
    """The backup as a folder; an archive is unpacked beside where it goes, for as long as it is read."""
    if source.is_dir():
        yield source
        return
    make_folder(settings.site.data_dir)
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=settings.site.data_dir) as folder:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise BackupError(f"{source} cannot be unpacked ({error}); give what `gridpatrol backup` wrote") from error
        read_manifest(Path(folder))
        yield Path(folder)


def _postgres_words(source: Path, manifest: Manifest, settings: Settings) -> str:
    address = address_without_password(make_url(settings.database_url))
    command = f"pg_restore --no-owner --dbname='{address}' {source / manifest.database.path}"
    return f"图片已恢复；请再向空数据库执行 / the pictures are back; into an empty database, run now:\n  {command}"
