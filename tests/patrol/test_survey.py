"""Every picture on disk is looked at once, in order; what cannot be read is named."""

import shutil
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from core.cores import usable_cores
from core.detections import Detection
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from detector.scripted import ScriptedDetector
from patrol.survey import AHEAD_PER_WORKER, Found, Look, PictureUnreadable, Survey, files_in, looks_in, read_picture
from streams.frames import Image, ImagePicture
from tests.detector.clips import PICTURES, write_clip
from tests.streams.clips import make_clip

BIN = CategoryId("garbage_bin")


def width_seen(image: Image) -> tuple[Detection, ...]:
    """Says how wide the picture is, by a box of that width."""
    return (Detection(BIN, 0.123456789, Box(0, 0, image.shape[1] + 0.128, 1)),)


def scripted() -> ScriptedDetector:
    return ScriptedDetector(width_seen, (BIN,))


def looks_of_width(count: int) -> Iterator[Look]:
    for width_px in range(1, count + 1):
        yield Look(Path(f"{width_px}.jpg"), None, None, lambda w=width_px: ImagePicture(np.zeros((2, w, 3), np.uint8)))  # type: ignore[misc]  # binds this width


def picture_bytes() -> bytes:
    return min(PICTURES.glob("render_*.jpg")).read_bytes()


