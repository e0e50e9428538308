"""What the access room refuses.

PatrolError
├── PersonRefused       a login, role, password or code that cannot be
│   └── PasswordRefused
├── PersonUnknown
├── PersonTaken         the login is in use
├── PersonMovedOn       changed since it was read
├── LastAdmin           nobody would be left to let people in
├── SignInRefused       name, password or code is wrong; which one is not said
├── SignInLocked        too many failures; the text says how long
├── SignInBusy          too many sign-ins at once
├── SessionUnknown
├── ReasonMissing       a sealed picture, and nobody said why
└── SecondFactorOff     no key to seal its secret with
"""

from core.errors import PatrolError


class PersonRefused(PatrolError):
    """A person cannot be so."""


class PasswordRefused(PersonRefused):
    """The password does not keep the rules; the text never repeats it."""


class PersonUnknown(PatrolError):
    """Nobody has that login."""


class PersonTaken(PatrolError):
    """The login is in use."""


class PersonMovedOn(PatrolError):
    """Somebody else changed the person since."""


class LastAdmin(PatrolError):
    """The last person who may let others in stays one."""


class SignInRefused(PatrolError):
    """Name, password or code is wrong; which one is never said."""


class SignInLocked(PatrolError):
    """Too many failures from there, or for that name."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, round(wait_s))
        super().__init__(f"too many failed sign-ins; try again in {self.wait_s} s, or ask an admin to unlock the name")


class SignInBusy(PatrolError):
    """Every place for checking a password is taken."""


class SessionUnknown(PatrolError):
    """No session of that id is in force."""


class ReasonMissing(PatrolError):
    """A sealed picture was asked for without a usable reason."""


class SecondFactorOff(PatrolError):
    """This process has no key to seal a second factor's secret with."""
