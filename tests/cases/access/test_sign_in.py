"""The door: who gets in, who is shut out and for how long, and that it tells nobody who exists."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from cases.access import lockout, passwords
from cases.access.audit_log import AuditQuery
from cases.access.errors import SessionUnknown, SignInBusy, SignInLocked, SignInRefused
from cases.access.holder import Scope
from cases.access.house import AccessHouse
from cases.access.lockout import LockRules, address_subject
from cases.access.people import PersonDraft
from cases.access.second_factor import code_at
from cases.access.sessions import Origin
from cases.access.sign_in import SignedIn, SignIn
from cases.access.tables import sign_in_failure
from cases.keys import KeyHolder
from cases.roles import Role
from tests.cases.reports import NOON

LI = PersonDraft("li.min", "李敏", frozenset({Role.ACCEPTOR}))
HERE = Origin("192.0.2.1", "Firefox")


@pytest.fixture
def password(access: AccessHouse) -> str:
    """Li Min is known; what she types."""
    return access.people.add(LI, "test", NOON)[1]


def enter(access: AccessHouse, password: str, code: str = "", at: datetime = NOON, origin: Origin = HERE) -> SignedIn:
    return access.door.sign_in(SignIn("li.min", password, code), origin, at, 600.0)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def fail(access: AccessHouse, login: str, times: int, at: datetime = NOON, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            access.door.sign_in(SignIn(login, "wrong wrong wrong"), Origin(address), at, 600.0)


def test_a_person_gets_in_with_what_the_roles_open(access: AccessHouse, password: str) -> None:
    session = access.sessions.find(enter(access, password).token, NOON)
    assert session is not None
    holder = session.holder
    assert (holder.name, holder.display_name, holder.roles) == ("li.min", "李敏", frozenset({Role.ACCEPTOR}))
    assert [scope for scope in Scope if holder.may(scope)] == [Scope.READ, Scope.OPERATOR]
    assert session.must_change
    (entry,) = access.log.page(AuditQuery(action="session.open"))
    assert (entry.actor, entry.data["address"]) == ("person:li.min", "192.0.2.1")


def test_what_an_admin_changes_counts_at_once(access: AccessHouse, password: str) -> None:
    token = enter(access, password).token
    access.people.change(replace(LI, roles=frozenset({Role.HANDLING_UNIT}), unit="三中队"), None, "a", NOON)
    session = access.sessions.find(token, NOON)
    assert session is not None
    assert session.holder.is_bound
    assert session.holder.sees_unit("三中队")
    assert not session.holder.sees_unit("四中队")
    assert not session.holder.sees_unit(None)
    access.people.change(replace(LI, is_active=False), None, "a", NOON)
    assert access.sessions.find(token, NOON) is None
    with pytest.raises(SignInRefused):
        enter(access, password)


def test_an_unknown_name_a_wrong_password_and_one_switched_off_are_refused_alike(
    access: AccessHouse, password: str
) -> None:
    said = set()
    access.people.add(replace(LI, login="off", is_active=False), "a", NOON, "four good words here")
    for login, typed in (("li.min", "wrong wrong"), ("nobody", "wrong wrong"), ("off", "four good words here")):
        with pytest.raises(SignInRefused) as raised:
            access.door.sign_in(SignIn(login, typed), HERE, NOON, 600.0)
        said.add(str(raised.value))
    assert len(said) == 1


def test_an_unknown_name_costs_one_hash_like_a_known_one(
    access: AccessHouse, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.nobodys_hash()
    compared: list[str] = []
    real = passwords.matches

    def counted(typed: str, kept: str) -> bool:
        compared.append(kept.split("$")[3])
        return real(typed, kept)

    monkeypatch.setattr("cases.access.sign_in.matches", counted)
    fail(access, "li.min", 1)
    fail(access, "nobody", 1)
    assert len(compared) == 2
    assert compared[0] == compared[1], "the same parameters, so the same time"


@pytest.mark.parametrize("login", ["li.min", "nobody"])
def test_a_name_is_shut_out_after_its_failures_whether_anybody_has_it_or_not(
    access: AccessHouse, password: str, login: str
) -> None:
    fail(access, login, 3)
    with pytest.raises(SignInLocked) as locked:
        access.door.sign_in(SignIn(login, password), Origin("198.51.100.9"), after(10), 600.0)
    assert locked.value.wait_s == 20
    fail(access, login, 1, after(31), "198.51.100.9")
    with pytest.raises(SignInLocked) as locked:
        access.door.sign_in(SignIn(login, password), Origin("198.51.100.9"), after(32), 600.0)
    assert locked.value.wait_s == 59, "each failure more doubles the wait"


def test_the_right_password_after_the_wait_clears_the_name(access: AccessHouse, password: str) -> None:
    fail(access, "li.min", 3)
    enter(access, password, at=after(31))
    fail(access, "li.min", 2, after(32))
    enter(access, password, at=after(33))


def test_an_admin_ends_a_lock_out_at_once(access: AccessHouse, password: str) -> None:
    fail(access, "li.min", 3)
    assert access.credentials.locked_until("li.min", NOON) == after(30)
    assert access.credentials.unlock("li.min", "person:boss", NOON)
    enter(access, password)


def test_an_address_is_shut_out_whatever_names_it_tries_and_others_are_not(access: AccessHouse, password: str) -> None:
    for number in range(6):
        fail(access, f"guess{number}", 1)
    with pytest.raises(SignInLocked):
        enter(access, password)
    enter(access, password, origin=Origin("198.51.100.9"))


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "address:192.0.2.1"),
        ("::ffff:192.0.2.1", "address:192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
        ("", "address:unknown"),
        ("x" * 500, "address:unknown"),
    ],
)
def test_an_address_counts_as_its_household(address: str, counted_as: str) -> None:
    assert address_subject(address) == counted_as


def test_tries_side_by_side_cannot_outrun_the_count(access: AccessHouse, password: str) -> None:
    def knock(_: int) -> str:
        try:
            access.door.sign_in(SignIn("li.min", "wrong wrong wrong"), HERE, NOON, 600.0)
        except (SignInRefused, SignInLocked) as refused:
            return type(refused).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(knock, range(8)))
    assert outcomes.count("SignInRefused") == 3
    assert outcomes.count("SignInLocked") == 5


def test_failures_take_a_bounded_room(access: AccessHouse, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "MOST_ROWS", 6)
    for number in range(8):
        fail(access, f"guess{number}", 1, after(number), f"198.51.100.{number}")
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(sign_in_failure)).scalar_one() <= 6


def test_old_failures_are_forgotten(access: AccessHouse, password: str, engine: Engine) -> None:
    fail(access, "li.min", 2)
    fail(access, "li.min", 2, after(3601))
    enter(access, password, at=after(3602))


def test_waits_double_up_to_the_longest() -> None:
    rules = LockRules()
    assert [rules.lock_s(failures, 5) for failures in (4, 5, 6, 7, 100)] == [0, 30, 60, 120, 900]


def test_a_failure_is_audited_without_the_name_that_nobody_has(access: AccessHouse, password: str) -> None:
    fail(access, "my secret password", 1)
    fail(access, "li.min", 3)
    entries = list(access.log.oldest_first(AuditQuery(action="sign_in.")))
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("sign_in.refused", "person:?"),
        ("sign_in.refused", "person:li.min"),
        ("sign_in.refused", "person:li.min"),
        ("sign_in.locked", "person:li.min"),
    ]
    assert "secret password" not in str(entries)


def test_when_every_place_is_taken_the_next_is_asked_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    for _ in range(passwords.AT_ONCE):
        assert passwords._places.acquire(blocking=False)
    try:
        with pytest.raises(SignInBusy):
            passwords.matches("x", passwords.COMMON.__class__.__name__)
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._places.release()


def test_a_code_is_asked_for_and_taken_once(access: AccessHouse, password: str) -> None:
    secret, _ = access.credentials.start_second_factor("li.min")
    access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    with pytest.raises(SignInRefused):
        enter(access, password)
    with pytest.raises(SignInRefused):
        enter(access, password, code_at(secret, NOON))  # the one that turned it on
    later = after(60)
    enter(access, password, code_at(secret, later), later)
    with pytest.raises(SignInRefused):
        enter(access, password, code_at(secret, later), later)
    with pytest.raises(SignInRefused):
        enter(access, password, code_at(secret, after(300)), after(600))


def test_a_recovery_code_opens_once(access: AccessHouse, password: str) -> None:
    secret, _ = access.credentials.start_second_factor("li.min")
    first, *_ = access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    enter(access, password, first.upper().replace("-", " "))
    with pytest.raises(SignInRefused):
        enter(access, password, first)
    assert access.credentials.recovery_codes_left("li.min") == 9


def test_a_session_that_is_not_used_ends_and_one_that_is_goes_on(access: AccessHouse, password: str) -> None:
    signed_in = access.door.sign_in(SignIn("li.min", password), HERE, NOON, 10_000.0)
    assert access.sessions.find(signed_in.token, after(3000)) is not None
    assert access.sessions.find(signed_in.token, after(6000)) is not None
    assert access.sessions.find(signed_in.token, after(9000), is_use=False) is not None
    assert access.sessions.find(signed_in.token, after(9601)) is None, "looking again was no use"
    again = enter(access, password, at=after(9700))
    assert access.sessions.find(again.token, after(9700 + 601)) is None, "its own end counts, used or not"


def test_sessions_are_listed_and_ended_one_by_one(access: AccessHouse, password: str) -> None:
    first, second = (enter(access, password, origin=Origin("192.0.2.1", agent)).token for agent in ("A\n", "B"))
    listed = access.sessions.list(NOON, "li.min")
    assert {session.agent for session in listed} == {"A", "B"}
    mine = access.sessions.find(first, NOON)
    assert mine is not None
    access.credentials.end_session(mine.id, "person:boss", NOON)
    assert access.sessions.find(first, NOON) is None
    assert access.sessions.find(second, NOON) is not None
    for unknown in (mine.id, "", "%" * 16):
        with pytest.raises(SessionUnknown):
            access.credentials.end_session(unknown, "person:boss", NOON)


def test_a_one_time_links_roles_stay_with_its_session(access: AccessHouse) -> None:
    desk = KeyHolder("desk", frozenset({Scope.OPERATOR}), granted=frozenset(Role))
    session = access.sessions.find(access.sessions.create(desk, NOON, 600.0), NOON)
    assert session is not None
    assert session.holder == desk
