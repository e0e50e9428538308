"""The catalogue's form: categories with names, codes, closing condition, evidence, dwell, deadline and units."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.worktime.calendar import DEFAULT_CALENDAR
from cases.worktime.due import Nearness, TimeKind
from grid.units import Zone

PLAIN = r"^[^\x00-\x1f\x7f]*$"
UNGRADED = Zone.CONTROLLED
"""A case in a cell whose grade is not known is treated as this."""

CategoryName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["exposed_garbage"])]
Text = Annotated[str, Field(min_length=1, max_length=500, pattern=PLAIN)]
UnitName = Annotated[str, Field(min_length=1, max_length=256, pattern=PLAIN, examples=["环卫一所"])]
EvidenceKind = Literal["original", "annotated", "crop", "series", "before", "after"]


class Entry(BaseModel):
    """A frozen part of the catalogue that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Bilingual(Entry):
    """A sentence in both languages."""

    zh: Text
    en: Text


class PerZone(Entry):
    """Seconds per zone grade."""

    strict: float = Field(gt=0, le=30 * 86_400)
    controlled: float = Field(gt=0, le=30 * 86_400)
    general: float = Field(gt=0, le=30 * 86_400)

    def of(self, zone: Zone) -> float:
        found: float = getattr(self, zone.value)
        return found


class TimeAllowed(Entry):
    """How long a unit has."""

    hours: float = Field(gt=0, le=10_000)
    time: TimeKind = TimeKind.WORKING


class Deadlines(Entry):
    """Time allowed per zone grade."""

    strict: TimeAllowed
    controlled: TimeAllowed
    general: TimeAllowed

    def of(self, zone: Zone) -> TimeAllowed:
        found: TimeAllowed = getattr(self, zone.value)
        return found


class NearDue(Entry):
    """When a deadline is near: a share of its time has passed, or so many minutes are left."""

    share: float | None = Field(None, gt=0, lt=1)
    minutes: float | None = Field(None, gt=0, le=100_000)

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.share is None) == (self.minutes is None):
            raise ValueError('give "share" or "minutes", one of them')
        return self

    def nearness(self) -> Nearness:
        return Nearness(self.share, self.minutes)


class UnitRule(Entry):
    """Who answers where no place says otherwise; the first rule that fits counts."""

    unit: UnitName
    within: str | None = Field(None, pattern=r"^(?:[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{14,15})$")
    """Code of a city (4 digits), district (6), street (9), community (12) or unit grid (14, 15)."""
    zone: Zone | None = None

    def fits(self, cell_id: str, zone: Zone | None) -> bool:
        return (self.within is None or cell_id.startswith(self.within)) and self.zone in (None, zone)


class CatalogueCategory(Entry):
    """One kind of violation."""

    id: CategoryName
    code: str = Field("", pattern=r"^(?:[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?)?$", examples=["01-02"])
    """Event code (事件小类) of the city's list; empty where the city has none."""
    zh: Text
    en: Text
    closing: Bilingual
    """When it counts as put right. 结案条件"""
    evidence: tuple[EvidenceKind, ...] = ("original", "annotated", "crop")
    """Pictures that a camera's report brings, for the seat to judge by; a citizen's report may have none."""
    closing_evidence: tuple[EvidenceKind, ...] = ("after",)
    """Pictures that it needs before it is verified; without the ``after`` whoever verifies writes who saw it gone."""
    dwell_s: PerZone
    deadline: Deadlines
    near_due: NearDue = NearDue(share=0.8)
    calendar: str = Field(DEFAULT_CALENDAR, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    units: tuple[UnitRule, ...] = Field((), max_length=1000)
    suppression_days: float = Field(30.0, gt=0, le=3660)
    """How long a rejected place is left alone unless the person says otherwise."""

    def unit_for(self, cell_id: str, zone: Zone | None) -> str | None:
        return next((rule.unit for rule in self.units if rule.fits(cell_id, zone)), None)


class Catalogue(Entry):
    """Every category of a city, as one version of its file says."""

    format: Literal[1] = 1
    name: str = Field(min_length=1, max_length=200, pattern=PLAIN)
    categories: tuple[CatalogueCategory, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def each_once(self) -> Self:
        for what in ("id", "code", "zh"):
            seen: dict[str, str] = {}
            for category in self.categories:
                value = getattr(category, what)
                if value and value in seen:
                    raise ValueError(
                        f"{what} {value!r} is used by {seen[value]} and {category.id}; give each category its own"
                    )
                seen[value] = category.id
        return self

    def category(self, category_id: str) -> CatalogueCategory | None:
        return next((each for each in self.categories if each.id == category_id), None)

    def named(self, text: str) -> CatalogueCategory | None:
        """The category of an id, an event code or a Chinese or English name."""
        text = text.strip()
        found = (each for each in self.categories if text in (each.id, each.zh, each.en) or text == each.code != "")
        return next(found, None)

    def as_json(self) -> Mapping[str, Any]:
        return self.model_dump(mode="json")
