"""One phrase, in the two languages that the desk speaks."""

from collections.abc import Mapping
from typing import NamedTuple

from desk.visitor import Language


class Words(NamedTuple):
    """One phrase in both languages."""

    zh: str
    en: str

    def in_one_line(self, language: Language) -> str:
        """For places that take no mark-up (title, alt, placeholder): both languages stand side by side."""
        if language is Language.BOTH:
            return self.zh if self.zh == self.en else f"{self.zh} {self.en}"
        return self.zh if language is Language.ZH else self.en


class Counted(int):
    """A number that chooses its noun: ``{count} {count:case|cases}`` is ``1 case`` or ``2 cases``."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        if not bar:
            return super().__format__(spec)
        return one if self == 1 else many


def counted(values: Mapping[str, object]) -> dict[str, object]:
    """What is put into a phrase, its whole numbers able to choose their nouns."""
    return {name: Counted(value) if type(value) is int else value for name, value in values.items()}
