"""How far a case has come, and the forms for what the visitor may do with it now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cases.case import Case, CloseReason
from cases.life import Proposal, Stage
from cases.workflow.claims import Claim
from cases.workflow.commands import STEPS, Command, Need
from cases.workflow.orders import VOIDING
from cases.workflow.seen import life_key
from desk.case_people import NO_NAMES, Names, name_of

KEYS = {
    Command.ACCEPT: "a",
    Command.REJECT: "n",
    Command.UNDO: "z",
    Command.DISPATCH: "d",
    Command.TAKE: "t",
    Command.HAND_BACK: "b",
    Command.REPORT: "r",
    Command.VERIFY: "v",
    Command.REWORK: "w",
    Command.CLOSE: "c",
    Command.VOID: "x",
    Command.ASK_EXTENSION: "e",
    Command.GRANT_EXTENSION: "g",
    Command.REFUSE_EXTENSION: "y",
    Command.SUSPEND: "s",
    Command.RESUME: "u",
    Command.COMMENT: "m",
}
"""One key opens a command's form; the form is still sent by hand."""
_NEXT = {
    Stage.COLLECTED: (Command.ACCEPT,),
    Stage.REGISTERED: (Command.DISPATCH,),
    Stage.DISPATCHED: (Command.TAKE, Command.REPORT),
    Stage.HANDLING: (Command.REPORT,),
    Stage.REPORTED: (Command.VERIFY,),
    Stage.VERIFIED: (Command.CLOSE,),
}
_ENDING = frozenset({Command.REJECT, Command.VOID})


@dataclass(frozen=True, slots=True)
class StepForm:
    """One command as a form."""

    command: str
    """Key of its words: ``command.<command>``."""
    asks_note: bool
    """Without words it is refused; the others take some, too."""
    note_hint: str = field(default="", kw_only=True)
    """Key of what the words are to say; empty: whatever there is to say."""
    asks_unit: bool
    asks_handler: bool
    asks_hours: bool
    reasons: tuple[str, ...]
    key: str = ""
    """The keyboard's, which opens it."""
    is_main: bool = False
    """What comes next in the case's life: stands open."""
    is_ending: bool = False
    """Ends the case without anything put right."""


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
    """The claim is the visitor's own."""
    forms: tuple[StepForm, ...]
    """Without the comment, which has its own place on the page."""
    href: str
    saw: str = ""
    """What the forms are for: see ``cases.workflow.seen``."""
    may_comment: bool = False
    units: tuple[str, ...] = ()
    """Where it can be sent, the responsible unit first."""
    handlers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Changes when the forms do, so that words half written outlive a sighting."""
        return "-".join((self.stage, self.claimed_by, self.saw, *(form.command for form in self.forms)))


def view_steps(
    case: Case,
    possible: Sequence[Command],
    claim: Claim | None,
    actor: str,
    now: datetime,
    may_act: bool,
    names: Names = NO_NAMES,
    units: Sequence[str] = (),
    handlers: Sequence[str] = (),
    verify_takes_note: bool = False,
) -> CaseSteps:
    """
    Args:
        possible: what the visitor may do with the case now.
        claim: the one that counts now.
        actor: the visitor, as claims name seats.
        may_act: the visitor came with a session; nobody else is offered a form.
        names: what people are called, by login.
        units: all that are known.
        handlers: people who look after the place.
        verify_takes_note: there is no picture after, so that whoever verifies says who saw it gone.
    """
    life, deadline = case.life, case.life.deadline
    is_others = claim is not None and claim.holder != actor
    mine = [each for each in possible if may_act]
    commands = [each for each in mine if each is not Command.COMMENT and not is_others]
    first = next_command(case, commands)
    own_unit = (case.unit,) if case.unit else ()
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
        claimed_by="" if claim is None else name_of(claim.holder, names),
        claimed_until=None if claim is None else claim.expires_at,
        may_claim=may_act and case.is_open and claim is None and bool(commands),
        may_release=may_act and claim is not None and not is_others,
        forms=tuple(
            form_of(command, is_main=command is first, takes_note=verify_takes_note and command is Command.VERIFY)
            for command in sorted(commands, key=lambda each: (each is not first, each in _ENDING))
        ),
        href=f"/cases/{case.id}/steps",
        saw=life_key(case),
        may_comment=Command.COMMENT in mine,
        units=(*own_unit, *(unit for unit in units if unit != case.unit)),
        handlers=tuple(handlers),
    )


def next_command(case: Case, possible: Sequence[Command]) -> Command | None:
    """What comes next in the case's life, where the visitor may do it; the cameras' word is heard."""
    if case.life.extension_hours is not None and Command.GRANT_EXTENSION in possible:
        return Command.GRANT_EXTENSION
    if case.life.is_suspended:
        return Command.RESUME if Command.RESUME in possible else None
    if case.life.proposal is Proposal.PRESENT and Command.REWORK in possible:
        return Command.REWORK
    return next((command for command in _NEXT.get(case.life.stage, ()) if command in possible), None)


def form_of(command: Command, *, is_main: bool = False, takes_note: bool = False) -> StepForm:
    needs = STEPS[command].needs
    return StepForm(
        command=command.value,
        asks_note=takes_note or Need.NOTE in needs,
        note_hint="steps.note.no_after" if takes_note else "",
        asks_unit=Need.UNIT in needs,
        asks_handler=command in (Command.DISPATCH, Command.TAKE),
        asks_hours=Need.HOURS in needs,
        reasons=tuple(reason.value for reason in CloseReason if reason in VOIDING) if Need.REASON in needs else (),
        key=KEYS[command],
        is_main=is_main,
        is_ending=command in _ENDING,
    )
