"""One fault after the other over the storm's cameras, and what the patrol says meanwhile."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from benchmarks.rtsp_fleet import Sample, sample, worker_of
from benchmarks.storm_site import StormSite, pause
from benchmarks.storm_street import Fault, StormStreet
from benchmarks.storm_verdict import (
    NOTICE_INTERVALS,
    NOTICE_TIMEOUTS,
    RECOVERY_S,
    SETTLE_INTERVALS,
    Phase,
    StormQuestion,
)
from benchmarks.storm_watch import Reading, Shown, gaps_s, labelled, open_gap_s, states_in_page, tally

OUTAGE_S = 10.0
"""How long the servers stay away at most when all of them are restarted."""

TRIES = 8
"""Cameras that are tried again and again change their state between two questions."""


@dataclass
class Weather:
    """One phase after the other over one street."""

    asked: StormQuestion
    street: StormStreet
    site: StormSite
    say: Callable[[str], None]
    all_live_s: float | None = None
    calm: Sample | None = None
    """Of the worker, before anything went wrong."""
    pids: list[int] = field(default_factory=list)
    """Every worker that was seen; more than one: it fell."""

    def blow(self) -> list[Phase]:
        observer, well = self.site.observer, self.street.well
        everybody = self.street.camera_ids
        self.all_live_s = observer.until(
            lambda shown: all_show(well.is_shown_by, shown, everybody), 60 + len(everybody)
        )
        if self.all_live_s is None:
            shown = observer.newest()
            for name in everybody:
                if name not in shown or not well.is_shown_by(shown[name]):
                    self.say(f"{name} is not well: {shown.get(name)}")
            self.say(self.site.last_words())
            return []
        looks = {camera_id: camera.looks for camera_id, camera in observer.newest().items()}
        enough = SETTLE_INTERVALS
        observer.until(
            lambda shown: all(shown[camera_id].looks >= looks[camera_id] + enough for camera_id in everybody),
            20 * self.asked.interval_s,
        )
        self.calm = self._see_worker()
        faults, phases = self.street.faults(), []
        for first in range(0, len(faults), self.asked.at_once):
            phases.append(self._phase(faults[first : first + self.asked.at_once]))
        phases += [self._phase([self.street.outage(number)]) for number in range(1, self.asked.restarts + 1)]
        return phases

    def _phase(self, faults: Sequence[Fault]) -> Phase:
        observer, well = self.site.observer, self.street.well
        affected = {camera_id: fault for fault in faults for camera_id in fault.cameras}
        healthy = [camera_id for camera_id in self.street.camera_ids if camera_id not in affected]
        name = " + ".join(fault.name for fault in faults)
        self.say(f"{name}: {len(affected)} cameras")
        observer.begin()
        began_s = time.monotonic()
        asked = self.asked
        notice_s = max(asked.phase_s, NOTICE_TIMEOUTS * asked.timeout_s, NOTICE_INTERVALS * asked.interval_s)
        for fault in faults:
            fault.begin()
        noticed_s = observer.until(
            lambda shown: all(
                camera_id in shown and fault.shows.is_shown_by(shown[camera_id])
                for camera_id, fault in affected.items()
            ),
            notice_s,
        )
        hold_s = self.asked.phase_s if healthy else min(self.asked.phase_s, OUTAGE_S)
        pause(began_s + hold_s - time.monotonic())
        wrong = self._wrong(affected)
        looks = {camera_id: camera.looks for camera_id, camera in observer.newest().items()}
        for fault in faults:
            fault.cure()
        recovered_s = observer.until(
            lambda shown: (
                all_show(well.is_shown_by, shown, self.street.camera_ids)
                and all(shown[camera_id].looks > looks.get(camera_id, 0) for camera_id in affected)
            ),
            RECOVERY_S,
        )
        readings = observer.readings()
        worst_s, late = kept(readings, healthy)
        self.say(
            f"  noticed after {noticed_s} s, recovered {recovered_s} s after the cure; {wrong or 'all shown right'}"
        )
        return Phase(
            name,
            len(affected),
            noticed_s,
            recovered_s,
            round(worst_s / self.asked.interval_s, 2),
            late,
            round(share_looked(readings, healthy, self.asked.interval_s), 3),
            wrong,
            self._see_worker(),
        )

    def _wrong(self, affected: Mapping[str, Fault]) -> tuple[str, ...]:
        """What is shown wrongly now, in the API, on the page or in the metrics; states change: it is asked again."""
        wrong: tuple[str, ...] = ()
        for _ in range(TRIES):
            wrong = self._wrong_now(affected)
            if not wrong:
                return ()
            pause(0.7)
        return wrong

    def _wrong_now(self, affected: Mapping[str, Fault]) -> tuple[str, ...]:
        well = self.street.well
        try:
            page = states_in_page(self.site.desk.get("/cameras").text)
            metrics = self.site.api.get("/metrics").text
        except httpx.HTTPError as error:
            return (f"the API: no answer ({type(error).__name__})",)
        told = self.site.observer.newest()
        wrong = []
        for camera_id in self.street.camera_ids:
            want = affected[camera_id].shows if camera_id in affected else well
            if camera_id not in told or not want.is_shown_by(told[camera_id]):
                wrong.append(f"{camera_id} in the API: {told.get(camera_id)}")
            if page.get(camera_id) not in want.states:
                wrong.append(f"{camera_id} on the page: {page.get(camera_id)}")
        wrong += wrong_in_metrics(metrics, told)
        return tuple(wrong)

    def _see_worker(self) -> Sample | None:
        try:
            worker = worker_of(self.site.patrol.pid)
        except RuntimeError:
            return None
        if worker not in self.pids:
            self.pids.append(worker)
        return sample(worker)


def wrong_in_metrics(metrics: str, told: Mapping[str, Shown]) -> list[str]:
    """Where the metrics' tallies are not those of the cameras, connecting cameras' states left open for the moment."""
    wrong = []
    live = sum(camera.state == "live" for camera in told.values())
    if labelled(metrics, "gridpatrol_cameras").get("live", 0) != live:
        wrong.append(f"gridpatrol_cameras: {labelled(metrics, 'gridpatrol_cameras')}, {live} are live")
    for name, values in (
        ("gridpatrol_camera_faults", [camera.error_kind for camera in told.values()]),
        ("gridpatrol_camera_findings", [kind for camera in told.values() for kind in camera.findings]),
    ):
        if labelled(metrics, name) != tally(values):
            wrong.append(f"{name}: {labelled(metrics, name)}, not {tally(values)}")
    return wrong


def all_show(is_well: Callable[[Shown], bool], shown: Mapping[str, Shown], camera_ids: Sequence[str]) -> bool:
    return all(camera_id in shown and is_well(shown[camera_id]) for camera_id in camera_ids)


def share_looked(readings: Sequence[Reading], healthy: Sequence[str], interval_s: float) -> float:
    """Of the looks that the worst healthy camera was to get, the share that it got; 1 where there was none to judge."""
    if len(readings) < 2 or not healthy:
        return 1.0
    first, last = readings[0], readings[-1]
    wanted = (last.at_s - first.at_s) / interval_s
    return min((last.cameras[name].looks - first.cameras[name].looks) / wanted for name in healthy)


def kept(readings: Sequence[Reading], healthy: Sequence[str]) -> tuple[float, int]:
    """The longest time without a look at a healthy camera, seconds; and how many looks the worker called late."""
    worst_s = max(
        (gap_s for camera_id in healthy for gap_s in (*gaps_s(readings, camera_id), open_gap_s(readings, camera_id))),
        default=0.0,
    )
    if not readings:
        return worst_s, 0
    first, last = readings[0].cameras, readings[-1].cameras
    both = [camera_id for camera_id in healthy if camera_id in first and camera_id in last]
    return worst_s, sum(last[camera_id].late - first[camera_id].late for camera_id in both)
