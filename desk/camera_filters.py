"""Which cameras the list shows, in which order, and which page of them: read from the address, written into links."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PER_PAGE = 60
SORTS = ("trouble", "id", "name", "age", "interval", "gop", "late")
KINDS = ("trouble", "finding", "silent")
"""Beside the states: what needs a person, whatever the state."""
STATES = ("down", "stalled", "connecting", "waiting", "live", "ended", "disabled")
"""What needs a person first, then the rest."""
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class CameraFilters:
    """What somebody asked the list for; nonsense is ignored."""

    text: str = ""
    """Part of the id, name, address or worker, in any letter case."""
    state: str = ""
    """A state, or one of ``KINDS``; empty: all."""
    sort: str = "trouble"
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "CameraFilters":
        state, sort, page = query.get("state", ""), query.get("sort", ""), query.get("page", "")
        return cls(
            text=query.get("q", "").strip()[:LONGEST_TEXT],
            state=state if state in (*STATES, *KINDS) else "",
            sort=sort if sort in SORTS else SORTS[0],
            page=min(int(page), 10_000) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 else 1,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.state)

    def href(self, **changes: str | int) -> str:
        """The list's address with some of this changed."""
        asked = replace(self, **changes)  # type: ignore[arg-type]  # the names are this class's own
        said = {"q": asked.text, "state": asked.state, "sort": asked.sort, "page": str(asked.page)}
        told = {name: value for name, value in said.items() if value and (name, value) not in _DEFAULTS}
        return "/cameras?" + urlencode(told) if told else "/cameras"


_DEFAULTS = (("sort", "trouble"), ("page", "1"), ("page", "0"))
