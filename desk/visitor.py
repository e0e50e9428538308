"""Who looks at a page, and in which language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from cases.roles import Role

LANGUAGE_COOKIE = "gridpatrol_lang"
"""Cookie that keeps the choice; not secret, holds one of ``zh``, ``en``, ``both``."""

LANGUAGE_PARAMETER = "lang"
"""Query parameter of the language links."""

THEME_COOKIE = "gridpatrol_theme"
"""Cookie that keeps the choice; not secret, holds one of ``auto``, ``light``, ``dark``."""

THEME_PARAMETER = "theme"
"""Query parameter of the theme links."""


class Language(StrEnum):
    """How a page speaks."""

    BOTH = "both"
    """Chinese, with the English small beneath."""
    ZH = "zh"
    EN = "en"


def choose_language(asked: str | None, remembered: str | None) -> Language:
    """The language a page is drawn in: the link's choice, else the cookie's, else both; nonsense is ignored."""
    for choice in (asked, remembered):
        if choice in tuple(Language):
            return Language(choice)
    return Language.BOTH


class Theme(StrEnum):
    """How bright a page is."""

    AUTO = "auto"
    """As the screen is set."""
    LIGHT = "light"
    DARK = "dark"


def choose_theme(asked: str | None, remembered: str | None) -> Theme:
    """The theme a page is drawn in: the link's choice, else the cookie's, else the screen's; nonsense is ignored."""
    for choice in (asked, remembered):
        if choice in tuple(Theme):
            return Theme(choice)
    return Theme.AUTO


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person, as far as a page must know."""

    language: Language
    url: str
    """Path and query as asked for, e.g. ``/?state=open``; the language links lead back to it."""
    csrf_token: str = ""
    """Goes into every form; empty for a visitor who has no session yet."""
    name: str = ""
    may_close: bool = False
    category_names: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    """What the city's catalogue calls each category, Chinese and English; ours where it has none."""
    category_codes: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Event codes by category, where the city has one."""
    shown_name: str = ""
    """A person's own name; empty where only ``name`` is known."""

    theme: Theme = Theme.AUTO
    roles: frozenset[Role] = frozenset()
    """What the person is at the desk; of a one-time link by its scopes."""
    unit: str = ""
    """The handling unit whose cases the person sees; empty: none in particular."""

    def url_in(self, language: Language) -> str:
        """This page in another language; never leaves the site, whatever ``url`` holds."""
        return self._url_with(LANGUAGE_PARAMETER, language.value)

    def url_lit(self, theme: Theme) -> str:
        """This page in another theme."""
        return self._url_with(THEME_PARAMETER, theme.value)

    def is_any(self, roles: frozenset[Role]) -> bool:
        """Whether the person has at least one of the roles."""
        return bool(self.roles & roles)

    def _url_with(self, parameter: str, value: str) -> str:
        parts = urlsplit(self.url)
        query = [(key, kept) for key, kept in parse_qsl(parts.query) if key != parameter]
        path = "/" + parts.path.lstrip("/")
        return f"{path}?{urlencode([*query, (parameter, value)])}"
