"""What policy decided, why, and how precise each camera is, as programs read it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.policy_rule_wire import CategoryOrAll
from api.wire import Category, Identifier, Moment, WireModel
from cases.policy.decision import Decision, Trial, Verdict
from cases.policy.decisions import BoundCase, DecisionQuery, KeptDecision
from cases.policy.judging import may_file
from cases.policy.profile_store import KeptSwitch
from cases.policy.reviews import MeasuredPlace
from cases.policy.rules import AutoMode, PolicyRules

EXAMPLE_TRIAL: dict[str, Any] = {
    "rule": "permit:17",
    "name": "春熙路夜市",
    "applied": False,
    "zh": "2026-03-02 09:15 不在许可时段内（fri,sat,sun 18:00-01:00）",
    "en": "2026-03-02 09:15 is outside its hours (fri,sat,sun 18:00-01:00)",
}
EXAMPLE_DECISION: dict[str, Any] = {
    "id": 812,
    "decided_at": "2026-03-02T01:15:01Z",
    "at": "2026-03-02T01:15:00Z",
    "incident_id": "5f2d9d3e-6f0c-5b57-9c37-0d5f5b0c7a11",
    "camera_id": "CAM-01",
    "cell_id": "510104001001001",
    "category": "street_stall",
    "verdict": "queue",
    "rule": "default:queue",
    "case_id": "7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55",
    "zh": "等待人工确认：未设自动立案",
    "en": "waits for a person: no auto-file switch is set",
    "trials": [EXAMPLE_TRIAL],
    "elsewhere": 3,
    "is_night": False,
    "confidence": 0.83,
    "probability": 0.91,
}


class TrialWire(WireModel):
    """One rule that was tried."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_TRIAL]})

    rule: str
    name: str
    applied: bool
    zh: str
    en: str

    @classmethod
    def of(cls, trial: Trial) -> "TrialWire":
        return cls(rule=trial.rule, name=trial.name, applied=trial.applied, zh=trial.why.zh, en=trial.why.en)


class DecisionWire(WireModel):
    """What policy said of one candidate."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_DECISION]})

    id: int
    decided_at: Moment
    at: Moment = Field(description="capture time of what was judged")
    incident_id: str
    camera_id: str
    cell_id: str
    category: str
    verdict: Verdict
    rule: str = Field(description="the one that decided")
    case_id: str | None = Field(description="null: it made no case")
    zh: str
    en: str
    trials: tuple[TrialWire, ...]
    elsewhere: int = Field(description="permits for other places, not listed")
    is_night: bool
    confidence: float | None
    probability: float | None

    @classmethod
    def of(cls, kept: KeptDecision) -> "DecisionWire":
        return cls(
            id=kept.id,
            decided_at=kept.decided_at,
            at=kept.at,
            incident_id=kept.incident_id,
            camera_id=kept.camera_id,
            cell_id=kept.cell_id,
            category=kept.category,
            verdict=kept.verdict,
            rule=kept.rule,
            case_id=kept.case_id,
            zh=kept.why.zh,
            en=kept.why.en,
            trials=tuple(TrialWire.of(trial) for trial in kept.trials),
            elsewhere=kept.elsewhere,
            is_night=kept.is_night,
            confidence=kept.facts.get("confidence"),
            probability=kept.facts.get("probability"),
        )


class DecisionPageWire(WireModel):
    """Some decisions, newest first."""

    decisions: tuple[DecisionWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor`; null: that was all")


class DecisionFilterWire(WireModel):
    """Which decisions a list shows; every field narrows."""

    verdict: Verdict | None = None
    rule: Identifier | None = Field(None, description="e.g. permit:17")
    camera_id: Identifier | None = None
    cell_id: Identifier | None = None
    category: Category | None = None
    since: Moment | None = Field(None, description="decided at or after, RFC 3339 with a zone")
    until: Moment | None = Field(None, description="decided before, RFC 3339 with a zone")
    cursor: Identifier | None = Field(None, description="`next_cursor` of the page before")
    limit: int = Field(50, ge=1, le=200)

    def as_query(self) -> DecisionQuery:
        return DecisionQuery(
            self.verdict, self.rule, self.camera_id, self.cell_id, self.category, self.since, self.until
        )


class ExplainFilterWire(WireModel):
    """What is to be explained: an incident, a case, or what would become of a candidate."""

    incident_id: Identifier | None = None
    case_id: Identifier | None = None
    camera_id: Identifier | None = Field(None, description="with category and cell_id: what would become of it")
    category: Category | None = None
    cell_id: Identifier | None = None
    at: Moment | None = Field(None, description="when; left out: now")
    confidence: float | None = Field(None, ge=0, le=1)
    probability: float | None = Field(None, ge=0, le=1)


class AnswerWire(WireModel):
    """What the rules say now of a candidate that is asked about; nothing is written."""

    at: Moment
    verdict: Verdict
    rule: str
    zh: str
    en: str
    trials: tuple[TrialWire, ...]
    elsewhere: int
    is_night: bool

    @classmethod
    def of(cls, decision: Decision, at: datetime) -> "AnswerWire":
        return cls(
            at=at,
            verdict=decision.verdict,
            rule=decision.rule,
            zh=decision.why.zh,
            en=decision.why.en,
            trials=tuple(TrialWire.of(trial) for trial in decision.trials),
            elsewhere=decision.elsewhere,
            is_night=decision.is_night,
        )


class ExplanationWire(WireModel):
    """Why a candidate became a case, or did not."""

    zh: str
    en: str
    case_id: str | None = Field(description="the case that it became, or joined")
    case_number: str | None
    decisions: tuple[DecisionWire, ...] = Field(description="what was decided, newest first, at most 50")
    answer: AnswerWire | None = Field(description="for a question by camera, category and cell")

    @classmethod
    def of(cls, decisions: tuple[KeptDecision, ...], case: BoundCase | None) -> "ExplanationWire":
        zh, en = _told(decisions, case)
        return cls(
            zh=zh,
            en=en,
            case_id=None if case is None else case.id,
            case_number=None if case is None else case.number,
            decisions=tuple(DecisionWire.of(each) for each in decisions),
            answer=None,
        )

    @classmethod
    def of_answer(cls, decision: Decision, at: datetime) -> "ExplanationWire":
        answer = AnswerWire.of(decision, at)
        return cls(zh=answer.zh, en=answer.en, case_id=None, case_number=None, decisions=(), answer=answer)


def _told(decisions: tuple[KeptDecision, ...], case: BoundCase | None) -> tuple[str, str]:
    newest = decisions[0] if decisions else None
    if case is None:
        return (newest.why.zh, newest.why.en) if newest is not None else ("没有记录", "nothing is known of it")
    opened = next((each for each in decisions if each.case_id == case.id), None)
    if opened is not None:
        return f"案件 {case.number}：{opened.why.zh}", f"case {case.number}: {opened.why.en}"
    return (
        f"并入或属于案件 {case.number}；立案后的上报不再经策略判断",
        f"it went to case {case.number}, which stood already or was opened without a candidate: nothing to decide",
    )


class AutoSwitchWire(WireModel):
    """Turn a switch."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"category": "exposed_garbage", "camera_id": "*", "mode": "measured"}]}
    )

    category: CategoryOrAll
    camera_id: Identifier = Field("*", description="a camera, or * for all")
    mode: AutoMode


