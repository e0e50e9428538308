"""One candidate against the rules: the verdict, and why each rule did or did not apply. Pure.

The order, in which the first that applies decides: permitted areas, suppressions, the bar of the profile that holds,
the auto-file switch. Later rules are tried all the same, so that an explanation names every one.
"""

from collections.abc import Iterable
from datetime import date, datetime

from cases.policy.decision import DEFAULT_RULE, Decision, Trial, Verdict, Why
from cases.policy.facts import CandidateFacts
from cases.policy.hours import wall_clock
from cases.policy.rules import (
    AutoMode,
    AutoSwitch,
    Bar,
    Below,
    PermitArea,
    PolicyRules,
    Profile,
    ProfileKind,
    Suppression,
)
from cases.policy.wilson import Measured
from core.clock import isoformat_z
from core.errors import GridError
from core.ids import CellId
from grid.codes import split_cell

MOST_TRIALS = 100
"""Rules that an explanation lists; what applied is always among them."""


def judge(facts: CandidateFacts, rules: PolicyRules, now: datetime, measured: Measured | None = None) -> Decision:
    """Decide about a candidate.

    Args:
        facts: what would open a case.
        rules: those in force.
        now: the present moment, aware; told where a rule has ended since the picture was taken.
        measured: what people said of the camera's last candidates of the category, by day or by night; None: unknown.
    """
    permits, elsewhere = _permits(facts, rules)
    suppressions = [_try_suppression(facts, each, rules, now) for each in rules.suppressions_for(facts.camera_id)]
    bar, below = _bar(facts, rules)
    auto, may_file = _auto(facts, rules, measured)
    is_night = night_at(facts.at, rules)
    turned_away = next((trial for trial in (*permits, *suppressions) if trial.applied), None)
    verdict, decider = Verdict.FILE if may_file else Verdict.QUEUE, auto
    if bar is not None and below is not None:
        verdict, decider = (Verdict.SUPPRESS if below is Below.SUPPRESS else Verdict.QUEUE), bar
    if turned_away is not None:
        verdict, decider = Verdict.SUPPRESS, turned_away
    trials = _bounded((*permits, *suppressions, *([] if bar is None else [bar]), auto))
    return Decision(verdict, decider.rule, _told(verdict, decider), trials, elsewhere, is_night, rules.version)


def night_at(moment: datetime, rules: PolicyRules) -> bool:
    """Whether it was night: by the night profiles' hours, or by the settings where none is kept."""
    nights = [profile for profile in rules.profiles if profile.kind is ProfileKind.NIGHT]
    if nights:
        return any(profile.hours.holds(moment, rules.zone) for profile in nights)
    shown = f"{wall_clock(moment, rules.zone):%H:%M}"
    first, last = rules.settings.night_from, rules.settings.night_until
    return first <= shown < last if first < last else shown >= first or shown < last


def _permits(facts: CandidateFacts, rules: PolicyRules) -> tuple[list[Trial], int]:
    cells = _cells(facts.cell_id)
    named = rules.permits_at(cells)
    around = facts.places or facts.outline or ()
    drawn = rules.permits_with_polygon()
    near = [drawn[index] for index in rules.index.near(around, rules.settings.edge_m)]
    tried = {permit.id: permit for permit in (*named, *near)}
    trials = [_try_permit(facts, tried[key], rules) for key in sorted(tried)]
    if not around and drawn:
        why = Why(
            f"网格 {facts.cell_id} 的范围未知，也没有地面位置：无法与划定区域比较；请导入该网格",
            f"cell {facts.cell_id} is not in the grid and no place is told: drawn areas cannot be tried; load its grid",
        )
        trials.append(Trial("permit:*", "*", False, why))
    return trials, len(rules.permits) - len(tried)


def _cells(cell: CellId) -> tuple[CellId, ...]:
    """The cell itself, and the unit grid that a finer cell lies in."""
    try:
        code, sub = split_cell(cell)
    except GridError:
        return (cell,)
    return (cell,) if sub is None else (cell, code)


def _try_permit(facts: CandidateFacts, permit: PermitArea, rules: PolicyRules) -> Trial:
    for reason in (_other_category(facts, permit), _other_time(facts, permit, rules)):
        if reason is not None:
            return Trial(permit.rule, permit.name, False, reason)
    inside, where = _inside(facts, permit, rules)
    if not inside:
        return Trial(permit.rule, permit.name, False, where)
    hours = permit.hours.shown()
    why = Why(
        f"许可 {permit.number}（{permit.name}）准许：{where.zh}，时段 {hours}",
        f"permit {permit.number} ({permit.name}) allows it: {where.en}, hours {hours}",
    )
    return Trial(permit.rule, permit.name, True, why)


