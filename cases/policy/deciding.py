"""Where a report meets the rules, inside the transaction that would open its case."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select

from cases.ledger import Posting
from cases.policy import decisions, reviews
from cases.policy.decision import Decision, Verdict, Why
from cases.policy.errors import PolicyRefused
from cases.policy.facts import CandidateFacts, facts_of
from cases.policy.judging import judge, night_at
from cases.policy.permit_store import permit_of
from cases.policy.permit_store import standing as standing_permits
from cases.policy.profile_store import profile_of, standing_profiles, switch_of
from cases.policy.rules import AutoMode, PolicyRules, gather
from cases.policy.settings import PolicySettings
from cases.policy.suppression_store import suppression_of
from cases.policy.tables import RULES_COUNTER, policy_suppression, policy_switch
from cases.policy.wilson import Measured
from cases.queries import Suppressed
from cases.tables import counter
from core.errors import GridError
from core.ids import CaseId
from grid.incidents import IncidentKind

LATE_REPORTS = timedelta(days=7)
"""Suppressions that have ended are still known for so long: a worker's outbox may hold what it saw before."""

Rule = TypeVar("Rule")
log = logging.getLogger("gridpatrol.policy")

_VERSION = select(counter.c.value).where(counter.c.name == RULES_COUNTER)

Accept = Callable[[Connection, CaseId, Decision, datetime], None]
"""Accepts a case that was opened a moment ago, in the same transaction, as ``policy:auto-file``."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A report that would open a case, and what is to become of it."""

    facts: CandidateFacts
    decision: Decision

    @property
    def turns_away(self) -> bool:
        return self.decision.verdict is Verdict.SUPPRESS

    @property
    def files(self) -> bool:
        """No person need look at the case."""
        return self.decision.verdict is Verdict.FILE


class Policy:
    """The rules of one database, kept in memory until somebody changes one. Threads may share it.

    Args:
        settings: a city's choice.
        zone: whose wall clock hours are read by.
        accept: what files a case without a person.
    """

    def __init__(self, settings: PolicySettings, zone: tzinfo, accept: Accept) -> None:
        self._settings = settings
        self._zone = zone
        self._accept = accept
        self._kept: PolicyRules | None = None

    @property
    def settings(self) -> PolicySettings:
        return self._settings

    def rules(self, connection: Connection, now: datetime) -> PolicyRules:
        """Those in force: one cheap read, and the whole of them only after a change."""
        version = rules_version(connection)
        kept = self._kept
        if kept is None or kept.version != version:
            kept = load(connection, version, self._settings, self._zone, now)
            self._kept = kept  # one assignment: another thread sees the old rules or the new ones, never half
        return kept

    def decide(self, connection: Connection, facts: CandidateFacts, now: datetime) -> Decision:
        """Judge a candidate by the rules in force; nothing is written."""
        rules = self.rules(connection, now)
        return judge(facts, rules, now, self._measured(connection, facts, rules))

    def rule_on(self, connection: Connection, posting: Posting) -> Ruling:
        """What becomes of a report that would open a case.

        A clearing of what was turned away while it stood stays away: it is gone, and never was a case.
        """
        report = posting.report
        facts = facts_of(report, posting.zone, posting.outline)
        if report.kind is IncidentKind.CLEARED:
            before = decisions.newest_of(connection, report.incident_id)
            if before is not None and before.verdict is Verdict.SUPPRESS:
                why = Why(f"未立案即已消失（{before.why.zh}）", f"gone before it became a case ({before.why.en})")
                version = rules_version(connection)
                gone = Decision(Verdict.SUPPRESS, before.rule, why, (), 0, before.is_night, version)
                return Ruling(facts, gone)
        rules = self.rules(connection, posting.now)
        measured = self._measured(connection, facts, rules)
        decision = judge(facts, rules, posting.now, measured)
        switch = rules.switch_for(facts.category, facts.camera_id)
        if switch is not None and measured is not None:
            place = reviews.Place(facts.camera_id, facts.category, decision.is_night)
            reviews.note_standing(connection, place, switch.mode, measured, rules, posting.now)
        return Ruling(facts, decision)

    def turn_away(self, connection: Connection, posting: Posting, ruling: Ruling) -> Suppressed:
        """Keep the decision and the receipt of a report that makes no case."""
        decision_id = decisions.keep(connection, decisions.Made(ruling.facts, ruling.decision, None, posting.now))
        if decision_id % decisions.PURGE_EVERY == 0:
            decisions.purge_some(connection, posting.now, self._settings.decisions_days)
        return decisions.keep_suppression(connection, posting, decision_id, ruling.decision.rule)

    def accept(self, connection: Connection, ruling: Ruling, case_id: CaseId, now: datetime) -> None:
        """Accept the case that a report has opened, as ``Ruling.files`` says; it and its decision are written."""
        self._accept(connection, case_id, ruling.decision, now)

    def _measured(self, connection: Connection, facts: CandidateFacts, rules: PolicyRules) -> Measured | None:
        """What people said of the camera's last candidates; asked only where a switch wants to know."""
        switch = rules.switch_for(facts.category, facts.camera_id)
        if switch is None or switch.mode is AutoMode.QUEUE:
            return None
        place = reviews.Place(facts.camera_id, facts.category, night_at(facts.at, rules))
        return reviews.measure(connection, place, self._settings.auto_last)


def rules_version(connection: Connection) -> int:
    """Another one after every change of any rule."""
    found = connection.execute(_VERSION).scalar_one_or_none()
    return 0 if found is None else int(found)


def load(connection: Connection, version: int, settings: PolicySettings, zone: tzinfo, now: datetime) -> PolicyRules:
    """Every rule that stands, read anew."""
    table = policy_suppression
    standing = select(table).where(table.c.removed_at.is_(None), table.c.expires_at > now - LATE_REPORTS)
    return gather(
        version,
        settings,
        zone,
        permits=_readable(connection, standing_permits(), permit_of, "permit"),
        suppressions=_readable(connection, standing, suppression_of, "suppression"),
        profiles=_readable(connection, standing_profiles(), profile_of, "profile"),
        switches=_readable(connection, select(policy_switch), switch_of, "switch"),
    )


def _readable(connection: Connection, statement: Any, read: Callable[[Row[Any]], Rule], name: str) -> tuple[Rule, ...]:
    """Each rule; one that cannot be read is left out and told: a report must not be refused because of it."""
    found: list[Rule] = []
    for row in connection.execute(statement):
        try:
            found.append(read(row))
        except (PolicyRefused, GridError, ValueError, KeyError) as error:
            log.error("%s:%s cannot be read and does not count (%s); change or remove it", name, row.id, error)
    return tuple(found)