class KeptSwitchWire(WireModel):
    """A switch as it stands."""

    rule: str = Field(examples=["switch:1"])
    category: str
    camera_id: str
    mode: AutoMode
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, kept: KeptSwitch) -> "KeptSwitchWire":
        switch = kept.switch
        return cls(
            rule=switch.rule,
            category=switch.category,
            camera_id=switch.camera_id,
            mode=switch.mode,
            changed_at=kept.changed_at,
            changed_by=kept.changed_by,
        )


class AutoPlaceWire(WireModel):
    """How precise one camera is for a category, by day or by night, and what follows from it."""

    camera_id: str
    category: str
    period: Literal["day", "night"]
    reviewed: int
    right: int
    precision: float | None = Field(description="null: not assessed")
    lower_bound: float | None
    mode: AutoMode = Field(description="of the switch that counts here; queue where none is set")
    verdict: Verdict = Field(description="file or queue")
    zh: str
    en: str

    @classmethod
    def of(cls, found: MeasuredPlace, rules: PolicyRules) -> "AutoPlaceWire":
        place, measured = found.place, found.measured
        switch = rules.switch_for(place.category, place.camera_id)
        mode = AutoMode.QUEUE if switch is None else switch.mode
        files, why = may_file(mode, measured, rules)
        return cls(
            camera_id=place.camera_id,
            category=place.category,
            period="night" if place.is_night else "day",
            reviewed=measured.reviewed,
            right=measured.right,
            precision=measured.precision,
            lower_bound=measured.lower_bound(rules.settings.auto_z),
            mode=mode,
            verdict=Verdict.FILE if files else Verdict.QUEUE,
            zh=why.zh,
            en=why.en,
        )


class AutoFilingWire(WireModel):
    """The bar, the switches, and every camera and category that people have reviewed."""

    bar: float
    least: int = Field(description="reviews below which nothing is measured")
    last: int = Field(description="reviews that count")
    z: float = Field(description="of the Wilson score bound")
    switches: tuple[KeptSwitchWire, ...]
    places: tuple[AutoPlaceWire, ...]
    next_cursor: str | None = Field(description="ask again with this as `cursor` for more places; null: that was all")
