"""Transactions on the database, and what goes wrong with it in the operator's words.

CaseError
└── DatabaseUnavailable    away, locked too long, or not ours to open
    ├── DatabaseFull       no space left for another row
    ├── DatabaseReadOnly   it can be read, not written
    └── DatabaseOutdated   its tables are not those of this version
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cases.tables import counter
from core.errors import CaseError

EVENT_COUNTER = "case_event"
WRITES = "gridpatrol_writes"
"""Execution option of a connection whose transaction will write."""

# Statements that every report needs are written once: SQLAlchemy takes longer to write one than SQLite to answer it.
_TURN = select(counter.c.value).where(counter.c.name == EVENT_COUNTER).with_for_update()
_NEXT = (
    update(counter)
    .where(counter.c.name == bindparam("of_name"))
    .values(value=counter.c.value + 1)
    .returning(counter.c.value)
)


class DatabaseUnavailable(CaseError):
    """The database is away, locked too long, or not ours to open."""


class DatabaseFull(DatabaseUnavailable):
    """No space is left for another row."""


class DatabaseReadOnly(DatabaseUnavailable):
    """It can be read, not written."""


class DatabaseOutdated(DatabaseUnavailable):
    """Its tables are not those of this version."""


def shown(url: URL) -> str:
    """A database URL that may stand in a log."""
    return url.render_as_string(hide_password=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A look at the database.

    Raises:
        DatabaseUnavailable: see the tree above.
    """
    with explained(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it or nothing.

    Raises:
        DatabaseUnavailable: see the tree above.
    """
    with explained(engine), engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


def line_up(connection: Connection) -> None:
    """Wait for the turn to append events; held until the transaction ends.

    SQLite has one writer anyway. PostgreSQL would let two in at once, and the event with the higher ``seq`` could
    become visible first: a reader that goes on after it would miss the lower one for ever.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN)


def next_value(connection: Connection, name: str) -> int:
    """One more of the named count, from 1; only after ``line_up``. Rolled back with its transaction: no gaps."""
    found = connection.execute(_NEXT, {"of_name": name}).scalar_one_or_none()
    if found is not None:
        return int(found)
    connection.execute(counter.insert().values(name=name, value=1))
    return 1


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert unless it is there; True when it was new."""
    return connection.execute(_insert_new(table, connection.dialect.name), dict(row)).first() is not None


def insert_or_replace(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert each row, or put it in the place of the one with its primary key."""
    connection.execute(_insert_or_replace(table, connection.dialect.name), [dict(row) for row in rows])


@cache
def _insert_new(table: Table, dialect: str) -> Executable:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table).on_conflict_do_nothing().returning(*table.primary_key.columns)


@cache
def _insert_or_replace(table: Table, dialect: str) -> Executable:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn what the driver says into an error that names the database and the mend."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable(
            f"database {shown(engine.url)} is busy: no connection became free; try again, or lower the load"
        ) from error
    except DBAPIError as error:
        explanation = _explanation(error, shown(engine.url))
        if explanation is None:
            raise
        raise explanation from error


def _explanation(error: DBAPIError, name: str) -> DatabaseUnavailable | None:
    said = str(error.orig)
    state: Any = getattr(error.orig, "sqlstate", None)
    if "database or disk is full" in said or state == "53100":
        return DatabaseFull(f"database {name} has no space left; free space on its disk, nothing was written")
    if "readonly database" in said or state == "25006":
        return DatabaseReadOnly(
            f"database {name} is read-only; give this user the right to write the file and its folder"
        )
    if "database is locked" in said or state == "55P03":
        return DatabaseUnavailable(f"database {name} is locked by another program; end that program or try again")
    if "no such table" in said or "no such column" in said or state in ("42P01", "42703"):
        return DatabaseOutdated(f"database {name} lacks tables of this version; run the migration (start the API once)")
    if "not a database" in said or "malformed" in said:
        return DatabaseUnavailable(f"database {name} is not a sound SQLite file; restore it from its backup")
    if "unable to open database file" in said:
        return DatabaseUnavailable(f"database {name} cannot be opened; check the path and the rights on its folder")
    if "disk I/O error" in said:
        return DatabaseUnavailable(f"database {name} cannot be read or written (disk I/O error); check its disk")
    if state == "42501":
        return DatabaseUnavailable(f"database {name} refuses this user; grant it rights on the tables")
    is_away = error.connection_invalidated or (state is None and _is_psycopg_trouble(error)) or _is_server_state(state)
    if is_away:
        return DatabaseUnavailable(f"database {name} does not answer; start it, and check host, user and password")
    return None


def _is_psycopg_trouble(error: DBAPIError) -> bool:
    kind = type(error.orig)
    return kind.__module__.startswith("psycopg") and kind.__name__ in ("OperationalError", "ConnectionTimeout")


def _is_server_state(state: str | None) -> bool:
    """Connection, authorisation, resource and shutdown states (SQLSTATE classes; 3D: no such database)."""
    return state is not None and state[:2] in ("08", "28", "3D", "53", "57")
