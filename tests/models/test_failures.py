"""Known failures: what counts as which mistake, which are shown, and that only renders are."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.detections import Detection
from core.errors import ModelError
from core.geometry import Box
from core.ids import CategoryId
from models.failure_sheet import HEAD_PX, MOST_BYTES, ROW_HEAD_PX, colour_of, draw_failures, failures_jpeg
from models.failures import Failure, failures_in, worst_of_each
from models.known_failures import (
    PICTURE_NAME,
    failures_section,
    find_failures,
    read_failures,
    write_failures,
)
from models.manifest import read_manifest
from models.matching import JudgedPicture
from models.registry import DEFAULT_MODEL, MANIFEST_NAME, WEIGHTS_FOLDER
from models.rendered import require_rendered
from models.sheets import CAPTION_PX, TILE_HEIGHT_PX

SHIPPED = WEIGHTS_FOLDER / DEFAULT_MODEL
STALL, HEAP, BIN = CategoryId("street_stall"), CategoryId("exposed_garbage"), CategoryId("garbage_bin")
LEAST: dict[str, float] = {STALL: 0.5, HEAP: 0.5, BIN: 0.5}
VIOLATIONS = (STALL, HEAP)


def _at(x: float, side: float = 40) -> Box:
    return Box(x, 60, x + side, 60 + side)


def _told(
    truth: dict[str, list[Box]], *found: Detection, path: Path | None = None
) -> list[tuple[str, str, str | None]]:
    judged = [JudgedPicture(truth, found)]
    return [(one.kind, one.category, one.taken_for) for one in failures_in(judged, LEAST, VIOLATIONS)]


def test_what_is_found_is_no_failure_and_what_is_too_faint_is_missed() -> None:
    assert _told({STALL: [_at(0)]}, Detection(STALL, 0.6, _at(2))) == []
    assert _told({STALL: [_at(0)]}, Detection(STALL, 0.4, _at(0))) == [("missed", STALL, None)]


def test_a_thing_taken_for_another_is_confused_and_neither_missed_nor_a_false_alarm() -> None:
    assert _told({HEAP: [_at(0)]}, Detection(STALL, 0.9, _at(4))) == [("confused", HEAP, STALL)]
    assert _told({BIN: [_at(0)]}, Detection(HEAP, 0.9, _at(0))) == [("confused", BIN, HEAP)]


def test_mistakes_among_context_categories_only_are_not_told() -> None:
    assert _told({BIN: [_at(0)]}) == []
    assert _told({}, Detection(BIN, 0.9, _at(0))) == []


def test_a_box_that_fits_badly_or_comes_twice_is_misplaced() -> None:
    assert _told({STALL: [_at(0)]}, Detection(STALL, 0.9, _at(25))) == [("misplaced", STALL, None)]
    twice = (Detection(STALL, 0.9, _at(0)), Detection(STALL, 0.8, _at(6)))
    assert _told({STALL: [_at(0)]}, *twice) == [("misplaced", STALL, None)]


def test_a_find_where_nothing_is_is_a_false_alarm() -> None:
    assert _told({STALL: [_at(0)]}, Detection(STALL, 0.9, _at(200)), Detection(STALL, 0.9, _at(0))) == [
        ("false_alarm", STALL, None)
    ]


def test_the_worst_of_each_kind_come_first_one_from_each_picture() -> None:
    judged = [
        JudgedPicture({STALL: [_at(0, 20), _at(100, 60)]}, (Detection(HEAP, 0.7, _at(300)),)),
        JudgedPicture({STALL: [_at(0, 40)]}, (Detection(HEAP, 0.9, _at(300)), Detection(HEAP, 0.95, _at(400)))),
    ]
    worst = worst_of_each(failures_in(judged, LEAST, VIOLATIONS), most=2)
    assert [(one.kind, one.box.width, one.confidence) for one in worst] == [
        ("missed", 60, None),
        ("missed", 40, None),
        ("false_alarm", 40, 0.95),
        ("false_alarm", 40, 0.7),
    ]
    assert len(worst_of_each(failures_in(judged, LEAST, VIOLATIONS), most=1)) == 2


def _street(seed: int) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(blocks, (320, 180), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _rendered(folder: Path, name: str = "rd_000001", seed: int = 1) -> Path:
    """A made-up render with its record in ``scenes``, and the data set's JPEG of it."""
    (folder / "scenes").mkdir(exist_ok=True)
    cv2.imwrite(str(folder / f"scenes/{name}.png"), _street(seed))
    (folder / f"scenes/{name}.json").write_text(json.dumps({"seed": seed, "size": [320, 180], "groups": []}))
    picture = folder / f"{name}.jpg"
    cv2.imwrite(str(picture), _street(seed), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return picture


def test_the_jpeg_of_a_render_is_known_as_that_render(tmp_path: Path) -> None:
    require_rendered([_rendered(tmp_path)], tmp_path / "scenes")


def test_a_photograph_is_refused_whatever_its_name(tmp_path: Path) -> None:
    render = _rendered(tmp_path)
    stranger = tmp_path / "IMG_0001.jpg"
    stranger.write_bytes(render.read_bytes())
    with pytest.raises(ModelError, match=r"1 of 2 pictures .*IMG_0001\.jpg: no scene record IMG_0001\.json.*mend:"):
        require_rendered([render, stranger], tmp_path / "scenes")
    cv2.imwrite(str(render), _street(7))
    with pytest.raises(ModelError, match=r"rd_000001\.jpg: it is not the picture rd_000001\.png"):
        require_rendered([render], tmp_path / "scenes")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rd_000001.json", b"{", "cannot be read"),
        ("rd_000001.json", b"[]", "is no scene record"),
        ("rd_000001.json", b'{"size": [1, 1]}', "is no scene record"),
        ("rd_000001.png", None, r"no render rd_000001\.png to hold it against"),
    ],
)
def test_a_record_that_proves_nothing_is_named(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    picture = _rendered(tmp_path)
    proof = tmp_path / "scenes" / name
    if content is None:
        proof.unlink()
    else:
        proof.write_bytes(content)
    with pytest.raises(ModelError, match=said):
        require_rendered([picture], tmp_path / "scenes")


def _mistaken(path: Path) -> list[Failure]:
    found = (Detection(HEAP, 0.9, _at(100)), Detection(STALL, 0.8, _at(260)))
    return failures_in([JudgedPicture({STALL: [_at(10), _at(104)]}, found, path, 320)], LEAST, VIOLATIONS)


def test_the_sheet_has_a_row_of_each_kind_and_shows_truth_and_finds_in_their_colours(tmp_path: Path) -> None:
    failures = _mistaken(_rendered(tmp_path))
    assert [one.kind for one in failures] == ["missed", "confused", "false_alarm"]
    sheet = draw_failures(failures, LEAST)
    row_px = ROW_HEAD_PX + TILE_HEIGHT_PX + CAPTION_PX
    assert sheet.shape[0] == HEAD_PX + 3 * row_px
    confused = sheet[HEAD_PX + row_px + ROW_HEAD_PX :][:TILE_HEIGHT_PX]
    for category in (STALL, HEAP):
        assert bool((confused == colour_of(category, list(LEAST))).all(axis=2).any()), category
    assert not bool((confused == colour_of(BIN, list(LEAST))).all(axis=2).any())


def test_the_jpeg_keeps_its_bound_and_says_when_it_cannot(tmp_path: Path) -> None:
    failures = _mistaken(_rendered(tmp_path))
    assert len(failures_jpeg(failures, LEAST)) <= MOST_BYTES
    with pytest.raises(ModelError, match="do not fit into 1000 bytes; mend: show fewer"):
        failures_jpeg(failures, LEAST, most_bytes=1000)


def test_no_failure_at_all_is_still_a_picture() -> None:
    assert draw_failures([], LEAST).shape[0] == HEAD_PX


def test_what_is_written_is_read_back_and_refused_for_other_weights_thresholds_or_pictures(tmp_path: Path) -> None:
    manifest = read_manifest(SHIPPED / MANIFEST_NAME)
    judged = [JudgedPicture({STALL: [_at(10)]}, (Detection(HEAP, 0.95, _at(200)),), _rendered(tmp_path), 320)]
    record, jpeg = find_failures(judged, manifest, "render_val", tmp_path / "scenes")
    write_failures(record, jpeg, tmp_path)
    assert read_failures(tmp_path, manifest) == record
    assert (record.counts[STALL].missed, record.counts[HEAP].false_alarms) == (1, 1)
    assert "| street_stall | 1 | 1 | 0 | 0 | 0 |" in failures_section(record)
    for changed in ({"sha256": "b" * 64}, {"thresholds": dict.fromkeys(manifest.thresholds, 0.3)}):
        with pytest.raises(ModelError, match=r"mend: draw them anew with"):
            read_failures(tmp_path, manifest.model_copy(update=changed))
    (tmp_path / PICTURE_NAME).write_bytes(jpeg + b"x")
    with pytest.raises(ModelError, match=r"failures\.jpg is not the picture that failures\.json tells of"):
        read_failures(tmp_path, manifest)
    (tmp_path / PICTURE_NAME).unlink()
    with pytest.raises(ModelError, match=r"failures\.jpg cannot be read"):
        read_failures(tmp_path, manifest)


def test_photographs_never_reach_the_sheet(tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    cv2.imwrite(str(picture), _street(3))
    judged = [JudgedPicture({STALL: [_at(10)]}, (), picture, 320)]
    with pytest.raises(ModelError, match="not proven to be renders"):
        find_failures(judged, read_manifest(SHIPPED / MANIFEST_NAME), "val", tmp_path)


def test_the_shipped_failures_are_of_the_shipped_weights_and_small() -> None:
    read_failures(SHIPPED, read_manifest(SHIPPED / MANIFEST_NAME))
    assert (SHIPPED / PICTURE_NAME).stat().st_size <= MOST_BYTES
