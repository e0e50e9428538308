"""The wire's shared manners: frozen models, no unknown fields, no infinities, ids without control characters."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from core.clock import as_utc

SHA256_PATTERN = r"^[0-9a-f]{64}$"
FIRST_YEAR, LAST_YEAR = 1990, 9000
PLAIN_TEXT = r"^[^\x00-\x1f\x7f]+$"

Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN, examples=["9f" * 32])]
Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
Category = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["exposed_garbage"])]


def _in_utc(moment: datetime) -> datetime:
    """In UTC; the calendar's outermost days are refused, where another zone's midnight has no date."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year {moment.year} is not between {FIRST_YEAR} and {LAST_YEAR}; set the clock")
    return as_utc(moment)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc), Field(examples=["2026-03-02T01:15:00Z"])]
"""RFC 3339 with a zone; held in UTC."""


class WireModel(BaseModel):
    """Base of everything that crosses HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
