"""What the database is, for whoever looks after it: kind, version, step of its tables, size."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text

from cases.transactions import reading


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """One database."""

    kind: str
    """``sqlite`` or ``postgresql``."""
    version: str
    revision: str
    """Step of the tables, as alembic names it; empty where none was taken."""
    size_bytes: int


def database_facts(engine: Engine) -> DatabaseFacts:
    """
    Raises:
        DatabaseUnavailable: it cannot be asked.
    """
    with reading(engine) as connection:
        kind = engine.dialect.name
        size = _sqlite_size(connection) if kind == "sqlite" else _postgres_size(connection)
        version = ".".join(str(part) for part in engine.dialect.server_version_info or ())
        has_steps = inspect(connection).has_table("alembic_version")
        step = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if has_steps else None
    return DatabaseFacts(kind, version, str(step or ""), size)


def _sqlite_size(connection: Connection) -> int:
    pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    return pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def _postgres_size(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
