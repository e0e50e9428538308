"""How sure the model was of what a report shows, as a person is to read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Surety:
    """The model's own figure, and beside it what that figure was measured to be worth."""

    confidence: float
    """The surest box's, 0 to 1; no probability."""
    percent: int | None
    """How likely that box is right, 1 to 99: no measurement makes it certain. None where nobody measured."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self | None:
        """What an event's data say; None where they name no confidence (a closing, a correction)."""
        confidence, probability = data.get("confidence"), data.get("probability")
        if not isinstance(confidence, int | float):
            return None
        if not isinstance(probability, int | float):
            return cls(float(confidence), None)
        return cls(float(confidence), min(99, max(1, round(100 * probability))))
