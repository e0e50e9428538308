"""What the public is told of a case: how far it has come, Chinese first; never what the desk wrote."""

from collections.abc import Mapping

from cases.case import Case, CaseEventKind, CloseReason
from cases.life import Stage

STAGES: Mapping[Stage, str] = {
    Stage.COLLECTED: "已收到，待受理 / received, waits to be confirmed",
    Stage.REGISTERED: "已立案，待派遣 / registered, waits to be sent to its unit",
    Stage.DISPATCHED: "已派遣至处置单位 / sent to the responsible unit",
    Stage.HANDLING: "处置中 / being put right",
    Stage.REPORTED: "处置单位反馈已处置，待核查 / reported as put right, waits to be checked",
    Stage.VERIFIED: "核查通过，待结案 / checked and found put right",
    Stage.CLOSED: "已处置，结案 / put right and closed",
    Stage.VOID: "已作废 / closed without handling",
}
REASONS: Mapping[CloseReason, str] = {
    CloseReason.HANDLED: STAGES[Stage.CLOSED],
    CloseReason.FALSE_ALARM: "未发现该问题，结案 / nothing was found there, closed",
    CloseReason.PERMITTED: "属许可范围，结案 / it is there by permission, closed",
    CloseReason.OTHER: "因其他原因结案 / closed for another reason",
}
HAPPENINGS: Mapping[CaseEventKind, str] = {
    CaseEventKind.ACCEPTED: STAGES[Stage.REGISTERED],
    CaseEventKind.DISPATCHED: STAGES[Stage.DISPATCHED],
    CaseEventKind.TAKEN: STAGES[Stage.HANDLING],
    CaseEventKind.REPORTED: STAGES[Stage.REPORTED],
    CaseEventKind.VERIFIED: STAGES[Stage.VERIFIED],
    CaseEventKind.REWORKED: "核查未通过，退回重新处置 / checked and not put right: it goes back to the unit",
    CaseEventKind.EXTENSION_GRANTED: "处置时限已延长 / the unit was given more time",
    CaseEventKind.SUSPENDED: "挂账，暂缓处置 / set aside for the time being",
    CaseEventKind.RESUMED: "恢复处置 / taken up again",
    CaseEventKind.CLOSED: STAGES[Stage.CLOSED],
    CaseEventKind.UNDONE: "重新受理中 / it is being looked at once more",
}
"""The events that the public hears of."""


def status_notes(case: Case) -> str:
    """How far a case has come."""
    if case.close_reason is not None:
        return REASONS[case.close_reason]
    said = STAGES[case.life.stage]
    return f"{said}（挂账 / set aside）" if case.life.is_suspended else said


def notice(case: Case) -> str:
    """What somebody who asked is answered: the same, whether theirs was the first word of it or the tenth."""
    return f"案件编号 / case number {case.number}: {status_notes(case)}"


def happened(kind: CaseEventKind, reason: str | None) -> str:
    """One public event in words."""
    if kind is CaseEventKind.CLOSED and reason is not None:
        return REASONS[CloseReason(reason)]
    return HAPPENINGS[kind]
