"""Why this is a case: what policy decided, by which rule, and which rules it looked at on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.policy.decisions import KeptDecision
from core.geometry import Point
from desk.tongue import Words


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One rule that was looked at."""

    rule: str
    name: str
    applied: bool
    why: Words


@dataclass(frozen=True, slots=True)
class CaseReason:
    """One decision in words."""

    verdict: str
    """Key of its words: ``verdict.<verdict>``."""
    rule: str
    at: datetime
    why: Words
    tried: tuple[TriedRule, ...]
    elsewhere: int
    is_night: bool


def view_reason(decisions: Sequence[KeptDecision], case_id: str) -> CaseReason | None:
    """The decision that opened the case; None for one that a person or another system opened."""
    found = next((each for each in decisions if each.case_id == case_id), None)
    if found is None:
        return None
    return CaseReason(
        verdict=found.verdict.value,
        rule=found.rule,
        at=found.decided_at,
        why=Words(found.why.zh, found.why.en),
        tried=tuple(
            TriedRule(trial.rule, trial.name, trial.applied, Words(trial.why.zh, trial.why.en))
            for trial in found.trials
        ),
        elsewhere=found.elsewhere,
        is_night=found.is_night,
    )


def spot_of(decisions: Sequence[KeptDecision]) -> Point | None:
    """Where the violation stands by the picture, longitude and latitude in degrees; None where the view tells none."""
    for decision in decisions:
        places = decision.facts.get("places") or ()
        if places:
            lon, lat = places[0]
            return Point(float(lon), float(lat))
    return None
