"""The judge's report: a score sheet and the faults, as JSON and as text."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from core.detections import ModelRef
from detector.gate import GateSettings
from detector.ports import Detector
from patrol.gating import GateCounts, shares
from patrol.lapses.faults import Fault, Looker, Scene, faults_of
from patrol.lapses.figures import Figures, LapseFigures, figures_of
from patrol.lapses.run import PatrolOutcome, all_stays, rules_of
from patrol.lapses.score import judge
from patrol.lapses.site import BORDER_M, CELL_M
from patrol.lapses.stays import JudgeRules, violations_in
from patrol.lapses.truth import Lapse
from patrol.settings import Settings

MISSED_FOLDER = "missed"


@dataclass(frozen=True, slots=True)
class LapseReport:
    """One model on one set of lapses."""

    model: ModelRef
    lapses: int
    lights: Mapping[str, int]
    """Lapses per light."""
    looks: int
    gate: GateCounts
    gate_settings: GateSettings
    wall_s: float
    rules: JudgeRules
    figures: LapseFigures
    faults: tuple[Fault, ...]

    def as_json(self) -> dict[str, object]:
        """The whole report; seconds are city time but for ``wall_s``."""
        return {
            "format": 1,
            "model": {"name": self.model.name, "sha256": self.model.sha256},
            "lapses": self.lapses,
            "lights": dict(self.lights),
            "looks": self.looks,
            "gate": {**self.gate_settings.model_dump(), **shares(self.gate)},
            "wall_s": round(self.wall_s, 1),
            "machine": f"{platform.system()} {platform.machine()}",
            "dwell_s": {category: dwell.total_seconds() for category, dwell in sorted(self.rules.dwell.items())},
            "cell_m": CELL_M,
            "border_m": BORDER_M,
            "figures": self.figures.as_json(),
            "faults": [fault.as_json() for fault in self.faults],
        }


def report_on(settings: Settings, lapses: Sequence[Lapse], outcome: PatrolOutcome, detector: Detector) -> LapseReport:
    """Hold what the patrol filed against what stood in the streets.

    Args:
        detector: looks once more at what was missed, so that the report can say whether it is seen at all.
    """
    rules, stays = rules_of(settings, lapses), all_stays(settings, lapses)
    judgement = judge(violations_in(stays, rules), outcome.cases, rules)
    cameras = {camera.id: camera for camera in settings.cameras}
    scenes = {
        lapse.camera_id: Scene(
            lapse, cameras[lapse.camera_id], tuple(stay for stay in stays if stay.camera_id == lapse.camera_id)
        )
        for lapse in lapses
    }
    lights = sorted(lapse.light for lapse in lapses)
    return LapseReport(
        model=outcome.model,
        lapses=len(lapses),
        lights={light: lights.count(light) for light in lights},
        looks=outcome.looks,
        gate=outcome.gate,
        gate_settings=settings.gate,
        wall_s=outcome.wall_s,
        rules=rules,
        figures=figures_of(judgement),
        faults=faults_of(judgement, scenes, outcome.evidence, Looker(detector, settings.site.data_dir / MISSED_FOLDER)),
    )


def score_table(report: LapseReport) -> Table:
    """The score sheet for a screen."""
    columns = ("", "violations", "found", "missed", "right", "wrong", "twice", "open", "precision", "recall", "latency")
    table = Table(*columns, title=f"{report.model.name}: {report.lapses} lapses, {report.looks} pictures")
    table.add_row(*_cells("all", report.figures.overall), end_section=True)
    for name, figures in report.figures.by_category.items():
        table.add_row(*_cells(name, figures))
    table.add_section()
    for name, figures in report.figures.by_light.items():
        table.add_row(*_cells(name, figures))
    return table


def _cells(name: str, figures: Figures) -> tuple[str, ...]:
    counts = (
        figures.violations,
        figures.found,
        figures.missed,
        figures.right,
        figures.wrong,
        figures.duplicates,
        figures.unjudged,
    )
    latency = figures.latency
    waited = "-" if latency is None else f"{latency.median_s / 60:.0f} (≤ {latency.most_s / 60:.0f}) min"
    return (
        name,
        *(str(count) for count in counts),
        _share(figures.precision, figures.precision_95),
        _share(figures.recall, figures.recall_95),
        waited,
    )


def _share(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None or interval is None:
        return "-"
    return f"{share:.3f} ({interval[0]:.2f}–{interval[1]:.2f})"


def gate_line(report: LapseReport) -> str:
    """What the change gate made of the pictures."""
    counts = report.gate
    if not report.gate_settings.enabled:
        return f"变化门控关闭 / change gate off: {counts.looked} looked at"
    return (
        f"变化门控 / change gate: {counts.carried} carried, {counts.looked} looked at (first {counts.first}, changed "
        f"{counts.changed}, forced {counts.forced}, unsettled {counts.unsettled}, confirming {counts.confirming}); "
        f"{counts.differing} of the forced found something else"
    )


def fault_lines(report: LapseReport) -> list[str]:
    """One line for each fault, and one for where to look."""
    lines = []
    for fault in report.faults:
        first, last = fault.pictures
        seen = "" if fault.seen_in is None else f"; the detector sees it in {fault.seen_in[0]} of {fault.seen_in[1]}"
        lines.append(
            f"{fault.kind.value:9} {fault.lapse} ({fault.light}) {fault.category} in {fault.cell_id}, "
            f"pictures {first}-{last}: {fault.what}{seen}"
        )
        lines.append(f"          {fault.picture or 'no picture'}")
    return lines
