"""The reasons for which a candidate is turned away, one key each."""

from dataclasses import dataclass

from cases.case import CloseReason
from desk.words import phrase


@dataclass(frozen=True, slots=True)
class RejectReason:
    """One key of the keyboard: what it says to the operator, and what is kept."""

    key: str
    """``1`` to ``9``."""
    name: str
    """Key of its words: ``review.reason.<name>``."""
    reason: CloseReason
    asks_note: bool = False
    """The operator writes what it is."""

    @property
    def note(self) -> str:
        """What is kept beside the reason, in both languages; empty where the operator writes it."""
        if self.asks_note:
            return ""
        words = phrase(f"review.reason.{self.name}")
        return f"{words.zh} / {words.en}"


REASONS = (
    RejectReason("1", "nothing", CloseReason.FALSE_ALARM),
    RejectReason("2", "lookalike", CloseReason.FALSE_ALARM),
    RejectReason("3", "permitted", CloseReason.PERMITTED),
    RejectReason("4", "contained", CloseReason.FALSE_ALARM),
    RejectReason("5", "working", CloseReason.OTHER),
    RejectReason("6", "unclear", CloseReason.OTHER),
    RejectReason("7", "elsewhere", CloseReason.OTHER),
    RejectReason("8", "duplicate", CloseReason.OTHER),
    RejectReason("9", "other", CloseReason.OTHER, asks_note=True),
)
