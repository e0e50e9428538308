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
├── SingleSignOnRefused proven elsewhere, and not let in here
├── SessionUnknown
├── ReasonMissing       a sealed picture, and nobody said why
└── SecondFactorOff     no key to seal its secret with
"""

from enum import StrEnum

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


class WhyNot(StrEnum):
    """Why somebody whom the city's single sign-on knows is not let in here."""

    UNKNOWN = "unknown"
    """Nobody here, and the provider's groups make nobody."""
    TAKEN = "taken"
    """The login is somebody's here who does not come in that way."""
    NO_ROLE = "no-role"
    """None of the account's groups is a role here."""
    OFF = "off"
    LAST_ADMIN = "last-admin"
    """The groups would take the last admin away."""
    UNUSABLE = "unusable"
    """Login, name or unit cannot be kept as the provider writes them."""
    FULL = "full"


_MENDS = {
    WhyNot.UNKNOWN: "nobody here comes in with that account; an admin adds them with single sign-on",
    WhyNot.TAKEN: "the login is in use here by another way in; an admin switches single sign-on on for it",
    WhyNot.NO_ROLE: "none of the account's groups gives a role here; whoever keeps the accounts adds one",
    WhyNot.OFF: "the person is switched off here; an admin can let them in again",
    WhyNot.LAST_ADMIN: "the groups would take the last admin away; make somebody else an admin first",
    WhyNot.UNUSABLE: "the account cannot be kept as the provider writes it; whoever keeps the accounts mends it",
    WhyNot.FULL: "there are as many people as are kept; an admin switches off and reuses a login",
}


class SingleSignOnRefused(PatrolError):
    """Proven elsewhere, and not let in here."""

    def __init__(self, why: WhyNot, login: str = "", detail: str = "") -> None:
        self.why = why
        self.login = login
        """Of the person here; empty where there is none."""
        super().__init__(detail or _MENDS[why])


class SessionUnknown(PatrolError):
    """No session of that id is in force."""


class ReasonMissing(PatrolError):
    """A sealed picture was asked for without a usable reason."""


class SecondFactorOff(PatrolError):
    """This process has no key to seal a second factor's secret with."""
