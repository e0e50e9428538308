"""Cameras kept in the database, and their history; on both engines."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from cases.camera_config_store import CameraConfigStore
from cases.camera_configs import CameraConfigEventKind, CameraDraft, CameraMovedOn, CameraTaken, CameraUnknown
from cases.store import CaseStore
from core.ids import CameraId
from tests.cases.reports import CAM_1, CAM_2, NOON, camera, minute, post, report

SEALED = {"password": "0a1b2c3d.gAAAAA-sealed"}
ONE = CameraDraft(CAM_1, "worker-1", {"id": CAM_1, "url": "rtsp://192.0.2.1/1", "interval_s": 2.0}, SEALED)
TWO = CameraDraft(CAM_2, "worker-2", {"id": CAM_2, "url": "rtsp://192.0.2.2/1"})


@pytest.fixture
def configs(engine: Engine) -> CameraConfigStore:
    return CameraConfigStore(engine)


def kinds(configs: CameraConfigStore, camera_id: CameraId = CAM_1) -> Sequence[str]:
    return [event.kind for event in configs.events_of(camera_id)]


def test_a_worker_gets_its_own_cameras_as_they_were_put(configs: CameraConfigStore) -> None:
    configs.add([ONE, TWO], "li", NOON)
    found = configs.of_worker("worker-1")
    (config,) = found.cameras
    assert config.draft == ONE
    assert (config.added_by, config.added_at, config.changed_by, config.changed_at) == ("li", NOON, "li", NOON)
    assert configs.of_worker("nobody").cameras == ()
    assert [each.camera_id for each in configs.all()] == [CAM_1, CAM_2]


def test_several_cameras_come_all_or_none(configs: CameraConfigStore) -> None:
    configs.add([TWO], "li", NOON)
    with pytest.raises(CameraTaken, match="CAM-02"):
        configs.add([ONE, TWO], "li", NOON)
    assert [each.camera_id for each in configs.all()] == [CAM_2]
    assert kinds(configs) == []


def test_the_tag_is_another_after_each_change_and_the_same_in_between(configs: CameraConfigStore) -> None:
    tags = [configs.tag()]
    configs.add([ONE], "li", NOON)
    tags.append(configs.tag())
    configs.change(replace(ONE, enabled=False), None, "li", minute(1))
    tags.append(configs.tag())
    configs.change(replace(ONE, enabled=False), None, "li", minute(2))  # as it is
    assert configs.tag() == tags[-1]
    configs.remove(CAM_1, None, "li", minute(3))
    tags.append(configs.tag())
    assert len(set(tags)) == 4
    assert configs.of_worker("worker-1").tag == tags[-1]


def test_who_changed_what_and_when_is_kept_and_outlives_the_camera(configs: CameraConfigStore) -> None:
    configs.add([ONE], "li", NOON)
    changed = replace(ONE, section={**ONE.section, "interval_s": 5.0, "name": "东口"}, sealed={})
    configs.change(changed, None, "wang", minute(1))
    configs.change(replace(changed, enabled=False), None, "wang", minute(2))
    configs.change(replace(changed, enabled=True), None, "li", minute(3))
    configs.remove(CAM_1, None, "zhao", minute(4))
    events = configs.events_of(CAM_1)
    assert [(event.kind, event.actor, event.at) for event in events] == [
        (CameraConfigEventKind.ADDED, "li", NOON),
        (CameraConfigEventKind.CHANGED, "wang", minute(1)),
        (CameraConfigEventKind.DISABLED, "wang", minute(2)),
        (CameraConfigEventKind.ENABLED, "li", minute(3)),
        (CameraConfigEventKind.REMOVED, "zhao", minute(4)),
    ]
    assert events[1].data == {
        "before": {"interval_s": 2.0},
        "after": {"interval_s": 5.0, "name": "东口"},
        "secrets": {"password": "removed"},
    }
    assert all(SEALED["password"] not in str(event.data) for event in events)


def test_the_history_can_only_be_appended_to(configs: CameraConfigStore, engine: Engine) -> None:
    configs.add([ONE], "li", NOON)
    for statement in ("UPDATE camera_config_event SET actor = 'x'", "DELETE FROM camera_config_event"):
        with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_change_of_what_was_not_looked_at_is_refused_and_names_who_was_faster(configs: CameraConfigStore) -> None:
    (looked_at,) = configs.add([ONE], "li", NOON)
    configs.change(replace(ONE, enabled=False), looked_at.revision, "wang", minute(1))
    with pytest.raises(CameraMovedOn, match="changed by wang"):
        configs.change(ONE, looked_at.revision, "li", minute(2))
    with pytest.raises(CameraMovedOn, match="read it again"):
        configs.remove(CAM_1, looked_at.revision, "li", minute(2))
    assert kinds(configs) == ["added", "disabled"]


def test_of_many_changes_at_once_exactly_one_finds_what_it_looked_at(configs: CameraConfigStore) -> None:
    (looked_at,) = configs.add([ONE], "li", NOON)

    def change(number: int) -> bool:
        try:
            section = {**ONE.section, "interval_s": float(number)}
            configs.change(replace(ONE, section=section), looked_at.revision, str(number), NOON)
        except CameraMovedOn:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(change, range(10, 16))) == 1
    assert kinds(configs) == ["added", "changed"]


def test_a_camera_that_comes_back_has_a_revision_that_never_was(configs: CameraConfigStore) -> None:
    (first,) = configs.add([ONE], "li", NOON)
    configs.remove(CAM_1, first.revision, "li", NOON)
    (second,) = configs.add([ONE], "li", NOON)
    assert second.revision > first.revision
    with pytest.raises(CameraMovedOn):
        configs.remove(CAM_1, first.revision, "li", NOON)


def test_an_unknown_camera_is_told(configs: CameraConfigStore) -> None:
    for call in (
        lambda: configs.get(CAM_1),
        lambda: configs.change(ONE, None, "li", NOON),
        lambda: configs.remove(CAM_1, None, "li", NOON),
    ):
        with pytest.raises(CameraUnknown, match="CAM-01"):
            call()


def test_a_camera_that_its_worker_names_no_more_leaves_the_lists_and_its_reports_are_still_taken(
    store: CaseStore,
) -> None:
    store.put_camera_report("worker-1", [camera(CAM_1)], [], minute(1))
    assert [each.camera_id for each in store.cameras()] == [CAM_1]
    assert store.camera(CAM_2) is None
    assert post(store, report(camera_id=CAM_2)).case_id
    store.put_camera_report("worker-2", [camera(CAM_2)], [], minute(2))
    assert [(each.camera_id, each.worker_id) for each in store.cameras()] == [(CAM_1, "worker-1"), (CAM_2, "worker-2")]


def test_reports_of_a_camera_are_taken_though_it_was_gone_before_its_worker_told_of_it(
    store: CaseStore, configs: CameraConfigStore
) -> None:
    third = CameraId("CAM-03")
    configs.add([CameraDraft(third, "worker-1", {"id": third, "url": "a"})], "li", NOON)
    configs.remove(third, None, "li", NOON)
    assert third not in {each.camera_id for each in store.cameras()}
    assert post(store, report(camera_id=third)).case_id


def test_a_workers_notices_keep_their_time_while_they_say_the_same(store: CaseStore) -> None:
    store.put_camera_report("worker-1", [], ["the file cannot be used"], minute(1))
    store.put_camera_report("worker-1", [], ["the file cannot be used"], minute(5))
    (notice,) = store.worker_notices()
    assert (notice.worker_id, notice.text, notice.since) == ("worker-1", "the file cannot be used", minute(1))
    store.put_camera_report("worker-1", [], [], minute(6))
    assert store.worker_notices() == ()
