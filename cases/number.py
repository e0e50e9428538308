"""The number printed on a case: where, which day, which source, which one of that day."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.clock import as_utc
from core.errors import ConfigError
from core.ids import CellId

_CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
_DISTRICT = re.compile(r"[0-9]{6}")
UNKNOWN_DISTRICT = "000000"


def zone_named(name: str) -> tzinfo:
    """The time zone of that IANA name.

    Raises:
        ConfigError: this machine knows no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if name == "Asia/Shanghai":  # no summer time since 1991: right even where no zone data is installed
            return _CHINA
        if name == "UTC":
            return UTC
        raise ConfigError(
            f"cases.number_zone: {name!r} is not a time zone this machine knows; "
            "write e.g. Asia/Shanghai, or install tzdata"
        ) from error


def numbering_day(moment: datetime, zone: tzinfo) -> date:
    """The city's calendar day of a moment."""
    return as_utc(moment).astimezone(zone).date()


def case_number(cell_id: CellId, day: date, source: str, serial: int) -> str:
    """``district 6 + yyyymmdd + source 2 + serial 6``; a millionth case of a day gets a seventh digit."""
    digits = _DISTRICT.match(cell_id)
    district = UNKNOWN_DISTRICT if digits is None else digits.group()
    return f"{district}{day:%Y%m%d}{source}{serial:06d}"
