"""Who looks at a page, and in which language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

LANGUAGE_COOKIE = "gridpatrol_lang"
"""Cookie that keeps the choice; not secret, holds one of ``zh``, ``en``, ``both``."""

LANGUAGE_PARAMETER = "lang"
"""Query parameter of the language links."""


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

    def url_in(self, language: Language) -> str:
        """This page in another language; never leaves the site, whatever ``url`` holds."""
        parts = urlsplit(self.url)
        query = [(key, value) for key, value in parse_qsl(parts.query) if key != LANGUAGE_PARAMETER]
        path = "/" + parts.path.lstrip("/")
        return f"{path}?{urlencode([*query, (LANGUAGE_PARAMETER, language.value)])}"
