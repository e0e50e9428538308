"""Pictures that other tables name, such as citizens' media: as long as such a row is there, its picture stays."""

from collections.abc import Collection, Iterator

from sqlalchemy import Column, Connection, String, select

from cases.keeping.tables import picture_use, removed_picture
from cases.tables import evidence, intake, metadata

SHA256_LENGTH = 64
_LEFT_OUT = {evidence.name, picture_use.name, removed_picture.name, intake.name}
"""Our own; and the postings, whose hash is of their text: millions of rows without an index on it."""


def naming_columns() -> Iterator[Column[str]]:
    """Every column of another part that holds a SHA-256: text of 64 characters whose name ends with ``sha256``.

    Found by its form and not from a list: a table that is added later is safe without a word here. Hashes of keys and
    tokens are among them and name no picture.
    """
    for table in metadata.sorted_tables:
        for column in table.columns:
            is_text = isinstance(column.type, String) and column.type.length == SHA256_LENGTH
            if is_text and column.name.endswith("sha256") and table.name not in _LEFT_OUT:
                yield column


def named_in_tables(connection: Connection, pictures: Collection[str]) -> set[str]:
    """Which of these pictures another table names."""
    found: set[str] = set()
    for column in naming_columns():
        found.update(connection.execute(select(column).where(column.in_(pictures))).scalars())
    return found
