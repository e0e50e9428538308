"""The worker's eye on its pictures: losing a feed, keeping references, accepting a view anew."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.errors import FeedUnreachable
from core.ids import CameraId, ViewId
from grid.views import ViewSpec
from patrol.view_watch import RECALL_S, ViewWatch, signature_of
from streams.camera import CameraHealth, CameraState
from streams.frames import Frame, ImagePicture
from streams.picture_health.rules import HealthRules
from streams.picture_health.store import ReferenceStore
from streams.spec import FeedSpec
from tests.streams.picture_health.streets import NOON, RULES, Scene, canvas, covered, noisy, seen

VIEW, CAMERA = ViewId("CAM-01"), CameraId("CAM-01")
TIE = ViewSpec(frame_size=(640, 360))
STREET = canvas(1)
SCENE, MOVED = seen(STREET), seen(STREET, right_px=70)
STEP_S = 15.0


class Eyes:
    """A view watch whose clock the test moves, over a folder of its own."""

    def __init__(self, folder: Path, tie: ViewSpec | None = TIE, rules: HealthRules | None = None) -> None:
        self.clock = ManualClock(NOON)
        self.store = ReferenceStore(folder / "views")
        self.watch = ViewWatch(rules or RULES, self.store, {VIEW: tie}, self.clock)
        self.feed = CameraHealth(FeedSpec(id=CAMERA, url="rtsp://192.0.2.1/1"), self.clock)
        self.shown = 0

    def show(self, scene: Scene, pictures: int = 1) -> list[bool]:
        """Whether each of so many pictures, ``STEP_S`` apart, may be looked at."""
        sound = []
        for _ in range(pictures):
            self.clock.advance(STEP_S)
            self.shown += 1
            picture = ImagePicture(noisy(scene, self.shown))
            sound.append(self.watch.is_sound(Frame(CAMERA, VIEW, self.shown, self.clock.now(), picture)))
            self.feed.picture(self.clock.now(), picture.width_px, picture.height_px)
        return sound

    def findings(self) -> list[dict[str, object]]:
        told = self.watch.health(VIEW, self.feed.status(0))["findings"]
        assert isinstance(told, list)
        return told

    def kinds(self) -> list[object]:
        return [finding["kind"] for finding in self.findings()]


def test_a_feed_that_stays_away_is_lost_since_it_went_and_found_again_when_it_is_back(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    eyes.show(SCENE)
    went_at = eyes.clock.now()
    for state in (CameraState.STALLED, CameraState.DOWN, CameraState.CONNECTING):
        eyes.feed.enter(state, FeedUnreachable(CAMERA, "away; check its network"))
        assert eyes.kinds() == []
        eyes.clock.advance(25.0)
    (finding,) = eyes.findings()
    assert (finding["kind"], finding["since"]) == ("lost", went_at.isoformat().replace("+00:00", "Z"))
    assert finding["value"] == pytest.approx(75.0)
    eyes.show(SCENE)
    assert eyes.kinds() == []


@pytest.mark.parametrize("state", [CameraState.DISABLED, CameraState.ENDED])
def test_a_feed_that_was_switched_off_or_played_out_is_not_lost(tmp_path: Path, state: CameraState) -> None:
    eyes = Eyes(tmp_path)
    eyes.feed.enter(state)
    for _ in range(4):
        assert eyes.kinds() == []
        eyes.clock.advance(3600.0)


def test_a_feed_that_never_came_is_lost_too(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    assert eyes.kinds() == []
    eyes.clock.advance(61.0)
    assert eyes.kinds() == ["lost"]


def test_a_shift_is_told_in_pixels_of_the_cameras_own_picture(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    eyes.show(SCENE, 8)
    eyes.show(MOVED, 8)
    (finding,) = eyes.findings()
    assert finding["kind"] == "moved"
    assert finding["shift_px"] == pytest.approx([-70, 0], abs=3)
    assert finding["value"] == pytest.approx(70 / 640, abs=0.004)


def test_a_moved_view_is_accepted_by_letting_its_reference_go(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    eyes.show(SCENE, 8)
    eyes.show(MOVED, 8)
    assert eyes.kinds() == ["moved"]
    assert eyes.store.drop(VIEW)
    eyes.clock.advance(RECALL_S)
    assert all(eyes.show(MOVED, 8))
    assert eyes.kinds() == []
    kept = eyes.store.kept(VIEW)
    assert kept is not None
    assert kept.taken_at > NOON + timedelta(seconds=16 * STEP_S)
    eyes.show(SCENE, 8)
    assert eyes.kinds() == ["moved"], "now the old view is the wrong one"


def test_a_restarted_worker_knows_at_its_first_picture_that_the_view_has_moved(tmp_path: Path) -> None:
    Eyes(tmp_path).show(SCENE, 8)
    assert Eyes(tmp_path).show(MOVED) == [False]


def test_a_view_that_is_tied_anew_is_held_against_a_new_reference(tmp_path: Path) -> None:
    Eyes(tmp_path).show(SCENE, 8)
    other_tie = TIE.model_copy(update={"frame_size": (1280, 720)})
    assert all(Eyes(tmp_path, other_tie).show(MOVED, 20))


def test_tolerances_are_no_new_tie() -> None:
    assert signature_of(TIE) == signature_of(TIE.model_copy(update={"max_error_m": 3.0, "edge_margin_m": 1.0}))
    assert signature_of(TIE) != signature_of(TIE.model_copy(update={"frame_size": (1280, 720)}))


def test_a_view_that_moves_by_its_nature_is_held_against_nothing(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path, tie=None)
    assert all(eyes.show(SCENE, 8) + eyes.show(MOVED, 8))
    assert not eyes.store.holds(VIEW)


def test_a_folder_that_cannot_be_written_costs_a_line_in_the_log_and_no_look(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "views").write_text("a file where the folder should be", encoding="utf-8")
    eyes = Eyes(tmp_path)
    assert all(eyes.show(SCENE, 20))
    assert caplog.text.count("cannot be kept") == 1
    assert eyes.show(MOVED, 8) == [False] * 8, "the reference in memory still serves"


def test_with_health_switched_off_everything_is_looked_at(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path, rules=HealthRules(enabled=False))
    assert all(eyes.show(SCENE, 8) + eyes.show(MOVED, 8) + eyes.show(covered(SCENE), 8))
    eyes.feed.enter(CameraState.DOWN)
    eyes.clock.advance(3600.0)
    assert eyes.kinds() == []


def test_a_view_that_goes_and_comes_back_begins_anew_from_its_kept_reference(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    eyes.show(SCENE, 8)
    eyes.show(covered(SCENE), 8)
    assert eyes.kinds() == ["covered"]
    eyes.watch.forget(VIEW)
    eyes.watch.watch(VIEW, TIE)
    assert eyes.kinds() == []
    assert eyes.show(MOVED) == [False]


def test_a_view_that_is_tied_anew_while_running_takes_another_reference(tmp_path: Path) -> None:
    eyes = Eyes(tmp_path)
    eyes.show(SCENE, 8)
    eyes.watch.watch(VIEW, TIE)
    assert eyes.show(MOVED) == [False], "the same tie is the same view"
    eyes.watch.watch(VIEW, TIE.model_copy(update={"frame_size": (1280, 720)}))
    assert all(eyes.show(MOVED, 8))
