"""What the gate carries over in the patrol, and when it lets the detector look after all."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detections import Detection, FrameDetections, ModelRef
from core.geometry import Box
from core.ids import CameraId, CategoryId, ViewId
from detector.gate import GateReason, GateSettings
from grid.cells import load_geojson
from grid.dedupe import DedupeState, step
from grid.rules import ConfirmationRules
from grid.sightings import sight
from grid.units import Zone
from grid.views import ViewCalibration, calibrate
from patrol.gating import GateCounts, LookGate, Opinion, are_same, ground_cells, overruling, own_share
from patrol.settings import CameraSettings
from streams.frames import Frame, Picture
from tests.detector.gate_street import SIZE, START, noise_of, pixels, street, with_thing
from tests.patrol.street import CELL, GARBAGE, NEXT_CELL, camera
from tests.patrol.street import settings as settings_of

STREET = street()
STILL, STILL_AGAIN, WITH_BAG = pixels(noise_of([STREET, STREET, with_thing(STREET, 300, 250, 30, 30, -40)], 2.0))
MODEL = ModelRef("city", "a" * 64)
BAG = Detection(GARBAGE, 0.8, Box(300, 250, 330, 280))
STALL = Detection(CategoryId("street_stall"), 0.9, Box(100, 150, 260, 300))
RULES = ConfirmationRules()


@pytest.fixture
def calibration(tmp_path: Path) -> ViewCalibration:
    configured = settings_of(tmp_path, [camera("CAM-01", "clip.mp4", size=SIZE)])
    return calibrate(ViewId("CAM-01"), configured.cameras[0].view, load_geojson(configured.grid.file))


def frame(picture: Picture, second: float) -> Frame:
    return Frame(CameraId("CAM-01"), ViewId("CAM-01"), int(second), START + timedelta(seconds=second), picture)


class Patrolled:
    """A gate and what a detector finds when it is asked."""

    def __init__(self, calibration: ViewCalibration, force_after_s: float = 60.0) -> None:
        self.gate = LookGate(GateSettings(force_after_s=force_after_s))
        self._calibration = calibration

    def show(self, picture: Picture, second: float, *found: Detection) -> Opinion:
        given_frame = frame(picture, second)
        opinion = self.gate.consider(given_frame)
        self.gate.settle(
            opinion, opinion.carried or FrameDetections(given_frame.facts, found, MODEL), self._calibration
        )
        return opinion

    @property
    def counts(self) -> GateCounts:
        return self.gate.counts(ViewId("CAM-01"))


def test_a_passed_frame_carries_what_was_found_with_its_own_time_and_says_so(calibration: ViewCalibration) -> None:
    view = Patrolled(calibration)
    assert view.show(STILL, 0, BAG).reason is GateReason.FIRST
    carried = view.show(STILL_AGAIN, 2).carried
    assert carried is not None
    assert carried.detections == (BAG,)
    assert carried.model == MODEL
    assert carried.frame.captured_at == START + timedelta(seconds=2)
    assert carried.carried_from == START
    assert view.show(WITH_BAG, 4, BAG).carried is None
    assert (view.counts.first, view.counts.carried, view.counts.changed, view.counts.looked) == (1, 1, 1, 2)


def test_a_forced_look_that_finds_something_else_is_counted_as_a_possible_miss(calibration: ViewCalibration) -> None:
    view = Patrolled(calibration)
    view.show(STILL, 0)
    assert view.show(STILL_AGAIN, 60).reason is GateReason.FORCED
    assert view.counts.differing == 0
    assert view.show(STILL, 120, BAG).reason is GateReason.FORCED
    assert (view.counts.forced, view.counts.differing) == (2, 1)


def test_another_model_and_a_failed_look_make_the_next_picture_a_first_one(calibration: ViewCalibration) -> None:
    view = Patrolled(calibration)
    view.show(STILL, 0)
    view.gate.forget(ViewId("CAM-01"))
    assert view.show(STILL_AGAIN, 2).reason is GateReason.FIRST
    view.gate.forget_all()
    assert view.show(STILL_AGAIN, 4).reason is GateReason.FIRST
    assert view.show(STILL, 6).reason is GateReason.CARRIED


def test_what_the_old_model_still_had_in_hand_is_no_reference_for_the_new_one(calibration: ViewCalibration) -> None:
    gate = LookGate(GateSettings())
    begun = frame(STILL, 0)
    opinion = gate.consider(begun)
    gate.forget_all()
    gate.settle(opinion, FrameDetections(begun.facts, (BAG,), MODEL), calibration)
    assert gate.consider(frame(STILL_AGAIN, 2)).reason is GateReason.FIRST
    assert gate.counts(ViewId("CAM-01")).first == 1


def test_views_do_not_share_a_memory_and_a_removed_one_leaves_nothing(calibration: ViewCalibration) -> None:
    view = Patrolled(calibration)
    view.show(STILL, 0)
    other = replace(frame(STILL_AGAIN, 2), camera_id=CameraId("CAM-02"), view_id=ViewId("CAM-02"))
    assert view.gate.consider(other).reason is GateReason.FIRST
    view.gate.remove(ViewId("CAM-01"))
    assert view.counts == GateCounts()
    assert view.show(STILL_AGAIN, 4).reason is GateReason.FIRST


@pytest.mark.parametrize("how", ["for all", "for this camera"])
def test_a_gate_that_is_off_passes_nothing_and_keeps_nothing(calibration: ViewCalibration, how: str) -> None:
    gate = LookGate(GateSettings(enabled=how != "for all"))
    for second in (0, 2):
        opinion = gate.consider(frame(STILL, second), is_gated=how != "for this camera")
        assert opinion.reason is GateReason.OFF
        gate.settle(opinion, FrameDetections(frame(STILL, second).facts, (), MODEL), calibration)
    assert gate.total() == GateCounts(off=2)
    assert gate.consider(frame(STILL, 4)).reason in (GateReason.FIRST, GateReason.OFF)


def stepped(state: DedupeState, second: float, calibration: ViewCalibration, *found: Detection) -> DedupeState:
    return tried(state, second, calibration, *found)[0]


def tried(
    state: DedupeState, second: float, calibration: ViewCalibration, *found: Detection
) -> tuple[DedupeState, GateReason | None]:
    """The state after a sample, and why that sample may not be a carried one."""
    sample = sight(FrameDetections(frame(STILL, second).facts, found, MODEL), calibration, {GARBAGE})
    after, events = step(state, sample, RULES, lambda _: Zone.CONTROLLED)
    return after, overruling(state, after, events)


def test_nothing_is_filed_on_a_carried_picture(calibration: ViewCalibration) -> None:
    """Dwell and m of n go on while pictures are passed; the one that would open the case is looked at."""
    state = DedupeState(ViewId("CAM-01"))
    for second in range(0, 600, 10):
        state, doubt = tried(state, second, calibration, BAG)
        assert doubt is None
    assert tried(state, 600, calibration, BAG)[1] is GateReason.CONFIRMING


def test_absence_is_never_carried(calibration: ViewCalibration) -> None:
    """Neither the first miss of a candidate, nor any later one, nor its being forgotten; clearing even less."""
    candidate = stepped(DedupeState(ViewId("CAM-01")), 0, calibration, BAG)
    once_missed = stepped(candidate, 2, calibration)
    assert tried(candidate, 2, calibration)[1] is GateReason.UNSETTLED
    assert tried(once_missed, 4, calibration)[1] is GateReason.UNSETTLED
    state = candidate
    for second in range(2, 300, 2):
        before = state
        state, doubt = tried(state, second, calibration)
        if not before.tracks:
            assert doubt is None
            break
        assert doubt is GateReason.UNSETTLED
    assert not state.tracks


def test_an_empty_street_and_a_standing_thing_stay_as_they_are(calibration: ViewCalibration) -> None:
    empty = stepped(DedupeState(ViewId("CAM-01")), 0, calibration)
    assert tried(empty, 2, calibration)[1] is None
    assert tried(stepped(empty, 2, calibration, BAG), 4, calibration, BAG)[1] is None


moved = Detection(GARBAGE, 0.4, Box(305, 252, 334, 281))
elsewhere = Detection(GARBAGE, 0.8, Box(400, 250, 430, 280))


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ((), (), True),
        ((BAG,), (moved,), True),
        ((BAG, STALL), (STALL, moved), True),
        ((BAG,), (), False),
        ((), (BAG,), False),
        ((BAG,), (elsewhere,), False),
        ((BAG,), (replace(BAG, category=STALL.category),), False),
        ((BAG,), (BAG, moved), False),
    ],
)
def test_two_looks_are_the_same_when_each_thing_has_its_own_match(
    before: tuple[Detection, ...], now: tuple[Detection, ...], same: bool
) -> None:
    assert are_same(before, now) is same


@settings(max_examples=50)
@given(order=st.permutations(range(4)))
def test_the_order_of_what_was_found_does_not_matter(order: list[int]) -> None:
    things = [BAG, STALL, elsewhere, replace(STALL, box=Box(400, 10, 500, 100))]
    assert are_same(things, [things[index] for index in order])


def test_only_the_ground_is_watched_with_a_margin(tmp_path: Path) -> None:
    region = {"cell": CELL, "polygon": [[0, 240], [640, 240], [640, 360], [0, 360]]}
    view = {"frame_size": list(SIZE), "regions": [region]}
    configured = settings_of(tmp_path, [camera("CAM-01", "clip.mp4", NEXT_CELL, SIZE) | {"view": view}])
    cells = ground_cells(calibrated(configured.cameras[0], configured.grid.file), SIZE)
    assert cells.shape == (90, 160)
    assert cells[60:].all()
    assert not cells[:48].any()
    assert 0.3 < np.count_nonzero(cells) / cells.size < 0.5


def calibrated(settings_of_camera: CameraSettings, grids: Path) -> ViewCalibration:
    return calibrate(settings_of_camera.view_id, settings_of_camera.view, load_geojson(grids))


def test_counts_add_up() -> None:
    counts = GateCounts().and_one(GateReason.FIRST).and_one(GateReason.CARRIED).and_one(GateReason.FORCED, True)
    assert counts.plus(counts) == GateCounts(carried=2, first=2, forced=2, differing=2)
    assert counts.plus(counts).looked == 4
    assert set(counts.as_json()) == {reason.value for reason in GateReason} | {"differing"}


def test_views_that_were_looked_at_together_are_not_forced_together() -> None:
    shares = [own_share(ViewId(f"CAM-{number:03d}")) for number in range(200)]
    assert all(0 <= share <= 1 for share in shares)
    tenths = Counter(min(9, int(10 * share)) for share in shares)
    assert len(tenths) == 10
    assert max(tenths.values()) < 50, "a quarter of them within a tenth of the time is a crowd"
    assert own_share(ViewId("CAM-001")) == own_share(ViewId("CAM-001"))
