"""One phrase, in the two languages that the desk speaks."""

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
