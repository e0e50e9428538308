"""Passwords: their rules, and argon2id over them.

A password is short and guessable, so its hash is slow on purpose; keys and cookies are 256 random bits and need no such
thing (``cases.keys``). The parameters are above OWASP's least (19 MiB, two passes, one lane).
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from cases.access.errors import PasswordRefused, SignInBusy

TIME_COST = 3
MEMORY_KIB = 24_576
LANES = 1
SHORTEST, LONGEST = 10, 128
FEWEST_KINDS = 5
"""Different characters that a password has at least."""
AT_ONCE = 2
"""Hashes worked out at the same time: memory and processor stay bounded, whoever knocks."""
WAIT_S = 10.0
INITIAL_CHARS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of an initial password: nothing that is read for something else."""
COMMON = frozenset(
    {
        "password",
        "passw0rd",
        "qwertyuiop",
        "qwerty123",
        "1234567890",
        "0123456789",
        "0987654321",
        "admin12345",
        "administrator",
        "letmein",
        "iloveyou",
        "woaini1314",
        "5201314",
        "gridpatrol",
        "abc123456",
        "a123456789",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "changeme",
        "welcome",
    }
)
"""What a guesser tries first; a password may not be one of them, alone, repeated or with figures at its end."""

_hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)
_places = threading.BoundedSemaphore(AT_ONCE)


def check_rules(password: str, login: str, display_name: str = "") -> None:
    """
    Raises:
        PasswordRefused: it does not keep the rules; the text says which.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise PasswordRefused(
            f"a password has {SHORTEST} to {LONGEST} characters; take a longer one, such as four words"
        )
    if any(unicodedata.category(each).startswith("C") for each in plain):
        raise PasswordRefused("a password has no control characters; type it anew")
    if len(set(plain)) < FEWEST_KINDS:
        raise PasswordRefused(f"a password has at least {FEWEST_KINDS} different characters; take another")
    folded = plain.casefold()
    if any(len(name.encode()) >= 3 and name.casefold() in folded for name in (login, display_name)):
        raise PasswordRefused("a password does not hold its owner's name; take another")
    core = folded.rstrip("0123456789!@#$%^&*._-")
    if folded in COMMON or core in COMMON or any(folded == word * (len(folded) // len(word)) for word in COMMON):
        raise PasswordRefused("that password is among the first that are guessed; take another, such as four words")


def hash_of(password: str) -> str:
    """What is kept of a password: argon2id, salt and parameters in one text.

    Raises:
        SignInBusy: every place for this work stayed taken.
    """
    with _place():
        return _hasher.hash(_normal(password))


def matches(password: str, kept: str) -> bool:
    """Whether it is that password; takes as long for a wrong one.

    Raises:
        SignInBusy: every place for this work stayed taken.
    """
    if len(password) > 4 * LONGEST:
        password = ""
    with _place():
        try:
            return _hasher.verify(kept, _normal(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """It was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def initial_password() -> str:
    """Sixteen characters (79 bits) to hand over once; its owner has to change it."""
    return "-".join("".join(secrets.choice(INITIAL_CHARS) for _ in range(4)) for _ in range(4))


def nobodys_hash() -> str:
    """What an unknown person's password is compared with, so that the answer takes as long."""
    global _nobody
    if _nobody is None:
        _nobody = hash_of(secrets.token_urlsafe(32))
    return _nobody


_nobody: str | None = None


def _normal(password: str) -> str:
    """One spelling of what looks the same on every keyboard."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_S):
        raise SignInBusy("too many people sign in at once; try again in a minute")
    try:
        yield
    finally:
        _places.release()
