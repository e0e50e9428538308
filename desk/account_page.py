"""Signing in, and one's own account: password, second factor, sessions."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from desk.render import render
from desk.tongue import Words
from desk.visitor import Language, Theme, Visitor


@dataclass(frozen=True, slots=True)
class SignInFailure:
    """Why the door stayed shut, for the page."""

    key: str
    """Of its words: ``login.refused``, ``login.locked``, ``login.oidc.away`` and so on."""
    why_key: str = ""
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-in page keeps from one try to the next."""

    back: str = ""
    """The page of the desk to go on to; empty: their first."""
    login: str = ""
    """The name that was typed; a password is never kept."""

    @property
    def url(self) -> str:
        """The sign-in page's own address."""
        return f"/login?{urlencode({'next': self.back})}" if self.back else "/login"

    @property
    def sign_on_href(self) -> str:
        return f"/login/oidc?{urlencode({'next': self.back})}" if self.back else "/login/oidc"


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One of the person's sessions."""

    created_at: datetime
    seen_at: datetime
    address: str
    agent: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class FactorView:
    """The second factor, as far as its owner may see it."""

    is_offered: bool
    is_on: bool = False
    codes_left: int = 0
    secret: str = ""
    """Shown once, while it is being set up."""
    address: str = ""
    """The same as ``otpauth`` address."""
    recovery_codes: tuple[str, ...] = ()
    """Shown once, after it was turned on."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """Everything the page of one's account shows."""

    login: str
    display_name: str
    roles: tuple[str, ...]
    unit: str
    is_person: bool
    """False: came by a one-time link, and has neither password nor second factor."""
    must_change: bool
    comes_by_sign_on: bool
    """The city's single sign-on proves who they are: no password and no second factor here."""
    factor: FactorView
    sessions: tuple[SessionRow, ...] = ()
    done_key: str = ""
    """Words of what was just done."""
    refusal: str = ""
    """The sentence of what was just refused."""


def render_sign_in(
    language: Language,
    csrf_token: str,
    failure: SignInFailure | None = None,
    theme: Theme = Theme.AUTO,
    single_sign_on: Words | None = None,
    asked: Asked = NOTHING_ASKED,
) -> str:
    """The sign-in page: name and password, or the code of a one-time link.

    Args:
        csrf_token: also in the cookie that comes with the page; the form must bring it back.
        single_sign_on: what the city calls its own; None: there is none.
    """
    visitor = Visitor(language, asked.url, theme=theme)
    return render(
        "login.html", visitor, csrf_token=csrf_token, failure=failure, single_sign_on=single_sign_on, asked=asked
    )


def render_account(account: AccountView, visitor: Visitor) -> str:
    """One's own account."""
    return render("account.html", visitor, account=account)
