"""Templates to text: one escaping environment, and the tongue a page speaks with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from core.clock import isoformat_z
from desk import STATIC_VERSION
from desk.nav import places_for
from desk.tongue import counted
from desk.visitor import Language, Theme, Visitor
from desk.words import Words, category_words, phrase

DESK_ZONE: tzinfo = timezone(timedelta(hours=8), "UTC+8")
"""Beijing time; a fixed offset (no summer time since 1991), so that no zone database is needed."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Turns keys and times into text for one language."""

    language: Language
    category_names: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    category_codes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def t(self, key: str, fallback: str | None = None, **values: object) -> Markup:
        """A phrase as mark-up: in both languages the English stands small beneath the Chinese."""
        return self.say(phrase(key, fallback), **values)

    def plain(self, key: str, fallback: str | None = None, **values: object) -> str:
        """A phrase as bare text, for titles and attributes."""
        return phrase(key, fallback).in_one_line(self.language).format(**counted(values))

    def hint(self, key: str) -> str:
        """A phrase for a field that has its name beside it: too narrow for two languages, so Chinese leads."""
        words = phrase(key)
        return words.en if self.language is Language.EN else words.zh

    def category(self, category: str) -> Markup:
        """A category's name as mark-up."""
        return self.say(self._category(category))

    def category_plain(self, category: str) -> str:
        """A category's name as bare text."""
        return self._category(category).in_one_line(self.language)

    def category_code(self, category: str) -> str:
        """A category's event code; empty where the city has none."""
        return self.category_codes.get(category, "")

    def _category(self, category: str) -> Words:
        named = self.category_names.get(category)
        return category_words(category) if named is None else Words(*named)

    def say(self, words: Words, **values: object) -> Markup:
        """Words as mark-up; the values are escaped."""
        zh, en = (escape(text).format(**counted(values)) if values else escape(text) for text in words)
        if self.language is Language.ZH:
            return zh
        if self.language is Language.EN:
            return en
        if words.zh == words.en:
            return zh
        return Markup('<span class="bi">{} <span class="en" lang="en">{}</span></span>').format(zh, en)

    @staticmethod
    def time(moment: datetime | None, seconds: bool = True) -> Markup:
        """A moment as a ``<time>`` in Beijing time, with the exact UTC moment in the attribute; a dash for none."""
        if moment is None:
            return Markup('<span class="none">—</span>')
        local = moment.astimezone(DESK_ZONE)
        clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
        return Markup(
            '<time datetime="{}" title="{}"><span class="day">{}</span> <span class="clock">{}</span></time>'
        ).format(
            isoformat_z(moment), f"{local.isoformat(sep=' ', timespec='milliseconds')}", f"{local:%Y-%m-%d}", clock
        )

    def duration(self, seconds: float) -> Markup:
        """A length of time in at most two units as mark-up, e.g. ``1 小时 05 分`` or ``1 h 05 min``."""
        length = self.say(_length_of(seconds))
        return Markup('<span class="length">{}</span>').format(length) if self.language is Language.BOTH else length

    def lasting(self, key: str, seconds: float) -> Markup:
        """A phrase that tells of a length of time, its ``{length}`` in each language's own words."""
        words, length = phrase(key), _length_of(seconds)
        return self.say(Words(words.zh.format(length=length.zh), words.en.format(length=length.en)))


def _length_of(seconds: float) -> Words:
    whole = max(0, int(seconds))
    zh, en = (_length_in(units, whole) for units in phrase("units.short"))
    return Words(zh, en)


def _length_in(units: str, whole_s: int) -> str:
    """
    Args:
        units: short names of days, hours, minutes and seconds; commas between.
    """
    day, hour, minute, second = units.split(",")
    days, rest = divmod(whole_s, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left_s = divmod(rest, 60)
    if days:
        return f"{days} {day} {hours} {hour}"
    if hours:
        return f"{hours} {hour} {minutes:02d} {minute}"
    if minutes:
        return f"{minutes} {minute} {left_s:02d} {second}"
    return f"{left_s} {second}"


@cache
def environment() -> Environment:
    """The one Jinja environment: everything is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, visitor: Visitor, **values: object) -> str:
    """Fill a template for a visitor; templates speak through ``s`` and read their view model from ``values``."""
    speech = Speech(visitor.language, visitor.category_names, visitor.category_codes)
    html = (
        environment()
        .get_template(template)
        .render(
            s=speech,
            t=speech.t,
            p=speech.plain,
            visitor=visitor,
            languages=tuple(Language),
            themes=tuple(Theme),
            places=places_for(visitor),
            html_lang="en" if visitor.language is Language.EN else "zh-CN",
            **values,
        )
    )
    return html.replace('"/static/', f'"/static/{STATIC_VERSION}/')
