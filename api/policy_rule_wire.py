"""Policy's rules as programs write and read them: permits and profiles."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.wire import PLAIN_TEXT, Category, Identifier, Moment, WireModel
from cases.policy.hours import MOST_WINDOWS
from cases.policy.permits import LONGEST_NOTE, KeptPermit, PermitDraft
from cases.policy.profile_store import KeptProfile, ProfileDraft
from cases.policy.rules import Bar, Below, ProfileKind

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["18:00"])]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$", examples=["04-15"])]
Share = Annotated[float, Field(ge=0, le=1)]
Degrees = Annotated[float, Field(ge=-180, le=180)]
Rings = tuple[Annotated[tuple[tuple[Degrees, Degrees], ...], Field(min_length=3, max_length=2000)], ...]
Number = Annotated[str, Field(min_length=1, max_length=100, pattern=PLAIN_TEXT)]
CategoryOrAll = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,63}|\*)$", examples=["street_stall", "*"])]

EXAMPLE_PERMIT: dict[str, Any] = {
    "number": "临占2026-017",
    "name": "春熙路夜市",
    "categories": ["street_stall"],
    "polygon": [[[104.08, 30.65], [104.081, 30.65], [104.081, 30.651], [104.08, 30.651], [104.08, 30.65]]],
    "cells": [],
    "hours": [{"days": ["fri", "sat", "sun"], "from": "18:00", "until": "01:00"}],
    "season": {"from": "04-15", "until": "10-31"},
    "valid_from": "2026-04-01",
    "valid_until": "2027-03-31",
    "note": "区城管局批复",
}
EXAMPLE_PROFILE: dict[str, Any] = {
    "kind": "night",
    "name": "夜间",
    "rank": 10,
    "hours": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "20:00", "until": "06:00"}],
    "bars": {"exposed_garbage": {"confidence": 0.6, "probability": 0.8, "below": "queue"}},
}

_CHANGED: dict[str, Any] = {"revision": 12, "changed_at": "2026-03-02T01:15:00Z", "changed_by": "王管理"}
_ADDED: dict[str, Any] = {"added_at": "2026-03-02T01:15:00Z", "added_by": "王管理"}
EXAMPLE_KEPT_PERMIT: dict[str, Any] = {"id": 17, "rule": "permit:17"} | _ADDED | _CHANGED | EXAMPLE_PERMIT
EXAMPLE_KEPT_PROFILE: dict[str, Any] = {"id": 2, "rule": "profile:2"} | _CHANGED | EXAMPLE_PROFILE


class WindowWire(WireModel):
    """Some hours of some weekdays, by the city's clock; an end at or before the start lies on the next day."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    days: tuple[Day, ...] = Field(EVERY_DAY, min_length=1, max_length=7, description="on which it starts")
    from_: Clock = Field(alias="from")
    until: Clock

    def as_json(self) -> dict[str, Any]:
        return {"days": list(self.days), "from": self.from_, "until": self.until}


class SeasonWire(WireModel):
    """A part of every year, both days included; it may go over the new year."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    from_: MonthDay = Field(alias="from")
    until: MonthDay


Hours = Annotated[tuple[WindowWire, ...], Field(max_length=MOST_WINDOWS, description="empty: always")]


class PermitDraftWire(WireModel):
    """A permitted stall area."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PERMIT]})

    number: Number
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
    categories: tuple[Category, ...] = Field((), max_length=100, description="empty: every category")
    polygon: Rings = Field((), max_length=100, description="rings of [lon, lat] in degrees: the outline, then holes")
    cells: tuple[Identifier, ...] = Field((), max_length=1000, description="beside the polygon, or instead of it")
    hours: Hours = ()
    season: SeasonWire | None = Field(None, description="null: all year")
    valid_from: date | None = None
    valid_until: date | None = Field(None, description="its last day; null: until it is removed")
    note: str = Field("", max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$")

    def as_draft(self) -> PermitDraft:
        season = self.season
        return PermitDraft(
            number=self.number,
            name=self.name,
            categories=self.categories,
            rings=self.polygon,
            cells=self.cells,
            hours=tuple(window.as_json() for window in self.hours),
            season=None if season is None else {"from": season.from_, "until": season.until},
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            note=self.note,
        )


class PermitWire(PermitDraftWire):
    """A permitted stall area as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_KEPT_PERMIT]})

    id: int
    rule: str = Field(examples=["permit:17"], description="as decisions name it")
    revision: int = Field(description="its ETag")
    added_at: Moment
    added_by: str
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, kept: KeptPermit) -> "PermitWire":
        permit = kept.permit
        return cls.model_validate(
            {
                "id": permit.id,
                "rule": permit.rule,
                "number": permit.number,
                "name": permit.name,
                "categories": sorted(permit.categories),
                "polygon": kept.rings,
                "cells": sorted(permit.cells),
                "hours": permit.hours.as_json(),
                "season": None if permit.season is None else permit.season.as_json(),
                "valid_from": permit.valid_from,
                "valid_until": permit.valid_until,
                "note": kept.note,
                "revision": kept.revision,
                "added_at": kept.added_at,
                "added_by": kept.added_by,
                "changed_at": kept.changed_at,
                "changed_by": kept.changed_by,
            }
        )


class PermitPageWire(WireModel):
    """Some permits, by id."""

    permits: tuple[PermitWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor`; null: that was all")


class PermitImportWire(WireModel):
    """What an import did."""

    added: int
    changed: int
    unchanged: int


class BarWire(WireModel):
    """How sure a candidate must be."""

    confidence: Share | None = None
    probability: Share | None = None
    below: Below = Below.QUEUE


class ProfileDraftWire(WireModel):
    """Bars for some hours."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PROFILE]})

    kind: ProfileKind
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
    rank: int = Field(100, ge=0, le=10_000, description="where two hold at once, the lower one counts")
    hours: Hours = ()
    bars: dict[CategoryOrAll, BarWire] = Field(max_length=200, description="by category; * for those not named")

    def as_draft(self) -> ProfileDraft:
        return ProfileDraft(
            kind=self.kind,
            name=self.name,
            rank=self.rank,
            hours=tuple(window.as_json() for window in self.hours),
            bars={name: Bar(bar.confidence, bar.probability, bar.below) for name, bar in self.bars.items()},
        )


class ProfileWire(ProfileDraftWire):
    """A profile as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_KEPT_PROFILE]})

    id: int
    rule: str = Field(examples=["profile:2"], description="as decisions name it")
    revision: int = Field(description="its ETag")
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, kept: KeptProfile) -> "ProfileWire":
        profile = kept.profile
        return cls.model_validate(
            {
                "id": profile.id,
                "rule": profile.rule,
                "kind": profile.kind,
                "name": profile.name,
                "rank": profile.rank,
                "hours": profile.hours.as_json(),
                "bars": {
                    name: {"confidence": bar.confidence, "probability": bar.probability, "below": bar.below}
                    for name, bar in profile.bars.items()
                },
                "revision": kept.revision,
                "changed_at": kept.changed_at,
                "changed_by": kept.changed_by,
            }
        )


class ProfileListWire(WireModel):
    """Every profile, by rank."""

    profiles: tuple[ProfileWire, ...]
