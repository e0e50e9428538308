"""Case events as they happen: server-sent events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Send

from api.callers import CaseReader
from api.case_wire import CaseEventWire
from api.event_feed import Heartbeat, Hello
from api.openapi_answers import refusals
from api.problems import FieldRefused
from api.rooms import RoomsDep
from api.seeing import seen_events
from cases.case import CaseEvent

router = APIRouter(prefix="/api/v1/events", tags=["events"])

RETRY_MS = 2000
"""How long a browser waits before it comes back."""
EXAMPLE_STREAM = (
    f'retry: {RETRY_MS}\nid: 41\nevent: hello\ndata: {{"seq":41,"reset":false}}\n\n'
    'id: 42\nevent: case\ndata: {"seq":42,"case_id":"7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55","kind":"seen",…}\n\n'
    ": alive\n\n"
)


class EventStream(StreamingResponse):
    """Lets go of its place in the feed the moment the client or the server goes away."""

    media_type = "text/event-stream"

    def __init__(self, said: AsyncGenerator[Hello | CaseEvent | Heartbeat, None]) -> None:
        super().__init__(_lines(said), headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._said = said

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._said):
            await super().stream_response(send)


@router.get(
    "",
    summary="Follow case events",
    response_class=StreamingResponse,
    responses=refusals()
    | {200: {"description": "A stream", "content": {"text/event-stream": {"example": EXAMPLE_STREAM}}}},
)
async def follow_events(
    reader: CaseReader,
    rooms: RoomsDep,
    after: Annotated[int | None, Query(ge=0, description="start after this event; 0: from the first")] = None,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", max_length=32, description="sent by browsers; counts before `after`")
    ] = None,
) -> EventStream:
    """`hello` first (`reset`: load everything again), then a `case` per event, a comment line when nothing happens."""
    said = await rooms.feed.open(_resume_at(last_event_id, after), reader.is_still_welcome)
    return EventStream(seen_events(said, rooms, reader.holder))


def _resume_at(last_event_id: str | None, after: int | None) -> int | None:
    if not last_event_id:
        return after
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19):
        raise FieldRefused("Last-Event-ID is not an event's number; send the last `id` of the stream, or leave it out")
    return int(last_event_id)


async def _lines(said: AsyncGenerator[Hello | CaseEvent | Heartbeat, None]) -> AsyncGenerator[str, None]:
    async for item in said:
        if isinstance(item, Hello):
            reset = "true" if item.was_reset else "false"
            yield f'retry: {RETRY_MS}\nid: {item.seq}\nevent: hello\ndata: {{"seq":{item.seq},"reset":{reset}}}\n\n'
        elif isinstance(item, CaseEvent):
            yield f"id: {item.seq}\nevent: case\ndata: {CaseEventWire.of(item).model_dump_json()}\n\n"
        else:
            yield ": alive\n\n"
