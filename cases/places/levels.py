"""What the digits of a place's code mean: city 4, district 6, street 9, community 12, unit grid 14 or 15."""

import re
from enum import StrEnum

from cases.places.errors import PlaceRefused


class PlaceLevel(StrEnum):
    """A step of the city's hierarchy."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


DIGITS = {
    PlaceLevel.CITY: (4,),
    PlaceLevel.DISTRICT: (6,),
    PlaceLevel.STREET: (9,),
    PlaceLevel.COMMUNITY: (12,),
    PlaceLevel.GRID: (14, 15),
}
_LEVEL_OF_LENGTH = {length: level for level, lengths in DIGITS.items() for length in lengths}
_CODE = re.compile(r"[0-9]{4,15}")
_PREFIXES = (12, 9, 6, 4)


def level_of_code(code: str, where: str) -> PlaceLevel:
    """Which level a code names.

    Raises:
        PlaceRefused: none; ``where`` names the feature or the line.
    """
    level = _LEVEL_OF_LENGTH.get(len(code)) if _CODE.fullmatch(code) else None
    if level is None:
        hint = "; Excel writes long numbers so: make the column text" if re.search(r"[eE.+]", code) else ""
        raise PlaceRefused(
            f"{where}: code {code[:40]!r} is none; write 4 digits for a city, 6 for a district, 9 for a street, "
            f"12 for a community, 14 or 15 for a unit grid{hint}"
        )
    return level


def codes_above(cell_id: str) -> tuple[str, ...]:
    """The codes of a cell's unit grid and of what it lies in, the nearest first."""
    code = cell_id.partition("/")[0]
    return (code, *(code[:length] for length in _PREFIXES if length < len(code)))
