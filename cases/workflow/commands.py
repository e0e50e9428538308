"""What can be done with a case, by whom and when: one table, from which the tests and the manual are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cases.case import CaseEventKind
from cases.life import Stage
from cases.roles import Role


class Command(StrEnum):
    """One step that a person, or a rule, takes with a case."""

    ACCEPT = "accept"
    """受理立案"""
    REJECT = "reject"
    """不予立案"""
    UNDO = "undo"
    """撤回决定"""
    DISPATCH = "dispatch"
    """派遣"""
    TAKE = "take"
    """接单"""
    HAND_BACK = "hand_back"
    """退回"""
    REPORT = "report"
    """反馈已处置"""
    VERIFY = "verify"
    """核查通过"""
    REWORK = "rework"
    """返工"""
    CLOSE = "close"
    """结案"""
    VOID = "void"
    """作废"""
    ASK_EXTENSION = "ask_extension"
    """申请延期"""
    GRANT_EXTENSION = "grant_extension"
    """同意延期"""
    REFUSE_EXTENSION = "refuse_extension"
    """不同意延期"""
    SUSPEND = "suspend"
    """挂账"""
    RESUME = "resume"
    """恢复"""
    COMMENT = "comment"
    """备注"""


class Need(StrEnum):
    """What a command must bring along."""

    REASON = "reason"
    NOTE = "note"
    UNIT = "unit"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Step:
    """One command's line in the table."""

    stages: frozenset[Stage]
    """Where the case must stand."""
    roles: frozenset[Role]
    event: CaseEventKind
    needs: frozenset[Need] = frozenset()
    while_suspended: bool = False
    """It may be done with a case that is set aside, too."""


_CANDIDATE = frozenset({Stage.COLLECTED})
_WAITING = frozenset({Stage.REGISTERED, Stage.DISPATCHED, Stage.HANDLING})
_WITH_UNIT = frozenset({Stage.DISPATCHED, Stage.HANDLING})
_OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.VOID}
_DESK = frozenset({Role.ACCEPTOR, Role.SHIFT_LEADER, Role.ADMIN})
_LEADS = frozenset({Role.SHIFT_LEADER, Role.ADMIN})
_SENDS = frozenset({Role.DISPATCHER, Role.SHIFT_LEADER, Role.ADMIN})
_HANDLES = frozenset({Role.HANDLING_UNIT, Role.DISPATCHER, Role.ADMIN})
"""The dispatcher writes down what a unit says that has no seat at the desk."""
_CHECKS = frozenset({Role.INSPECTOR, Role.SHIFT_LEADER, Role.ADMIN})

STEPS: Mapping[Command, Step] = {
    Command.ACCEPT: Step(_CANDIDATE, _DESK, CaseEventKind.ACCEPTED),
    Command.REJECT: Step(_CANDIDATE, _DESK, CaseEventKind.CLOSED, frozenset({Need.REASON})),
    Command.UNDO: Step(frozenset({Stage.REGISTERED, Stage.VOID}), _DESK, CaseEventKind.UNDONE),
    Command.DISPATCH: Step(_WAITING, _SENDS, CaseEventKind.DISPATCHED, frozenset({Need.UNIT})),
    Command.TAKE: Step(frozenset({Stage.DISPATCHED}), _HANDLES, CaseEventKind.TAKEN),
    Command.HAND_BACK: Step(_WITH_UNIT, _HANDLES, CaseEventKind.HANDED_BACK, frozenset({Need.NOTE})),
    Command.REPORT: Step(_WITH_UNIT, _HANDLES, CaseEventKind.REPORTED),
    Command.VERIFY: Step(frozenset({Stage.REPORTED}), _CHECKS, CaseEventKind.VERIFIED),
    Command.REWORK: Step(
        frozenset({Stage.REPORTED, Stage.VERIFIED}), _CHECKS, CaseEventKind.REWORKED, frozenset({Need.NOTE})
    ),
    Command.CLOSE: Step(frozenset({Stage.VERIFIED}), _LEADS, CaseEventKind.CLOSED),
    Command.VOID: Step(
        _OPEN - _CANDIDATE, _LEADS, CaseEventKind.CLOSED, frozenset({Need.REASON}), while_suspended=True
    ),
    Command.ASK_EXTENSION: Step(
        _WITH_UNIT, _HANDLES, CaseEventKind.EXTENSION_ASKED, frozenset({Need.HOURS, Need.NOTE})
    ),
    Command.GRANT_EXTENSION: Step(_WITH_UNIT, _LEADS, CaseEventKind.EXTENSION_GRANTED),
    Command.REFUSE_EXTENSION: Step(_WITH_UNIT, _LEADS, CaseEventKind.EXTENSION_REFUSED, frozenset({Need.NOTE})),
    Command.SUSPEND: Step(_WAITING, _LEADS, CaseEventKind.SUSPENDED, frozenset({Need.NOTE})),
    Command.RESUME: Step(_WAITING, _LEADS, CaseEventKind.RESUMED, while_suspended=True),
    Command.COMMENT: Step(
        frozenset(Stage),
        frozenset(Role) - {Role.AUDITOR},
        CaseEventKind.COMMENTED,
        frozenset({Need.NOTE}),
        while_suspended=True,
    ),
}