def _other_category(facts: CandidateFacts, permit: PermitArea) -> Why | None:
    if not permit.categories or facts.category in permit.categories:
        return None
    allowed = ", ".join(sorted(permit.categories))
    return Why(f"许可只含 {allowed}，不含 {facts.category}", f"it permits {allowed}, not {facts.category}")


def _other_time(facts: CandidateFacts, permit: PermitArea, rules: PolicyRules) -> Why | None:
    local = wall_clock(facts.at, rules.zone)
    shown = f"{local:%Y-%m-%d %H:%M}"
    days = permit.hours.starts(local)
    if not days:
        return Why(
            f"{shown} 不在许可时段内（{permit.hours.shown()}）",
            f"{shown} is outside its hours ({permit.hours.shown()})",
        )
    if permit.season is not None and not any(permit.season.holds(day) for day in days):
        season = permit.season.shown()
        return Why(f"{shown} 不在许可季节内（{season}）", f"{shown} is outside its season ({season})")
    if not any(_is_valid(permit, day) for day in days):
        return Why(
            f"许可在 {shown} 无效（{permit.valid_from or '…'} 至 {permit.valid_until or '…'}）",
            f"it is not valid on {shown} ({permit.valid_from or '…'} to {permit.valid_until or '…'})",
        )
    return None


def _is_valid(permit: PermitArea, day: date) -> bool:
    return (permit.valid_from is None or permit.valid_from <= day) and (
        permit.valid_until is None or day <= permit.valid_until
    )


def _inside(facts: CandidateFacts, permit: PermitArea, rules: PolicyRules) -> tuple[bool, Why]:
    if permit.cells.intersection(_cells(facts.cell_id)):
        return True, Why(f"网格 {facts.cell_id} 在许可名单内", f"cell {facts.cell_id} is on its list")
    area = permit.area
    if area is None:
        return False, Why(f"网格 {facts.cell_id} 不在许可名单内", f"cell {facts.cell_id} is not on its list")
    edge_m = rules.settings.edge_m
    if facts.places:
        outside = [area.distance_m(place) for place in facts.places]
        farthest = max(outside)
        if farthest <= edge_m:
            return True, Why("所有目标都在许可区域内", "everything found stands inside its area")
        count = sum(distance > edge_m for distance in outside)
        return False, Why(
            f"{len(outside)} 个目标中 {count} 个在许可区域外（最远 {farthest:.1f} 米）",
            f"{count} of {len(outside)} found stand outside its area (the farthest by {farthest:.1f} m)",
        )
    if facts.outline is None:
        return False, Why("网格范围未知", "the cell's outline is not known")
    share, needed = area.share_of(facts.outline), rules.settings.cover_share
    covers = Why(
        f"许可区域覆盖网格的 {share:.0%}（须 {needed:.0%}）",
        f"its area covers {share:.0%} of the cell ({needed:.0%} needed)",
    )
    return share >= needed, covers


def _try_suppression(facts: CandidateFacts, suppression: Suppression, rules: PolicyRules, now: datetime) -> Trial:
    applied, why = _suppresses(facts, suppression, rules, now)
    return Trial(suppression.rule, suppression.reason[:100], applied, why)


def _suppresses(facts: CandidateFacts, suppression: Suppression, rules: PolicyRules, now: datetime) -> tuple[bool, Why]:
    if suppression.category is not None and suppression.category != facts.category:
        return False, Why(f"只屏蔽 {suppression.category}", f"it is for {suppression.category} alone")
    ends = isoformat_z(suppression.expires_at)
    if facts.at >= suppression.expires_at:
        since = " already" if now >= suppression.expires_at else ""
        return False, Why(f"屏蔽已于 {ends} 到期", f"it has{since} expired, {ends}")
    if suppression.view_id is not None and facts.view_id is not None and suppression.view_id != facts.view_id:
        return False, Why(f"只屏蔽画面 {suppression.view_id}", f"it is for view {suppression.view_id} alone")
    if suppression.cells and not suppression.cells.intersection(_cells(facts.cell_id)):
        return False, Why(f"不含网格 {facts.cell_id}", f"cell {facts.cell_id} is not in it")
    until = Why(f"屏蔽至 {ends}：{suppression.reason}", f"suppressed until {ends}: {suppression.reason}")
    if suppression.region is None:
        return True, until
    if not facts.boxes:
        return False, Why(
            "没有画面位置，无法与屏蔽区域比较", "no boxes are told, so its part of the picture cannot be compared"
        )
    least, needed = min(suppression.region.share_of(box) for box in facts.boxes), rules.settings.region_share
    if least >= needed:
        return True, until
    return False, Why(
        f"有目标只有 {least:.0%} 在屏蔽区域内（须 {needed:.0%}）",
        f"something found lies in its part of the picture by {least:.0%} only ({needed:.0%} needed)",
    )


