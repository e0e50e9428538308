"""People, their passwords and second factors."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from cases.access.audit_log import AuditQuery
from cases.access.errors import (
    LastAdmin,
    PasswordRefused,
    PersonMovedOn,
    PersonRefused,
    PersonTaken,
    PersonUnknown,
    SecondFactorOff,
    SignInRefused,
)
from cases.access.house import AccessHouse
from cases.access.passwords import LONGEST, check_rules, initial_password
from cases.access.people import PersonDraft
from cases.access.second_factor import code_at
from cases.access.sessions import Origin
from cases.access.sign_in import SignIn
from cases.access.tables import audit_entry
from cases.access.tables import person as table
from cases.keys import ApiKeyStore, KeyRefused, Scope
from cases.roles import Role
from streams.sealing import Sealer
from tests.cases.reports import NOON

LI = PersonDraft("li.min", "李敏", frozenset({Role.ACCEPTOR}))
BOSS = PersonDraft("boss", "王队", frozenset({Role.ADMIN}))
GOOD = "correct horse battery"


def actions(access: AccessHouse) -> list[str]:
    return [entry.action for entry in access.log.oldest_first(AuditQuery())]


def test_a_new_person_has_an_initial_password_that_only_their_change_makes_good(access: AccessHouse) -> None:
    person, initial = access.people.add(replace(LI, login=" Li.Min "), "command line", NOON)
    assert (person.login, person.must_change, person.version) == ("li.min", True, 1)
    access.credentials.change_password("li.min", initial, GOOD, NOON, "192.0.2.1")
    assert not access.people.get("li.min").must_change
    assert actions(access) == ["person.add", "person.password"]


def test_no_secret_is_kept_as_it_is_and_none_is_in_the_log(access: AccessHouse, engine: Engine) -> None:
    _, initial = access.people.add(LI, "command line", NOON)
    access.credentials.change_password("li.min", initial, GOOD, NOON, "192.0.2.1")
    secret, _ = access.credentials.start_second_factor("li.min")
    codes = access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    with engine.connect() as connection:
        kept = "".join(str(connection.execute(select(each)).all()) for each in (table, audit_entry))
    assert "argon2id" in kept
    for plain in (initial, GOOD, secret, *codes):
        assert plain not in kept


@pytest.mark.parametrize("login", ["", "a", "Lǐ", "li min", "-li", "desk", "x" * 65, "li/min", "li\x00min"])
def test_a_login_that_cannot_be_is_refused(access: AccessHouse, login: str) -> None:
    with pytest.raises(PersonRefused, match="login"):
        access.people.add(replace(LI, login=login), "a", NOON)


def test_a_person_needs_a_role_and_a_handling_unit_its_unit(access: AccessHouse) -> None:
    with pytest.raises(PersonRefused, match="no role"):
        access.people.add(replace(LI, roles=frozenset()), "a", NOON)
    with pytest.raises(PersonRefused, match="name the unit"):
        access.people.add(replace(LI, roles=frozenset({Role.HANDLING_UNIT})), "a", NOON)


def test_a_login_is_taken_once_by_a_person_or_a_key(access: AccessHouse, engine: Engine) -> None:
    keys = ApiKeyStore(engine)
    access.people.add(LI, "a", NOON)
    with pytest.raises(PersonTaken, match=r"li\.min"):
        access.people.add(LI, "a", NOON)
    keys.create("dash", [Scope.READ], NOON)
    with pytest.raises(PersonTaken, match="dash"):
        access.people.add(replace(LI, login="dash"), "a", NOON)
    with pytest.raises(KeyRefused, match="person"):
        keys.create("li.min", [Scope.READ], NOON)


def test_a_change_is_audited_with_what_was_and_what_is(access: AccessHouse) -> None:
    access.people.add(LI, "a", NOON)
    roles = frozenset({Role.DISPATCHER, Role.ACCEPTOR})
    changed = access.people.change(replace(LI, roles=roles), 1, "person:boss", NOON)
    assert (changed.roles, changed.version) == (roles, 2)
    entry = access.log.page(AuditQuery(action="person.change"))[0]
    assert (entry.actor, entry.subject) == ("person:boss", "person:li.min")
    assert entry.data == {"roles": [["acceptor"], ["acceptor", "dispatcher"]]}
    with pytest.raises(PersonMovedOn, match="version 2"):
        access.people.change(LI, 1, "a", NOON)
    with pytest.raises(PersonUnknown):
        access.people.change(replace(LI, login="nobody"), None, "a", NOON)


def test_the_last_admin_stays_one(access: AccessHouse) -> None:
    access.people.add(BOSS, "a", NOON)
    access.people.add(LI, "a", NOON)
    for change in (replace(BOSS, is_active=False), replace(BOSS, roles=frozenset({Role.AUDITOR}))):
        with pytest.raises(LastAdmin):
            access.people.change(change, None, "a", NOON)
    access.people.change(replace(LI, roles=frozenset({Role.ADMIN})), None, "a", NOON)
    assert not access.people.change(replace(BOSS, is_active=False), None, "a", NOON).is_active


def test_people_are_listed_page_by_page(access: AccessHouse) -> None:
    for login in ("aa", "bb", "cc"):
        access.people.add(replace(LI, login=login), "a", NOON)
    assert [person.login for person in access.people.list(limit=2)] == ["aa", "bb"]
    assert [person.login for person in access.people.list("bb", 2)] == ["cc"]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "10 to 128"),
        ("x" * (LONGEST + 1), "10 to 128"),
        ("abababababab", "5 different"),
        ("my li.min is here", "owner's name"),
        ("李敏的密码是一二三四", "owner's name"),
        ("Password123!", "guessed"),
        ("letmeinletmein", "guessed"),
        ("good words\x00here", "control"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_without_repeating_it(password: str, said: str) -> None:
    with pytest.raises(PasswordRefused, match=said) as raised:
        check_rules(password, "li.min", "李敏")
    assert password not in str(raised.value)


def test_initial_passwords_keep_the_rules_and_differ() -> None:
    made = {initial_password() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        check_rules(each, "li.min", "李敏")


def test_the_same_password_typed_on_another_keyboard_opens(access: AccessHouse) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    access.credentials.change_password("li.min", initial, "ｗｉｄｅ letters ﬁne", NOON, "192.0.2.1")
    offered = SignIn("LI.MIN ", "wide letters fine")
    assert access.door.sign_in(offered, Origin("192.0.2.1"), NOON, 60.0).person.login == "li.min"


def test_a_change_of_password_needs_the_old_one_and_ends_other_sessions(access: AccessHouse) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    mine, other = (
        access.door.sign_in(SignIn("li.min", initial), Origin("192.0.2.1"), NOON, 600.0).token for _ in range(2)
    )
    with pytest.raises(SignInRefused, match="present password"):
        access.credentials.change_password("li.min", "wrong wrong", GOOD, NOON, "192.0.2.1", but=mine)
    with pytest.raises(PersonRefused, match="old one"):
        access.credentials.change_password("li.min", initial, initial, NOON, "192.0.2.1", but=mine)
    access.credentials.change_password("li.min", initial, GOOD, NOON, "192.0.2.1", but=mine)
    assert access.sessions.find(other, NOON) is None
    kept = access.sessions.find(mine, NOON)
    assert kept is not None
    assert not kept.must_change


def test_a_reset_ends_every_session_and_asks_for_a_change(access: AccessHouse) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    token = access.door.sign_in(SignIn("li.min", initial), Origin("192.0.2.1"), NOON, 600.0).token
    fresh = access.credentials.reset_password("li.min", "person:boss", NOON)
    assert access.sessions.find(token, NOON) is None
    with pytest.raises(SignInRefused):
        access.door.sign_in(SignIn("li.min", initial), Origin("192.0.2.1"), NOON, 600.0)
    assert access.door.sign_in(SignIn("li.min", fresh), Origin("192.0.2.1"), NOON, 600.0).person.must_change


def test_a_second_factor_counts_from_its_first_code_on(access: AccessHouse) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    secret, address = access.credentials.start_second_factor("li.min")
    assert address.startswith(f"otpauth://totp/Gridpatrol:li.min?secret={secret}&")
    assert not access.people.get("li.min").has_second_factor
    with pytest.raises(SignInRefused, match="code is wrong"):
        access.credentials.confirm_second_factor("li.min", "000000", NOON)
    codes = access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    assert len(set(codes)) == 10
    with pytest.raises(PersonRefused, match="already"):
        access.credentials.start_second_factor("li.min")
    with pytest.raises(SignInRefused):
        access.credentials.drop_own_second_factor("li.min", "wrong wrong", NOON, "192.0.2.1")
    access.credentials.drop_own_second_factor("li.min", initial, NOON, "192.0.2.1")
    assert not access.people.get("li.min").has_second_factor


def test_where_nothing_unseals_a_secret_nobody_passes_without_its_code(access: AccessHouse, engine: Engine) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    secret, _ = access.credentials.start_second_factor("li.min")
    access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    keyless = AccessHouse.over(engine)
    with pytest.raises(SecondFactorOff):
        keyless.credentials.start_second_factor("li.min")
    later = NOON + timedelta(minutes=5)
    with pytest.raises(SignInRefused):
        keyless.door.sign_in(SignIn("li.min", initial, code_at(secret, later)), Origin("192.0.2.1"), later, 60.0)


def test_with_the_key_lost_a_code_opens_nothing_like_any_wrong_one_and_a_recovery_code_does(
    access: AccessHouse, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, initial = access.people.add(LI, "a", NOON)
    secret, _ = access.credentials.start_second_factor("li.min")
    recovery, *_ = access.credentials.confirm_second_factor("li.min", code_at(secret, NOON), NOON)
    another = AccessHouse.over(engine, Sealer(tmp_path / "another.key", {}))
    later = NOON + timedelta(minutes=5)
    for password, code in ((initial, code_at(secret, later)), ("wrong wrong", code_at(secret, later)), (initial, "")):
        with pytest.raises(SignInRefused):
            another.door.sign_in(SignIn("li.min", password, code), Origin("192.0.2.1"), later, 60.0)
    assert "second factors cannot be looked at" in caplog.text
    assert secret not in caplog.text
    assert another.door.sign_in(SignIn("li.min", initial, recovery), Origin("192.0.2.1"), later, 60.0).token
