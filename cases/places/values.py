"""Single values of a file of places: a grade, a category, a day, a name; each refused with its line or feature."""

from datetime import date, datetime
from difflib import get_close_matches

from cases.catalogue.entries import Catalogue
from cases.places.errors import PlaceRefused
from cases.places.responsible import EVERY_CATEGORY
from grid.units import Zone

_ZONES = {
    "strict": Zone.STRICT,
    "严管区": Zone.STRICT,
    "严管": Zone.STRICT,
    "controlled": Zone.CONTROLLED,
    "控制区": Zone.CONTROLLED,
    "规范区": Zone.CONTROLLED,
    "general": Zone.GENERAL,
    "一般区": Zone.GENERAL,
    "一般": Zone.GENERAL,
}
_EVERY = frozenset({EVERY_CATEGORY, "all", "全部", "所有"})
FIRST_YEAR, LAST_YEAR = 1990, 9000


def zone_of(told: object, where: str) -> Zone:
    """A grade by its id or its Chinese name. Raises: PlaceRefused."""
    found = _ZONES.get(told.strip().lower()) if isinstance(told, str) else None
    if found is None:
        near = get_close_matches(str(told).lower(), _ZONES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise PlaceRefused(
            f"{where}: zone {told!r} is none of strict (严管区), controlled (控制区), general (一般区){hint}"
        )
    return found


def category_of(told: object, catalogue: Catalogue, where: str) -> str:
    """A category's id by its id, event code or name; ``*`` or 全部 for every one. Raises: PlaceRefused."""
    text = told.strip() if isinstance(told, str) else ""
    if text.lower() in _EVERY:
        return EVERY_CATEGORY
    found = catalogue.named(text)
    if found is None:
        known = [name for each in catalogue.categories for name in (each.id, each.zh) if name]
        near = get_close_matches(text, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(e.id for e in catalogue.categories)}"
        raise PlaceRefused(f"{where}: category {told!r} is not in the catalogue{hint}")
    return found.id


def day_of(told: object, where: str) -> date | None:
    """``2026-05-01`` or ``2026/5/1``; None and empty text are no day. Raises: PlaceRefused."""
    if told is None or told == "":
        return None
    if isinstance(told, str):
        for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"):
            try:
                day = datetime.strptime(told.strip(), pattern).date()  # noqa: DTZ007 - a day of the city's own calendar
            except ValueError:
                continue
            if FIRST_YEAR <= day.year <= LAST_YEAR:
                return day
    raise PlaceRefused(f"{where}: {told!r} is not a day; write e.g. 2026-05-01")


def text_of(told: object, what: str, where: str, longest: int, *, may_be_empty: bool = False) -> str:
    """A name. Raises: PlaceRefused."""
    text = told.strip() if isinstance(told, str) else None
    if text is None or not (may_be_empty or text) or len(text) > longest or not (text.isprintable()):
        raise PlaceRefused(f"{where}: {what} {told!r} is not usable; write up to {longest} printable characters")
    return text
