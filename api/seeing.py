"""What a caller sees of the cases: someone of a handling unit sees their own unit's, everybody else all."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from anyio.to_thread import run_sync

from api.callers import Caller
from api.event_feed import Heartbeat, Hello
from api.rooms import Rooms
from cases.access.holder import KeyHolder
from cases.case import Case, CaseEvent
from cases.queries import CaseQuery
from core.errors import CaseNotFound

NO_UNIT = "\x01"
"""No case has it: units are printable."""


def seen_query(caller: Caller, query: CaseQuery) -> CaseQuery:
    """The same question, asked of what the caller sees."""
    holder = caller.holder
    return replace(query, unit=holder.unit or NO_UNIT) if holder.is_bound else query


def check_seen(caller: Caller, case: Case) -> None:
    """
    Raises:
        CaseNotFound: it is another unit's: for this caller there is no such case.
    """
    if not caller.holder.sees_unit(case.unit):
        raise CaseNotFound(f"case {case.id} is not one of your unit's; take an id from the list of cases")


def seen_events(
    said: AsyncGenerator[Hello | CaseEvent | Heartbeat, None], rooms: Rooms, holder: KeyHolder
) -> AsyncGenerator[Hello | CaseEvent | Heartbeat, None]:
    """The stream without what the caller does not see."""
    return _only_own(said, rooms, holder) if holder.is_bound else said


async def _only_own(
    said: AsyncGenerator[Hello | CaseEvent | Heartbeat, None], rooms: Rooms, holder: KeyHolder
) -> AsyncGenerator[Hello | CaseEvent | Heartbeat, None]:
    async with aclosing(said):
        async for item in said:
            if isinstance(item, CaseEvent):
                case = await run_sync(rooms.store.get_case, item.case_id)
                if not holder.sees_unit(case.unit):
                    continue
            yield item
