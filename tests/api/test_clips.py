"""Video files that an admin uploads: taken whole or not at all, bounded, removed only when nothing plays them."""

from pathlib import Path

import httpx
import pytest

from api.clip_shelf import ClipShelf
from api.problems import ClipInUse, ProbesBusy
from api.settings import ApiSettings
from cases.access.audit_log import AuditQuery
from cases.keys import Scope
from cases.roles import Role
from tests.api.city import NOON, City, problem, slug
from tests.api.people import signed_in
from tests.streams.clips import make_clip

CLIPS = "/api/v1/clips"


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    return make_clip(tmp_path / "mine.mp4").read_bytes()


@pytest.fixture
def admin(city: City) -> httpx.Client:
    return city.client(Scope.ADMIN)


def sent(admin: httpx.Client, data: bytes, name: str = "夜市.mp4") -> httpx.Response:
    return admin.post(CLIPS, params={"name": name}, content=data)


def left_over(city: City) -> list[str]:
    folder = city.folder / "clips"
    return sorted(path.suffix or path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_video_is_kept_whole_with_what_it_is_and_plays_as_a_camera(
    city: City, admin: httpx.Client, video: bytes
) -> None:
    answer = sent(admin, video)
    assert answer.status_code == 201
    clip = answer.json()
    assert (clip["name"], clip["codec"], clip["width_px"], clip["bytes"]) == ("夜市.mp4", "h264", 128, len(video))
    assert (clip["duration_s"], clip["added_by"], clip["added_at"]) == (4.0, "admin-key", "2026-03-02T04:00:00Z")
    assert Path(clip["url"]).read_bytes() == video
    assert Path(clip["url"]).parent == city.folder / "clips"
    assert admin.get(CLIPS).json()["clips"] == [clip]
    assert admin.post("/api/v1/cameras", json={"id": "CAM-07", "url": clip["url"]}).status_code == 201
    used = admin.delete(f"{CLIPS}/{clip['id']}")
    assert (used.status_code, slug(used)) == (409, "clip-in-use")
    assert "CAM-07" in problem(used)["detail"]
    admin.delete("/api/v1/cameras/CAM-07")
    assert admin.delete(f"{CLIPS}/{clip['id']}").status_code == 204
    assert slug(admin.delete(f"{CLIPS}/{clip['id']}")) == "clip-not-found"
    assert left_over(city) == []
    actions = [entry.action for entry in city.app.state.rooms.house.access.log.page(AuditQuery(action="clip."))]
    assert actions == ["clip.remove", "clip.add"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"#EXTM3U\nfile:///etc/passwd\n", id="a playlist"),
        pytest.param(b"\xff\xd8\xff\xe0 a picture", id="a picture"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42" + bytes(4000), id="a head without pictures"),
    ],
)
def test_what_is_no_video_leaves_nothing_behind(city: City, admin: httpx.Client, data: bytes) -> None:
    answer = sent(admin, data)
    assert (answer.status_code, slug(answer)) == (415, "not-a-clip")
    assert left_over(city) == []


def test_a_cut_video_is_refused_or_kept_but_never_half_there(city: City, admin: httpx.Client, video: bytes) -> None:
    answer = sent(admin, video[: len(video) // 3])
    assert answer.status_code in (201, 415)
    kept = admin.get(CLIPS).json()["clips"]
    assert len(kept) == (1 if answer.status_code == 201 else 0)
    assert not [name for name in left_over(city) if name.startswith(".incoming")]


def test_a_name_with_a_path_in_it_names_no_file(city: City, admin: httpx.Client, video: bytes) -> None:
    clip = sent(admin, video, "../../etc/passwd.mp4").json()
    assert Path(clip["url"]).parent == city.folder / "clips"
    assert clip["name"] == "../../etc/passwd.mp4"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 201])
def test_a_name_that_cannot_be_shown_is_refused(admin: httpx.Client, video: bytes, name: str) -> None:
    assert slug(sent(admin, video, name)) == "invalid-request"


def test_more_than_the_settings_allow_is_cut_off_while_it_comes(
    tmp_path: Path, migrated_file: Path, video: bytes
) -> None:
    small = City(tmp_path, template=migrated_file, settings=ApiSettings(port=0, clip_bytes=2000))
    try:
        answer = sent(small.client(Scope.ADMIN), video)
        assert (answer.status_code, slug(answer)) == (413, "body-too-large")
        assert left_over(small) == []
    finally:
        small.close()


def test_all_together_have_a_bound_and_so_have_uploads_at_once(tmp_path: Path) -> None:
    shelf = ClipShelf(tmp_path / "clips", 1000, 1500)
    with pytest.raises(ClipInUse):
        shelf.begin("a.mp4", 1501)
    one, two = shelf.begin("a.mp4", None), shelf.begin("b.mp4", None)
    with pytest.raises(ProbesBusy):
        shelf.begin("c.mp4", None)
    one.write(bytes(1500))
    with pytest.raises(ClipInUse):
        one.write(b"x")
    one.end()
    two.end()
    assert list((tmp_path / "clips").iterdir()) == []
    shelf.begin("c.mp4", None).end()


def test_facts_that_somebody_changed_by_hand_name_no_other_file(tmp_path: Path, video: bytes) -> None:
    shelf = ClipShelf(tmp_path / "clips", 10**6, 10**6)
    incoming = shelf.begin("a.mp4", None)
    incoming.write(video)
    clip = incoming.finish("me", NOON)
    incoming.end()
    facts = tmp_path / "clips" / f"{clip.id}.json"
    text = facts.read_text(encoding="utf-8")
    facts.write_text(text.replace(f"{clip.id}.mp4", "../secret.key"), encoding="utf-8")
    assert shelf.all() == ()


def test_only_admins_upload_list_and_remove(city: City, video: bytes) -> None:
    for client in (city.client(Scope.OPERATOR), city.client(Scope.READ), signed_in(city, "li.min", Role.SHIFT_LEADER)):
        for answer in (sent(client, video), client.get(CLIPS), client.delete(f"{CLIPS}/{'0' * 32}")):
            assert answer.status_code == 403
    assert sent(signed_in(city, "boss", Role.ADMIN), video).status_code == 201
