"""The worker's eye on its own pictures: which are fit to be looked at, and what is wrong with the others."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.clock import Clock, isoformat_z
from core.ids import ViewId
from grid.views import ViewSpec
from streams.camera import CameraState, CameraStatus
from streams.frames import Frame
from streams.picture_health.findings import Finding, FindingKind
from streams.picture_health.judge import ViewMemory, judge
from streams.picture_health.rules import HealthRules
from streams.picture_health.small import small_luma
from streams.picture_health.store import ReferenceStore, ReferenceUnwritable

log = logging.getLogger(__name__)

AWAY = frozenset({CameraState.CONNECTING, CameraState.STALLED, CameraState.DOWN})
RECALL_S = 2.0
"""How often a view's reference is looked for on the disk: one that was removed there is taken anew."""


@dataclass(slots=True)
class _View:
    """What is known of one view; the memory is written by the inference owner only."""

    memory: ViewMemory
    is_kept: bool
    """The reference in memory lies on the disk, too."""
    recalled_s: float
    withheld: int = 0
    away_since: datetime | None = None
    away_since_s: float = 0.0
    told: frozenset[FindingKind] = frozenset()


class ViewWatch:
    """Judges every picture before it is looked at; a picture that is not sound says nothing, neither way.

    Args:
        views: how each view is tied to the ground, since another tie needs another reference; None for one that moves:
            it has none, and only what needs none is judged.
    """

    def __init__(
        self, rules: HealthRules, store: ReferenceStore, views: Mapping[ViewId, ViewSpec | None], clock: Clock
    ) -> None:
        self._rules = rules
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._views: dict[ViewId, _View] = {}
        self._signatures: dict[ViewId, str] = {}
        for view_id, spec in views.items():
            self.watch(view_id, spec)

    def watch(self, view_id: ViewId, spec: ViewSpec | None) -> None:
        """A view that is new, or tied to the ground anew; another tie begins without its reference."""
        signature = None if spec is None else signature_of(spec)
        with self._lock:
            if self._signatures.get(view_id) != signature:
                self._views.pop(view_id, None)
            if signature is None:
                self._signatures.pop(view_id, None)
            else:
                self._signatures[view_id] = signature

    def is_sound(self, frame: Frame) -> bool:
        """Whether a picture may be looked at; to be asked once for every picture, by one thread."""
        if not self._rules.enabled:
            return True
        view = self._view(frame.view_id)
        self._recall(frame.view_id, view)
        is_fixed = frame.view_id in self._signatures
        luma = small_luma(frame.picture)
        view.memory, said = judge(view.memory, luma, frame.captured_at, self._rules, is_fixed)
        if said.has_new_reference:
            self._keep(frame.view_id, view)
        view.withheld += not said.is_sound
        self._tell(frame.view_id, view, view.memory.findings)
        return said.is_sound

    def health(self, view_id: ViewId, status: CameraStatus) -> dict[str, object]:
        """What is wrong with a view, for the API; ``status`` tells whether pictures come at all."""
        if not self._rules.enabled:
            return {"findings": [], "looks_withheld": 0, "reference_at": None}
        view = self._view(view_id)
        memory, lost = view.memory, self._lost(view, status)
        findings = memory.findings if lost is None else (lost, *memory.findings)
        reference = memory.reference
        return {
            "findings": [finding_json(finding, status.width_px) for finding in findings],
            "looks_withheld": view.withheld,
            "reference_at": None if reference is None else isoformat_z(reference.taken_at),
        }

    def forget(self, view_id: ViewId) -> None:
        """A view that is gone takes no room; its reference stays on the disk, in case it comes back."""
        with self._lock:
            self._views.pop(view_id, None)
            self._signatures.pop(view_id, None)

    def _view(self, view_id: ViewId) -> _View:
        with self._lock:
            view = self._views.get(view_id)
            if view is None:
                signature = self._signatures.get(view_id)
                reference = None if signature is None else self._store.load(view_id, signature)
                memory = ViewMemory(reference=reference)
                view = _View(memory, reference is not None, self._clock.monotonic())
                self._views[view_id] = view
            return view

    def _recall(self, view_id: ViewId, view: _View) -> None:
        """Begin anew where somebody has removed the reference: what the view shows now is what it is to show."""
        now_s = self._clock.monotonic()
        if not view.is_kept or now_s - view.recalled_s < RECALL_S:
            return
        view.recalled_s = now_s
        if not self._store.holds(view_id):
            log.info("%s: its reference picture was removed; the next one is taken from what it shows now", view_id)
            view.memory, view.is_kept = ViewMemory(), False

    def _keep(self, view_id: ViewId, view: _View) -> None:
        reference, signature = view.memory.reference, self._signatures.get(view_id)
        if reference is None or signature is None:
            return
        try:
            self._store.save(view_id, signature, reference)
        except ReferenceUnwritable as error:
            view.is_kept = False
            log.error("%s: %s", view_id, error)
        else:
            view.is_kept = True
            log.info("%s: took its reference picture", view_id)

    def _lost(self, view: _View, status: CameraStatus) -> Finding | None:
        """Away for long; a feed that has ended or was switched off is not lost."""
        if status.state not in AWAY:
            view.away_since = None
            return None
        now_s = self._clock.monotonic()
        if view.away_since is None:
            view.away_since, view.away_since_s = self._clock.now(), now_s
        away_s = now_s - view.away_since_s
        if away_s < self._rules.lost_s:
            return None
        return Finding(FindingKind.LOST, view.away_since, away_s, self._rules.lost_s)

    def _tell(self, view_id: ViewId, view: _View, findings: Sequence[Finding]) -> None:
        """One line when a finding begins and one when it ends."""
        kinds = frozenset(finding.kind for finding in findings)
        for finding in findings:
            if finding.kind not in view.told:
                log.warning(
                    "%s: %s since %s (%.3g, limit %.3g); it is not looked at until that is mended",
                    view_id,
                    finding.kind,
                    isoformat_z(finding.since),
                    finding.value,
                    finding.threshold,
                )
        for kind in sorted(view.told - kinds):
            log.info("%s: no longer %s", view_id, kind)
        view.told = kinds


def signature_of(spec: ViewSpec) -> str:
    """What ties a view to the ground, as one short text; tolerances are no part of it."""
    tie = spec.model_dump_json(include={"control_points", "regions", "frame_size"})
    return sha256(tie.encode()).hexdigest()[:32]


def finding_json(finding: Finding, width_px: int | None) -> dict[str, object]:
    """A finding as the API takes it; a shift in pixels of the camera's own picture."""
    shift = finding.shift
    return {
        "kind": finding.kind.value,
        "since": isoformat_z(finding.since),
        "value": round(finding.value, 4),
        "threshold": round(finding.threshold, 4),
        "shift_px": None if shift is None or width_px is None else [round(share * width_px, 1) for share in shift],
    }
