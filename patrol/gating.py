"""The change gate in the patrol: which pictures the detector is spared, and what is carried over to them.

The gate carries presence, never absence, and files nothing: a passed picture stands for a look only where it leaves
everything as it is. Where the step would open, report or clear something, or the last look missed what had been seen
before, the picture is looked at after all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

import cv2
import numpy as np

from core.detections import Detection, FrameDetections
from core.geometry import Box
from core.ids import ViewId
from detector.gate import (
    GateReason,
    GateSettings,
    Verdict,
    ViewMemory,
    after_look,
    after_pass,
    first_memory,
    judge_picture,
)
from detector.gate_sketch import CellMask, cells_of, sketch_of
from grid.dedupe import DedupeState
from grid.incidents import IncidentEvent
from grid.views import ViewCalibration
from streams.frames import Frame

SAME_THING_IOU = 0.5
"""Two looks found the same thing when its boxes share so much."""
FORCED_EARLIER = 0.3
"""Views that were first looked at together are not forced together: each has its own limit, up to so much below the
set one. Otherwise all cameras of a machine would want the detector within the same seconds, for ever."""
PROBES_ACROSS = 20
"""The ground is asked for at so many places along the longer side: 30 ms a view, spent with its first look."""


@dataclass(frozen=True, slots=True)
class GateCounts:
    """What became of a view's pictures since the worker started; the names of ``GateReason``."""

    carried: int = 0
    first: int = 0
    changed: int = 0
    forced: int = 0
    unsettled: int = 0
    confirming: int = 0
    off: int = 0
    differing: int = 0
    """Of the forced: in which something else was found than was carried, so that the gate may have missed a change."""

    @property
    def looked(self) -> int:
        """Pictures that the detector saw."""
        return self.first + self.changed + self.forced + self.unsettled + self.confirming + self.off

    def and_one(self, reason: GateReason, is_differing: bool = False) -> "GateCounts":
        counted = replace(self, **{reason.value: getattr(self, reason.value) + 1})
        return replace(counted, differing=counted.differing + is_differing)

    def plus(self, other: "GateCounts") -> "GateCounts":
        ours, theirs = self.as_json(), other.as_json()
        return GateCounts(**{name: count + theirs[name] for name, count in ours.items()})

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the gate says of one frame."""

    reason: GateReason
    verdict: Verdict | None
    """None where the gate is off."""
    carried: FrameDetections | None
    """What stands on, as found in this frame; None where the frame must be looked at."""
    era: int = 0
    """Which model's time it belongs to."""

    def overruled(self, reason: GateReason) -> "Opinion":
        """The frame is looked at after all."""
        return Opinion(reason, self.verdict, None, self.era)


@dataclass(frozen=True, slots=True)
class _View:
    memory: ViewMemory
    found: FrameDetections
    """By the last look."""


