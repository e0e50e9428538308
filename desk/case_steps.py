"""How far a case has come, and the forms for what the visitor may do with it now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.case import Case, CloseReason
from cases.workflow.claims import Claim
from cases.workflow.commands import STEPS, Command, Need
from cases.workflow.orders import VOIDING


@dataclass(frozen=True, slots=True)
class StepForm:
    """One command as a form."""

    command: str
    """Key of its words: ``command.<command>``."""
    asks_note: bool
    """Without words it is refused; the others take some, too."""
    asks_unit: bool
    asks_handler: bool
    asks_hours: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseSteps:
    """The part of a case's page that moves it on."""

    stage: str
    is_suspended: bool
    due_at: datetime | None
    is_overdue: bool
    is_near_due: bool
    handler: str
    extension_hours: float | None
    reworks: int
    proposal: str
    claimed_by: str
    claimed_until: datetime | None
    may_claim: bool
    may_release: bool
    forms: tuple[StepForm, ...]
    href: str

    @property
    def key(self) -> str:
        """Changes when the forms do, so that words half written outlive a sighting."""
        return "-".join((self.stage, self.claimed_by, *(form.command for form in self.forms)))


def view_steps(
    case: Case, possible: Sequence[Command], claim: Claim | None, actor: str, now: datetime, may_act: bool
) -> CaseSteps:
    """
    Args:
        possible: what the visitor may do with the case now.
        claim: the one that counts now.
        actor: the visitor, as claims name seats.
        may_act: the visitor came with a session; nobody else is offered a form.
    """
    life, deadline = case.life, case.life.deadline
    is_others = claim is not None and claim.holder != actor
    commands = [each for each in possible if may_act and (not is_others or each is Command.COMMENT)]
    return CaseSteps(
        stage=life.stage.value,
        is_suspended=life.is_suspended,
        due_at=None if deadline is None else deadline.due_at,
        is_overdue=case.is_open and deadline is not None and deadline.due_at < now,
        is_near_due=case.is_open and deadline is not None and deadline.near_due_at <= now <= deadline.due_at,
        handler=life.handler or "",
        extension_hours=life.extension_hours,
        reworks=life.reworks,
        proposal="" if life.proposal is None else life.proposal.value,
        claimed_by="" if claim is None else claim.holder,
        claimed_until=None if claim is None else claim.expires_at,
        may_claim=may_act and case.is_open and claim is None and any(each is not Command.COMMENT for each in commands),
        may_release=may_act and claim is not None and not is_others,
        forms=tuple(form_of(command) for command in commands),
        href=f"/cases/{case.id}/steps",
    )


def form_of(command: Command) -> StepForm:
    needs = STEPS[command].needs
    return StepForm(
        command=command.value,
        asks_note=Need.NOTE in needs,
        asks_unit=Need.UNIT in needs,
        asks_handler=command in (Command.DISPATCH, Command.TAKE),
        asks_hours=Need.HOURS in needs,
        reasons=tuple(reason.value for reason in CloseReason if reason in VOIDING) if Need.REASON in needs else (),
    )
