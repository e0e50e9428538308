"""Case events as they happen: a stream that goes on where it broke off."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from gridpatrol_client.calls import Operation, check
from gridpatrol_client.errors import Away, ClientError, Strange
from gridpatrol_client.models import CaseEvent

FOLLOW = Operation("GET", "/api/v1/events", query=("after",), headers=("Last-Event-ID",))
SILENCE_S = 90.0
"""The server says something at least every minute; after so much silence the stream is opened anew."""
WAITS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
LONGEST_LINE = 4_000_000


@dataclass(frozen=True, slots=True)
class Greeting:
    """First on every stream."""

    seq: int
    was_reset: bool
    """The server does not know the event that was named (a restored database): load everything again."""


@dataclass(frozen=True, slots=True)
class CaseHappened:
    """One event; keep ``event.seq`` and give it as ``after`` to go on after it another day."""

    event: CaseEvent


def follow(
    http: httpx.Client,
    after: int | None,
    give_up_after_s: float | None,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Greeting | CaseHappened]:
    """Every event after ``after``, each once, over broken connections.

    Raises:
        KeyRefused, Refused: coming back would not help.
        Away: no stream for ``give_up_after_s``.
    """
    last, failures, away_since_s = after, 0, time.monotonic()
    while True:
        try:
            for item in _stream(http, last):
                failures, away_since_s = 0, time.monotonic()
                last = item.seq if isinstance(item, Greeting) else item.event.seq
                yield item
            trouble: ClientError = Away("the stream ended")
        except Away as error:
            trouble = error
        except httpx.HTTPError as error:
            trouble = Away(f"no stream ({type(error).__name__})")
        if give_up_after_s is not None and time.monotonic() - away_since_s >= give_up_after_s:
            raise trouble
        pause(max(WAITS_S[min(failures, len(WAITS_S) - 1)], trouble.retry_after_s or 0.0))
        failures += 1


def _stream(http: httpx.Client, last: int | None) -> Iterator[Greeting | CaseHappened]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    timeout = httpx.Timeout(http.timeout.connect, read=SILENCE_S)
    with http.stream(FOLLOW.method, FOLLOW.path, headers=headers, timeout=timeout) as answer:
        if not answer.is_success:
            answer.read()
        check(answer)
        name, data = "", ""
        for line in answer.iter_lines():
            if len(line) > LONGEST_LINE:
                raise Strange(f"a line of {len(line)} characters; that is not Gridpatrol's stream")
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                item = _item(name, data)
                name, data = "", ""
                if item is not None:
                    yield item
            elif field == "event":
                name = value
            elif field == "data":
                data = f"{data}\n{value}" if data else value


def _item(name: str, data: str) -> Greeting | CaseHappened | None:
    """What a block tells; kinds that a newer server may have are passed over."""
    try:
        if name == "case":
            return CaseHappened(CaseEvent.model_validate_json(data))
        if name == "hello":
            told = json.loads(data)
            return Greeting(int(told["seq"]), bool(told["reset"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Strange(f"an event that this client does not know ({name}); update it") from error
    return None
