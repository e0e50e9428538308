"""Keys, one-time log-ins and sessions, on both engines."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from cases.keys import ApiKeyStore, KeyHolder, KeyRefused, Scope
from tests.cases.reports import NOON, minute


@pytest.fixture
def keys(engine: Engine) -> ApiKeyStore:
    return ApiKeyStore(engine)


def test_a_new_key_opens_what_its_scopes_say(keys: ApiKeyStore) -> None:
    plain = keys.create("worker-1", [Scope.WORKER, Scope.READ], NOON)
    assert plain.startswith("gp_")
    assert len(plain) >= 3 + 43, "256 random bits"
    assert keys.verify(plain, NOON) == KeyHolder("worker-1", frozenset({Scope.WORKER, Scope.READ}))


@pytest.mark.parametrize("wrong", ["", "gp_", "gp_nonsense", "路口", "\x00", "\ud800", "x" * 10_000])
def test_a_wrong_key_opens_nothing(keys: ApiKeyStore, wrong: str) -> None:
    keys.create("worker-1", [Scope.WORKER], NOON)
    assert keys.verify(wrong, NOON) is None
    assert keys.session(wrong, NOON) is None
    assert keys.redeem_login(wrong, NOON) is None


@pytest.mark.parametrize(
    ("held", "opened"),
    [
        ({Scope.WORKER}, {Scope.WORKER}),
        ({Scope.READ}, {Scope.READ}),
        ({Scope.OPERATOR}, {Scope.OPERATOR, Scope.READ}),
        ({Scope.ADMIN}, set(Scope)),
    ],
    ids=["worker", "read", "operator", "admin"],
)
def test_what_each_scope_opens(held: set[Scope], opened: set[Scope]) -> None:
    holder = KeyHolder("someone", frozenset(held))
    assert {scope for scope in Scope if holder.may(scope)} == opened


def test_only_hashes_are_kept(keys: ApiKeyStore, engine: Engine) -> None:
    holder = KeyHolder("duty", frozenset({Scope.OPERATOR}))
    secrets = [
        keys.create("worker-1", [Scope.WORKER], NOON),
        keys.create_login("duty", [Scope.OPERATOR], NOON),
        keys.create_session(holder, NOON),
    ]
    with engine.connect() as connection:
        kept = "".join(
            str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608  # three own names
            for table in ("api_key", "login_token", "session")
        )
    for secret in secrets:
        assert secret not in kept
        assert hashlib.sha256(secret.encode()).hexdigest() in kept


def test_an_expired_key_opens_nothing(keys: ApiKeyStore) -> None:
    plain = keys.create("guest", [Scope.READ], NOON, expires_at=minute(5))
    assert keys.verify(plain, minute(4.9)) is not None
    assert keys.verify(plain, minute(5)) is None


def test_a_revoked_key_opens_nothing_and_its_name_is_free_again(keys: ApiKeyStore) -> None:
    first = keys.create("worker-1", [Scope.WORKER], NOON)
    keys.revoke("worker-1", minute(1))
    second = keys.create("worker-1", [Scope.WORKER], minute(2))
    assert keys.verify(first, minute(3)) is None
    assert keys.verify(second, minute(3)) is not None
    assert [(info.name, info.revoked_at) for info in keys.list()] == [("worker-1", minute(1)), ("worker-1", None)]


def test_revoking_ends_the_names_sessions_and_logins_too(keys: ApiKeyStore) -> None:
    token = keys.create_login("duty", [Scope.OPERATOR], NOON)
    cookie = keys.create_session(KeyHolder("duty", frozenset({Scope.OPERATOR})), NOON)
    keys.revoke("duty", minute(1))
    assert keys.session(cookie, minute(1)) is None
    assert keys.redeem_login(token, minute(1)) is None


def test_revoking_nobody_is_refused_by_name(keys: ApiKeyStore) -> None:
    with pytest.raises(KeyRefused, match="nobody"):
        keys.revoke("nobody", NOON)


def test_a_name_in_use_is_refused(keys: ApiKeyStore) -> None:
    keys.create("worker-1", [Scope.WORKER], NOON)
    with pytest.raises(KeyRefused, match=r"worker-1.*revoke it first"):
        keys.create("worker-1", [Scope.READ], NOON)


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb"])
def test_an_unusable_name_is_refused(keys: ApiKeyStore, name: str) -> None:
    with pytest.raises(KeyRefused, match="not usable"):
        keys.create(name, [Scope.READ], NOON)


def test_a_key_without_a_scope_is_refused(keys: ApiKeyStore) -> None:
    with pytest.raises(KeyRefused, match="worker, read, operator, admin"):
        keys.create("worker-1", [], NOON)


def test_a_login_token_works_once(keys: ApiKeyStore) -> None:
    token = keys.create_login("duty", [Scope.OPERATOR], NOON)
    assert keys.redeem_login(token, minute(1)) == KeyHolder("duty", frozenset({Scope.OPERATOR}))
    assert keys.redeem_login(token, minute(1)) is None


def test_of_two_browsers_with_one_login_token_one_comes_in(keys: ApiKeyStore) -> None:
    token = keys.create_login("duty", [Scope.OPERATOR], NOON)
    with ThreadPoolExecutor(4) as pool:
        holders = list(pool.map(lambda _: keys.redeem_login(token, NOON), range(4)))
    assert sum(holder is not None for holder in holders) == 1


def test_a_login_token_expires(keys: ApiKeyStore) -> None:
    token = keys.create_login("duty", [Scope.OPERATOR], NOON, ttl_s=60)
    assert keys.redeem_login(token, minute(1)) is None


def test_a_session_lives_until_it_ends_and_carries_its_own_csrf_token(keys: ApiKeyStore) -> None:
    holder = KeyHolder("duty", frozenset({Scope.OPERATOR}))
    cookie, other = (keys.create_session(holder, NOON, ttl_s=60) for _ in range(2))
    session, second = keys.session(cookie, NOON), keys.session(other, NOON)
    assert session is not None
    assert second is not None
    assert session.holder == holder
    assert session.expires_at == minute(1)
    assert session.csrf_token not in (second.csrf_token, cookie)
    assert keys.session(cookie, minute(1)) is None
    keys.end_session(other)
    keys.end_session(other)
    assert keys.session(other, NOON) is None


def test_sessions_that_have_expired_are_swept_away(keys: ApiKeyStore, engine: Engine) -> None:
    holder = KeyHolder("duty", frozenset({Scope.READ}))
    for count in range(3):
        keys.create_session(holder, minute(count), ttl_s=30)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM session")).scalar_one() == 1


def test_a_key_that_was_verified_is_trusted_for_a_moment_and_forgotten_when_it_is_revoked(keys: ApiKeyStore) -> None:
    plain = keys.create("worker-1", [Scope.WORKER], NOON, expires_at=minute(5))
    assert keys.verified_lately(plain, NOON) is None, "nobody has asked the database yet"
    holder = keys.verify(plain, NOON)
    assert holder is not None
    assert keys.verified_lately(plain, minute(1)) == holder
    assert keys.verified_lately(plain, minute(5)) is None, "it has expired since"
    assert keys.verified_lately(plain + "x", NOON) is None
    keys.revoke("worker-1", NOON)
    assert keys.verified_lately(plain, NOON) is None


def test_a_key_that_another_process_revokes_is_trusted_no_longer_than_a_moment(
    keys: ApiKeyStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = keys.create("worker-1", [Scope.WORKER], NOON)
    assert keys.verify(plain, NOON) is not None
    ApiKeyStore(engine).revoke("worker-1", NOON)
    monkeypatch.setattr("cases.keys.TRUSTED_S", 0.0)
    assert keys.verified_lately(plain, NOON) is None
    assert keys.verify(plain, NOON) is None
