"""One database by its URL: SQLite on this machine, PostgreSQL when the URL says so; nothing else differs.

The tables' steps lie in ``cases/migrations`` and travel with the package; no alembic.ini is needed.
"""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cases.transactions import (
    WRITES,
    DatabaseFull,
    DatabaseOutdated,
    DatabaseReadOnly,
    DatabaseUnavailable,
    reading,
    shown,
    writing,
)
from core.errors import ConfigError

__all__ = [
    "DatabaseFull",
    "DatabaseOutdated",
    "DatabaseReadOnly",
    "DatabaseUnavailable",
    "check_schema",
    "downgrade",
    "migrate",
    "open_database",
]

_ONE_AT_A_TIME = 7_246_913
"""PostgreSQL advisory lock: two services that start together migrate one after the other."""


def open_database(url: str, busy_timeout_s: float = 10.0) -> Engine:
    """The engine of a database URL; connects only when first used.

    Args:
        url: ``sqlite:///var/gridpatrol.db`` or ``postgresql://user:password@host/name``.
        busy_timeout_s: longest wait for another writer, and for a server to answer.

    Raises:
        ConfigError: the URL cannot be used; its password is never in the text.
        DatabaseUnavailable: the SQLite file's folder cannot be made.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, busy_timeout_s)
    own_options = parsed.query.get("options", "")
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_timeout=busy_timeout_s,
            connect_args={
                "connect_timeout": max(1, round(busy_timeout_s)),
                "options": f"{own_options} -c lock_timeout={round(busy_timeout_s * 1000)} -c timezone=UTC".strip(),
            },
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"database {shown(parsed)} needs the PostgreSQL driver; install it with: pip install 'gridpatrol[postgres]'"
        ) from error


def _parsed(url: str) -> URL:
    if url.startswith("postgres://"):  # what many hosting panels print
        url = "postgresql" + url.removeprefix("postgres")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Neither the URL nor the parser's words about it are repeated: they may hold a password.
        raise ConfigError(
            "database URL cannot be read; write sqlite:///path/to/file.db or postgresql://user:password@host:5432/name"
        ) from None
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"):
        raise ConfigError(
            f"database kind {parsed.drivername!r} is not supported; write sqlite:///... or postgresql://..."
        )
    return parsed


def _open_sqlite(parsed: URL, busy_timeout_s: float) -> Engine:
    if parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            "database sqlite:// has no file, so cases would be lost at exit; write sqlite:///path/to/file.db"
        )
    folder = Path(str(parsed.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(
            f"folder {folder} of the database cannot be made ({error.strerror}); make it, or give another path"
        ) from error
    engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # We say BEGIN ourselves: the driver would start a transaction only at the first write, after the reads.
        connection.isolation_level = None
        # FULL: what was acknowledged is on the disk, because a worker then deletes its own copy.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to ``revision``; a database that is there already is left alone.

    Raises:
        DatabaseUnavailable: it is away, full or read-only.
        DatabaseOutdated: a newer Gridpatrol wrote it.
    """
    with writing(engine) as connection:
        _take_turn(connection)
        _refuse_newer(connection)
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` (``base``: no tables at all); what later steps added is lost."""
    with writing(engine) as connection:
        _take_turn(connection)
        command.downgrade(_config(connection), revision)


def check_schema(engine: Engine) -> None:
    """Say so when the tables are not those of this version.

    Raises:
        DatabaseOutdated: older or newer than this program.
        DatabaseUnavailable: it does not answer.
    """
    with reading(engine) as connection:
        _refuse_newer(connection)
        if _current(connection) != _scripts().get_current_head():
            raise DatabaseOutdated(
                f"database {shown(engine.url)} lacks tables of this version; run the migration (start the API once)"
            )


def schema_of(engine: Engine) -> str | None:
    """The revision of the tables; None where there are none."""
    with reading(engine) as connection:
        return _current(connection)


def known_schemas() -> tuple[str, ...]:
    """Every revision that this version can take further, the newest first."""
    return tuple(script.revision for script in _scripts().walk_revisions())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "cases:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    current = _current(connection)
    if current is not None and current not in {script.revision for script in _scripts().walk_revisions()}:
        raise DatabaseOutdated(
            f"database {shown(connection.engine.url)} was written by a newer Gridpatrol (tables {current}); "
            "start that version, or restore the backup made before the upgrade"
        )


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