class LookGate:
    """Every view's gate; written by the inference owner alone, its counts read by anybody.

    Bounded: some 200 kB for each view that is looked at.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._views: dict[ViewId, _View] = {}
        self._counts: dict[ViewId, GateCounts] = {}
        self._settings_of: dict[ViewId, GateSettings] = {}
        self._era = 0

    def consider(self, frame: Frame, is_gated: bool = True) -> Opinion:
        """Whether the frame can be passed by its pixels and its time.

        Args:
            is_gated: False for a view that is not to be gated, such as one that moves.
        """
        if not (self._settings.enabled and is_gated):
            return Opinion(GateReason.OFF, None, None)
        view = self._views.get(frame.view_id)
        verdict = judge_picture(
            None if view is None else view.memory,
            sketch_of(frame.picture),
            frame.captured_at,
            self._limits(frame.view_id),
        )
        if view is None or not verdict.is_pass:
            return Opinion(verdict.reason, verdict, None, self._era)
        return Opinion(verdict.reason, verdict, carried_to(frame, view.found), self._era)

    def settle(self, opinion: Opinion, found: FrameDetections, calibration: ViewCalibration) -> None:
        """The frame is done with: remember and count it.

        Args:
            found: what stands in it: the opinion's own ``carried``, or what the look found.
        """
        view_id = found.frame.view_id
        view, verdict = self._views.get(view_id), opinion.verdict if opinion.era == self._era else None
        is_differing = False
        if verdict is not None and opinion.carried is not None and view is not None:
            self._views[view_id] = replace(view, memory=after_pass(view.memory, verdict))
        elif verdict is not None:
            memory, is_differing = self._looked(view, opinion.reason, verdict, found, calibration)
            self._views[view_id] = _View(memory, found)
        self._counts[view_id] = self.counts(view_id).and_one(opinion.reason, is_differing)

    def forget(self, view_id: ViewId) -> None:
        """Its next picture is looked at: its look failed, or the view was covered or moved."""
        self._views.pop(view_id, None)

    def forget_all(self) -> None:
        """Every view's next picture is looked at: another model looks from now on. Looks in hand count, and no more."""
        self._views.clear()
        self._era += 1

    def remove(self, view_id: ViewId) -> None:
        """A view that is gone takes no room."""
        self._views.pop(view_id, None)
        self._counts.pop(view_id, None)
        self._settings_of.pop(view_id, None)

    def counts(self, view_id: ViewId) -> GateCounts:
        return self._counts.get(view_id, GateCounts())

    def total(self) -> GateCounts:
        """Over all views."""
        total = GateCounts()
        for counts in tuple(self._counts.values()):
            total = total.plus(counts)
        return total

    def _limits(self, view_id: ViewId) -> GateSettings:
        """The settings with the view's own limit for forced looks."""
        known = self._settings_of.get(view_id)
        if known is None:
            force_after_s = self._settings.force_after_s * (1 - FORCED_EARLIER * own_share(view_id))
            known = self._settings.model_copy(update={"force_after_s": force_after_s})
            self._settings_of[view_id] = known
        return known

    def _looked(
        self,
        view: _View | None,
        reason: GateReason,
        verdict: Verdict,
        found: FrameDetections,
        calibration: ViewCalibration,
    ) -> tuple[ViewMemory, bool]:
        at = found.frame.captured_at
        if view is None or verdict.difference is None:
            size_wh = (found.frame.width_px, found.frame.height_px)
            return first_memory(verdict.sketch, at, ground_cells(calibration, size_wh)), False
        is_same = are_same(view.found.detections, found.detections)
        return after_look(view.memory, verdict, at, is_same), reason is GateReason.FORCED and not is_same


def own_share(view_id: ViewId) -> float:
    """0 to 1, the same for a view at all times, and another for each."""
    return int.from_bytes(sha256(view_id.encode("utf-8", "surrogatepass")).digest()[:4], "big") / 0xFFFFFFFF


def carried_to(frame: Frame, found: FrameDetections) -> FrameDetections:
    """What an earlier look found, as it stands in a frame that shows the same."""
    return FrameDetections(frame.facts, found.detections, found.model, found.frame.captured_at)


def overruling(before: DedupeState, after: DedupeState, events: Sequence[IncidentEvent]) -> GateReason | None:
    """Why a carried frame must be looked at after all, by the step that it would make; None when all stays as it is."""
    if events:
        return GateReason.CONFIRMING
    if any(track.misses for track in after.tracks) or {track.key for track in before.tracks} - {
        track.key for track in after.tracks
    }:
        return GateReason.UNSETTLED
    return None


def are_same(before: Sequence[Detection], now: Sequence[Detection]) -> bool:
    """Whether two looks found the same things in the same places."""
    left = list(now)
    for one in before:
        match = next((each for each in left if is_same_thing(one, each)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def is_same_thing(one: Detection, other: Detection) -> bool:
    return one.category == other.category and one.box.iou(other.box) >= SAME_THING_IOU


def ground_cells(calibration: ViewCalibration, size_wh: tuple[int, int]) -> CellMask:
    """The sketch's cells where a thing may stand that would be filed, with a margin; all of them where there are none.

    A thing counts where its foot meets the ground, so a change that matters shows around a place of the ground.
    """
    width, height = size_wh
    rows, columns = cells_of((height, width))
    step = max(size_wh) / PROBES_ACROSS
    across, down = max(1, round(width / step)), max(1, round(height / step))
    probes = np.zeros((down, across), dtype=np.uint8)
    for row in range(down):
        for column in range(across):
            x, y = (column + 0.5) * width / across, (row + 0.5) * height / down
            probes[row, column] = calibration.place(Box(x, y, x, y), size_wh) is not None
    if not probes.any():
        return np.ones((rows, columns), dtype=np.bool_)
    wide = cv2.dilate(probes, np.ones((3, 3), dtype=np.uint8))
    return np.asarray(cv2.resize(wide, (columns, rows), interpolation=cv2.INTER_NEAREST), dtype=np.bool_)


def shares(counts: GateCounts) -> Mapping[str, object]:
    """The counts as a report tells them."""
    pictures = counts.carried + counts.looked
    return {
        **counts.as_json(),
        "looked": counts.looked,
        "pictures": pictures,
        "gate_share": counts.carried / pictures if pictures else None,
    }