def huge_png() -> bytes:
    """A header that claims 65536 x 65536 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1 << 16, 1 << 16, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


def test_a_folder_is_searched_whole_in_name_order(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "c/0.jpeg", "notes.txt", "c/clip.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    assert [str(path.relative_to(tmp_path)) for path in files_in([tmp_path])] == [
        "a.PNG",
        "b.jpg",
        "c/0.jpeg",
        "c/clip.mp4",
    ]


def test_paths_keep_the_order_they_were_named_in(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("z.jpg", "a.txt")]
    for path in paths:
        path.touch()
    assert files_in(paths) == paths


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable, match=r"street: no such file or folder"):
        files_in([tmp_path / "street"])
    with pytest.raises(PictureUnreadable, match=f"{tmp_path}: no picture or video in this folder"):
        files_in([tmp_path])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a picture", id="text"),
        pytest.param(picture_bytes()[:-200], id="cut-off-near-the-end"),
        pytest.param(picture_bytes()[:3000], id="cut-off-early"),
        pytest.param(huge_png(), id="a-header-that-claims-too-much"),
    ],
)
def test_a_picture_that_cannot_be_decoded_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(data)
    with pytest.raises(PictureUnreadable, match=r"broken\.jpg: not a picture that can be decoded"):
        read_picture(path)


def test_a_picture_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable, match=r"gone\.jpg: cannot be read: No such file"):
        read_picture(tmp_path / "gone.jpg")


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_video_gives_its_key_frames_or_every_frame(tmp_path: Path, suffix: str) -> None:
    clip = write_clip(tmp_path / f"clip.{suffix}")
    keys = list(looks_in(clip))
    assert [(look.frame, look.time_s) for look in keys] == [(0, 0.0), (1, 1.0)]
    every = list(looks_in(clip, every_frame=True))
    assert [look.frame for look in every] == list(range(10))
    assert [look.time_s for look in every] == pytest.approx([number / 5 for number in range(10)], abs=0.002)
    first, second = (look.load().whole().astype(int) for look in keys)
    assert np.abs(first - read_picture(min(PICTURES.glob("render_*.jpg"))).astype(int)).mean() < 8
    assert np.abs(first - second).mean() > 8, "each look keeps its own frame"


def test_key_frames_come_in_their_order_and_all_of_them_also_where_groups_are_open(tmp_path: Path) -> None:
    groups = {"x264-params": "open-gop=1:keyint=8:min-keyint=8:scenecut=0:bframes=3:b-adapt=0"}
    clip = make_clip(tmp_path / "clip.mp4", pictures=32, options={"preset": "medium", "bf": "3", **groups})
    with av.open(str(clip)) as container:
        keys = [packet.pts for packet in container.demux(video=0) if packet.size and packet.is_keyframe]
    looks = list(looks_in(clip))
    assert [look.frame for look in looks] == list(range(len(keys)))
    assert [look.time_s for look in looks] == [0, 2, 4, 6]


@pytest.mark.parametrize("name", ["recording.dav", "recording", "监控 #1 100%d.m2ts", "record.of.gate"])
def test_a_recording_is_looked_through_whatever_its_name(tmp_path: Path, name: str) -> None:
    clip = write_clip(tmp_path / "clip.ts").rename(tmp_path / name)
    assert [look.frame for look in looks_in(clip)] == [0, 1]


def test_a_time_of_day_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(tmp_path / "clip.mp4").rename(tmp_path / "08:30:00.mp4")
    monkeypatch.chdir(tmp_path)
    assert [look.source for look in looks_in(Path("08:30:00.mp4"))] == [Path("08:30:00.mp4")] * 2


def test_a_video_of_an_unknown_codec_is_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(PictureUnreadable, match=r"clip\.mp4: cannot be decoded: it sends an unknown codec"):
        list(looks_in(clip))


def test_a_damaged_piece_of_video_costs_its_pictures_only(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=20)
    data = bytearray(clip.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 10] = bytes(len(data) // 10)
    clip.write_bytes(data)
    seen: list[float | None] = []
    with pytest.raises(PictureUnreadable, match=r"clip\.mp4: damaged or cut off: \d+ pictures could be decoded"):
        seen.extend(look.time_s for look in looks_in(clip))
    looks = looks_in(clip)
    assert [next(looks).time_s, next(looks).time_s] == [0.0, 3.0], "1.0 is cut in its last rows, 2.0 in its first"


def test_a_video_cut_off_gives_what_it_has_and_is_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=20)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    looks = looks_in(clip)
    assert next(looks).time_s == 0.0
    with pytest.raises(PictureUnreadable, match=r"clip\.mp4: "):
        list(looks)


@pytest.mark.parametrize("data", [b"", b"no video here" * 100], ids=["empty", "text"])
def test_a_file_that_is_no_video_is_named(tmp_path: Path, data: bytes) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(data)
    with pytest.raises(PictureUnreadable, match=r"clip\.mp4: cannot be decoded: "):
        list(looks_in(clip))


@pytest.mark.parametrize("workers", [1, 4])
def test_results_come_in_the_order_of_the_looks(workers: int) -> None:
    results = list(Survey(scripted, workers).run(looks_of_width(50)))
    assert [result.width_px for result in results if isinstance(result, Found)] == list(range(1, 51))


def test_an_unreadable_picture_comes_back_in_its_place(tmp_path: Path) -> None:
    for name in ("a.jpg", "c.jpg"):
        shutil.copy(min(PICTURES.glob("render_*.jpg")), tmp_path / name)
    (tmp_path / "b.jpg").write_bytes(b"cut")
    looks = (look for path in files_in([tmp_path]) for look in looks_in(path))
    kinds = [type(result) for result in Survey(scripted, 2).run(looks)]
    assert kinds == [Found, PictureUnreadable, Found]


def test_each_worker_has_its_own_detector_and_makes_it_once() -> None:
    made: list[int] = []
    lock = threading.Lock()

    def new_detector() -> ScriptedDetector:
        with lock:
            made.append(threading.get_ident())
        return scripted()

    assert len(list(Survey(new_detector, 3).run(looks_of_width(60)))) == 60
    assert 1 <= len(made) <= 3
    assert len(set(made)) == len(made)


def test_no_more_pictures_are_in_hand_than_the_workers_need() -> None:
    taken = 0

    def counted() -> Iterator[Look]:
        nonlocal taken
        for look in looks_of_width(100):
            taken += 1
            yield look

    results = Survey(scripted, 2).run(counted())
    next(results)
    assert taken == 2 * AHEAD_PER_WORKER
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_stopped_survey_leaves_no_thread_behind() -> None:
    results = Survey(scripted, 3).run(looks_of_width(100))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("survey")]


def test_a_failing_runtime_stops_the_survey_with_its_error() -> None:
    def fails(image: Image) -> tuple[Detection, ...]:
        raise ModelError(f"failed on {image.shape[1]}")

    with pytest.raises(ModelError, match="failed on 1"):
        list(Survey(lambda: ScriptedDetector(fails, (BIN,)), 2).run(looks_of_width(9)))


def test_the_default_is_one_worker_a_core() -> None:
    taken = 0

    def counted() -> Iterator[Look]:
        nonlocal taken
        for look in looks_of_width(400):
            taken += 1
            yield look

    results = Survey(scripted).run(counted())
    next(results)
    assert taken == AHEAD_PER_WORKER * usable_cores()
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_json_line_has_source_pixels_and_short_numbers() -> None:
    (found,) = Survey(scripted, 1).run(looks_of_width(1))
    assert isinstance(found, Found)
    assert found.as_json() == {
        "source": "1.jpg",
        "frame": None,
        "time_s": None,
        "width": 1,
        "height": 2,
        "detections": [{"category": "garbage_bin", "confidence": 0.12346, "box_xyxy": [0, 0, 1.13, 1]}],
    }
