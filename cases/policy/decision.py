"""What policy says of a candidate, and why, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DEFAULT_RULE = "default:queue"
"""No switch is set: a person looks."""


class Verdict(StrEnum):
    """What becomes of a candidate."""

    FILE = "file"
    """It opens a case, which is accepted without a person."""
    QUEUE = "queue"
    """It opens a case, which waits for a person."""
    SUPPRESS = "suppress"
    """It opens none; the decision is kept."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, for operators (Chinese) and for everybody else (English)."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule that was tried."""

    rule: str
    """``permit:17``, ``suppression:4``, ``profile:2``, ``switch:1`` or ``default:queue``."""
    name: str
    """As its owner calls it."""
    applied: bool
    why: Why

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "name": self.name, "applied": self.applied, "zh": self.why.zh, "en": self.why.en}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Trial":
        return cls(kept["rule"], kept["name"], kept["applied"], Why(kept["zh"], kept["en"]))


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the rule that made it, and every rule that was looked at on the way."""

    verdict: Verdict
    rule: str
    why: Why
    trials: tuple[Trial, ...]
    elsewhere: int
    """Permits for other places, which are counted and not listed."""
    is_night: bool
    """By which the measured precision was chosen."""
    rules_version: int
