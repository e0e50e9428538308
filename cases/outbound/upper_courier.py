"""Files registered cases with an upper platform, once each, and tells it when they are closed.

Written down before each call is what is about to be sent: after a crash or an answer that never came, the platform is
asked for our number first.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cases.case import Case, CaseEvent, CaseEventKind
from cases.outbound.errors import NotDelivered
from cases.outbound.facts import CaseFacts, Locate
from cases.outbound.filings import Filing, FilingState, FilingStore
from cases.outbound.standing import is_to_be_filed
from cases.outbound.upper_settings import UpperSettings

log = logging.getLogger("gridpatrol.api.outbound")

STEPS_TOLD = frozenset({CaseEventKind.ACCEPTED, CaseEventKind.DISPATCHED, CaseEventKind.CLOSED})
"""The first files; the others make up for what was missed, and the last closes."""
TOKENS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Filed:
    """What the platform answered to a new case: its id, or a token that the id follows for."""

    upper_id: str | None = None
    token: str | None = None


class CannotSearch(Exception):
    """The platform cannot be asked for our number."""


class Platform(Protocol):
    """One platform's language. Every method may raise ``NotDelivered``."""

    def file(self, facts: CaseFacts, now: datetime) -> Filed: ...

    def look(self, filing: Filing) -> str | None:
        """The platform's id of what was filed: by its token, or else by our number; None: not there (yet).

        Raises:
            CannotSearch: it has no token, and the platform finds nothing by our number.
        """
        ...

    def close(self, facts: CaseFacts, upper_id: str, now: datetime) -> None: ...


class UpperCourier:
    """
    Args:
        selected: categories that are filed; None: all.
    """

    def __init__(
        self,
        line_id: str,
        settings: UpperSettings,
        platform: Platform,
        filings: FilingStore,
        locate: Locate,
        selected: Collection[str] | None = None,
    ) -> None:
        self._line_id = line_id
        self._settings = settings
        self._platform = platform
        self._filings = filings
        self._locate = locate
        self._selected = selected

    def deliver(self, event: CaseEvent, case: Case, now: datetime, is_replay: bool = False) -> bool:
        if event.kind not in STEPS_TOLD or (self._selected is not None and case.category not in self._selected):
            return False
        facts = CaseFacts(case, self._locate(case.cell_id))
        filing = self._filings.get(self._line_id, case.id)
        if filing is None:
            if not is_to_be_filed(case):
                return False
        elif filing.state is FilingState.HELD and not is_replay:
            return False
        has_told = False
        if filing is None or filing.state in (FilingState.BEGUN, FilingState.HELD):
            has_told = self._file(facts, filing, now, is_replay)
            filing = self._filings.get(self._line_id, case.id)
        if filing is not None and not case.is_open and self._settings.status_updates:
            has_told = self._close(facts, filing, now) or has_told
        return has_told

    def tend(self, now: datetime) -> None:
        """Ask for the ids that tokens stand for."""
        for filing in self._filings.waiting(self._line_id, TOKENS_AT_ONCE):
            try:
                self._id_for(filing, now)
            except NotDelivered as failure:
                log.info("%s: token of case %s: %s", self._line_id, filing.case_number, failure)
                return

    def _file(self, facts: CaseFacts, filing: Filing | None, now: datetime, is_replay: bool) -> bool:
        case = facts.case
        if filing is not None and self._is_there_already(filing, now, is_replay):
            return True
        begun_at = now if filing is None else filing.begun_at  # where a search for the first try begins
        self._filings.begin(self._line_id, case.id, case.number, begun_at)
        try:
            filed = self._platform.file(facts, now)
        except NotDelivered as failure:
            if not failure.was_sent or (failure.status is not None and 400 <= failure.status < 500):
                self._filings.forget(self._line_id, case.id)  # certainly not there
            raise
        if filed.upper_id is not None:
            self._filings.filed(self._line_id, case.id, filed.upper_id, now)
        elif filed.token is not None:
            self._filings.has_token(self._line_id, case.id, filed.token)
        return True

    def _is_there_already(self, filing: Filing, now: datetime, is_replay: bool) -> bool:
        """
        Raises:
            NotDelivered: nobody knows, and a person is to decide.
        """
        try:
            upper_id = self._platform.look(filing)
        except CannotSearch as error:
            if is_replay or self._settings.when_uncertain == "again":
                return False
            self._filings.hold(self._line_id, filing.case_id)
            raise NotDelivered(
                f"case {filing.case_number} was sent to {self._line_id} without an answer, and may be there; look for "
                "it there, then discard this letter, or replay it to send the case again",
                is_final=True,
            ) from error
        if upper_id is None:
            return False
        self._filings.filed(self._line_id, filing.case_id, upper_id, now)
        return True

    def _close(self, facts: CaseFacts, filing: Filing, now: datetime) -> bool:
        if filing.state is FilingState.CLOSED:
            return False
        upper_id = filing.upper_id
        if filing.state is FilingState.WAITING:
            upper_id = self._id_for(filing, now)
        if upper_id is None:
            raise NotDelivered(
                f"{self._line_id} has given no id for case {filing.case_number} yet; wait, or ask whoever runs it"
            )
        self._platform.close(facts, upper_id, now)
        self._filings.closed(self._line_id, filing.case_id, now)
        return True

    def _id_for(self, filing: Filing, now: datetime) -> str | None:
        try:
            upper_id = self._platform.look(filing)
        except CannotSearch:
            return None
        if upper_id is not None:
            self._filings.filed(self._line_id, filing.case_id, upper_id, now)
        return upper_id
