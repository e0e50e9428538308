"""What keeps strangers at the door from costing too much: places for so many at once, and wrong codes counted."""

from datetime import timedelta

import anyio
import pytest

from api.oidc.guesses import Guesses
from api.sign_in_places import Places
from cases.access.errors import SignInBusy, SignInLocked
from cases.access.lockout import LockRules
from tests.api.city import NOON


async def hold(places: Places, held: anyio.Event, done: anyio.Event) -> None:
    async with places.one():
        held.set()
        await done.wait()


def test_so_many_have_a_place_so_many_wait_and_one_more_is_sent_away_at_once() -> None:
    async def visit() -> None:
        places = Places(at_once=1, most_waiting=1, wait_s=60)
        first, second, done = anyio.Event(), anyio.Event(), anyio.Event()
        async with anyio.create_task_group() as visitors:
            visitors.start_soon(hold, places, first, done)
            await first.wait()
            visitors.start_soon(hold, places, second, done)
            await anyio.wait_all_tasks_blocked()
            assert not second.is_set()
            with pytest.raises(SignInBusy):
                async with places.one():
                    pass
            done.set()
            await second.wait()
        async with places.one():
            pass

    anyio.run(visit)


def test_who_waits_too_long_or_goes_away_gives_the_room_back() -> None:
    async def visit() -> None:
        places = Places(at_once=1, most_waiting=1, wait_s=0)
        async with places.one():
            for _ in range(3):
                with pytest.raises(SignInBusy):
                    async with places.one():
                        pass
        patient = Places(at_once=1, most_waiting=1, wait_s=60)
        async with patient.one():
            for _ in range(3):
                with anyio.CancelScope() as gone:
                    gone.cancel()
                    async with patient.one():
                        pass
                assert gone.cancelled_caught
        async with patient.one():
            pass

    anyio.run(visit)


def locked_s(guesses: Guesses, address: str, after_s: float = 0.0) -> int:
    try:
        guesses.check(address, NOON + timedelta(seconds=after_s))
    except SignInLocked as locked:
        return locked.wait_s
    return 0


def test_wrong_codes_are_counted_by_address_and_forgotten_after_an_hour() -> None:
    guesses = Guesses(LockRules(per_address=3))
    for _ in range(3):
        assert locked_s(guesses, "2001:db8::1") == 0
        guesses.wrong("2001:db8::1", NOON)
    assert locked_s(guesses, "2001:db8::2") == 30, "the same /64"
    assert locked_s(guesses, "2001:db8:1::1") == 0
    assert locked_s(guesses, "2001:db8::1", 30) == 0
    guesses.wrong("2001:db8::1", NOON + timedelta(seconds=3630))
    assert locked_s(guesses, "2001:db8::1", 3630) == 0


def test_so_many_addresses_are_remembered_and_the_silent_go_first() -> None:
    guesses = Guesses(LockRules(per_address=1), most=2)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"):
        guesses.wrong(address, NOON)
    assert len(guesses) == 2
    assert [locked_s(guesses, f"10.0.0.{each}") for each in (1, 2, 3)] == [60, 0, 30]
