"""Walks a chain of hashes from its first row to its last and names the first row that does not hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Row, Table, select

from cases.access.audit import AUDIT_COUNTER
from cases.access.chain import FIRST, link
from cases.access.tables import audit_entry
from cases.tables import case_event, counter
from cases.transactions import EVENT_COUNTER, reading

BATCH = 500
EVENT_COLUMNS = ("seq", "case_id", "kind", "at", "recorded_at", "actor", "data")
ENTRY_COLUMNS = ("seq", "at", "actor", "action", "subject", "data")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at one moment: kept elsewhere, it proves that nothing up to it went or changed."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that does not hold."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What came of the walk."""

    chain: str
    """``audit_entry`` or ``case_event``."""
    rows: int
    head: Head
    """The last row that holds."""
    fault: Fault | None

    @property
    def is_sound(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class _Chain:
    table: Table
    counter: str
    columns: tuple[str, ...]
    fault_of: Callable[[Row[Any], Head], str | None] = field(repr=False)


def verify(engine: Engine, anchors: Mapping[str, Head] | None = None) -> tuple[ChainReport, ...]:
    """Both chains, ``BATCH`` rows in memory at a time; whoever appends meanwhile is not held up.

    Args:
        anchors: heads kept elsewhere, by the chain's name.

    Raises:
        DatabaseUnavailable: it cannot be read.
    """
    kept = anchors or {}
    return tuple(_walk(engine, chain, kept.get(chain.table.name)) for chain in _CHAINS)


def _walk(engine: Engine, chain: _Chain, anchor: Head | None) -> ChainReport:
    given_out = _counted(engine, chain)
    head, rows = Head(0, FIRST), 0
    anchored_at: str | None = FIRST if anchor is not None and anchor.seq == 0 else None
    fault: Fault | None = None
    for row in _rows(engine, chain):
        why = _gap(row.seq, head) or chain.fault_of(row, head)
        if why is None:
            recomputed = link(head.hash, {name: getattr(row, name) for name in chain.columns})
            why = None if row.hash == recomputed else "its content, or that of the row before, is not what was hashed"
        if why is None and anchor is not None and row.seq == anchor.seq:
            anchored_at = row.hash
            if row.hash != anchor.hash:
                why = "its hash is not the anchor's: the chain was written anew since"
        if why is not None:
            fault = Fault(row.seq, why)
            break
        head, rows = Head(row.seq, row.hash), rows + 1
    if fault is None and head.seq < given_out:
        fault = Fault(head.seq + 1, f"the chain ends before it; {given_out} were written")
    if fault is None and head.seq > (now_given := _counted(engine, chain)):
        fault = Fault(head.seq, f"only {now_given} were ever given a number")
    if fault is None and anchor is not None and anchored_at is None:
        fault = Fault(anchor.seq, "the anchor knows this row, and the chain ends before it")
    return ChainReport(chain.table.name, rows, head, fault)


def _rows(engine: Engine, chain: _Chain) -> Iterator[Row[Any]]:
    seq: int | None = None
    while True:
        statement = select(chain.table).order_by(chain.table.c.seq).limit(BATCH)
        if seq is not None:
            statement = statement.where(chain.table.c.seq > seq)
        with reading(engine) as connection:
            rows = connection.execute(statement).all()
        yield from rows
        if len(rows) < BATCH:
            return
        seq = rows[-1].seq


def _counted(engine: Engine, chain: _Chain) -> int:
    with reading(engine) as connection:
        found = connection.execute(select(counter.c.value).where(counter.c.name == chain.counter)).scalar_one_or_none()
    return int(found or 0)


def _gap(seq: int, head: Head) -> str | None:
    return None if seq == head.seq + 1 else f"row {head.seq + 1} is missing before it"


def _fault_of_entry(row: Row[Any], head: Head) -> str | None:
    return None if row.previous_hash == head.hash else "it does not follow from the row before"


def _fault_of_event(row: Row[Any], _head: Head) -> str | None:
    return None if row.hash is not None else "it has no hash"


_CHAINS = (
    _Chain(audit_entry, AUDIT_COUNTER, ENTRY_COLUMNS, _fault_of_entry),
    _Chain(case_event, EVENT_COUNTER, EVENT_COLUMNS, _fault_of_event),
)