def _bar(facts: CandidateFacts, rules: PolicyRules) -> tuple[Trial | None, Below | None]:
    """The bar that holds, as a trial, and what becomes of the candidate when it is under it (None: it is not)."""
    found = _profile(facts, rules)
    if found is None:
        return None, None
    profile, bar = found
    unsure = bar.probability is not None and facts.probability is None and bar.confidence is None
    if unsure and facts.confidence is not None:
        why = Why("模型未给出概率，须人工查看", "the model tells no probability, so a person looks")
        return Trial(profile.rule, profile.name, True, why), Below.QUEUE
    for name_zh, name_en, value, least in (
        ("概率", "probability", facts.probability, bar.probability),
        ("置信度", "confidence", facts.confidence, bar.confidence),
    ):
        if value is not None and least is not None and value < least:
            why = Why(
                f"{name_zh} {value:.2f} 低于 {least:.2f}", f"{name_en} {value:.2f} is under the bar of {least:.2f}"
            )
            return Trial(profile.rule, profile.name, True, why), bar.below
    return Trial(profile.rule, profile.name, False, Why("达到门槛", "it clears the bar")), None


def _profile(facts: CandidateFacts, rules: PolicyRules) -> tuple[Profile, Bar] | None:
    for profile in rules.profiles:
        bar = profile.bar_of(facts.category)
        if bar is None:
            continue
        if profile.kind is ProfileKind.GENERAL or profile.hours.holds(facts.at, rules.zone):
            return profile, bar
    return None


def _auto(facts: CandidateFacts, rules: PolicyRules, measured: Measured | None) -> tuple[Trial, bool]:
    switch = rules.switch_for(facts.category, facts.camera_id)
    if switch is None:
        why = Why("未设自动立案", "no auto-file switch is set")
        return Trial(DEFAULT_RULE, "", True, why), False
    files, why = may_file(switch.mode, measured, rules)
    return Trial(switch.rule, _switch_name(switch), True, why), files


def may_file(mode: AutoMode, measured: Measured | None, rules: PolicyRules) -> tuple[bool, Why]:
    """Whether a candidate is filed without a person under a switch, and why."""
    settings = rules.settings
    if mode is AutoMode.QUEUE:
        return False, Why("开关设为人工确认", "the switch says that a person looks")
    known = measured or Measured(0, 0)
    precision, bound = known.precision, known.lower_bound(settings.auto_z)
    if precision is None or bound is None or known.reviewed < settings.auto_least:
        few = f"{known.reviewed}/{settings.auto_least}"
        if mode is AutoMode.AUTO:
            return True, Why(f"开关设为自动立案（复核 {few}）", f"the switch says auto (reviewed {few})")
        return False, Why(f"复核样本不足（{few}）", f"too few are reviewed yet ({few})")
    figures = f"{known.right}/{known.reviewed}"
    zh = f"复核 {figures}，准确率 {precision:.1%}，下限 {bound:.1%}，门槛 {settings.auto_bar:.0%}"
    en = f"{figures} right, precision {precision:.1%}, lower bound {bound:.1%}, bar {settings.auto_bar:.0%}"
    clears = (precision if mode is AutoMode.AUTO else bound) >= settings.auto_bar
    return clears, Why(
        zh + ("：自动立案" if clears else "：转人工"), en + (": filed" if clears else ": a person looks")
    )


def _switch_name(switch: AutoSwitch) -> str:
    return f"{switch.category} @ {switch.camera_id}: {switch.mode}"


def _told(verdict: Verdict, decider: Trial) -> Why:
    zh = {Verdict.FILE: "自动立案", Verdict.QUEUE: "等待人工确认", Verdict.SUPPRESS: "不立案"}[verdict]
    en = {Verdict.FILE: "filed", Verdict.QUEUE: "waits for a person", Verdict.SUPPRESS: "no case"}[verdict]
    return Why(f"{zh}：{decider.why.zh}", f"{en}: {decider.why.en}")


def _bounded(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """What applied comes first into the bound; the order stays."""
    found = tuple(trials)
    if len(found) <= MOST_TRIALS:
        return found
    kept = sorted(range(len(found)), key=lambda index: (not found[index].applied, index))[:MOST_TRIALS]
    return tuple(found[index] for index in sorted(kept))
