"""Heads and plates hidden in what is shown; the original untouched; a failure hides all of it and costs nothing."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from detector.evidence import render_evidence
from detector.masking import (
    MASKING_MODEL,
    MaskedPicture,
    PictureMasker,
    hidden_in,
    hidden_whole,
    input_size_for,
    mask_picture,
    pixelate,
)
from detector.masking_rules import HiddenRegion, PrivacySettings, head_of, plate_of, regions_of
from models.manifest import load_package
from models.registry import package_folder
from streams.frames import Image
from tests.support.shared_data import shared_folder

SIZES = ((736, 1280), (960, 960), (1280, 736), (384, 640), (512, 512), (640, 384))


def noise(width_px: int = 320, height_px: int = 240) -> Image:
    return np.random.default_rng(1).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


def found(category: str, box: Box) -> Detection:
    return Detection(CategoryId(category), 0.9, box)


def decoded(data: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def test_a_standing_persons_head_is_the_top_of_the_box() -> None:
    head = head_of(Box(100, 100, 140, 220))
    assert (head.x0, head.x1) == (100, 140)
    assert head.y0 < 100 < head.y1 <= 100 + 0.3 * 120


def test_of_head_and_shoulders_more_is_hidden_and_of_one_who_lies_all() -> None:
    assert head_of(Box(0, 0, 100, 110)).y1 >= 65
    lying = Box(0, 0, 200, 80)
    assert head_of(lying) == lying


def test_a_vehicles_plate_is_hidden_on_whichever_side_it_hangs() -> None:
    plate = plate_of(Box(0, 0, 200, 100))
    assert (plate.x0, plate.x1, plate.y1) == (0, 200, 100)
    assert 30 < plate.y0 < 45


def test_regions_stay_inside_the_picture_and_only_the_wanted_are_hidden() -> None:
    detections = [
        found("person", Box(0, 0, 50, 100)),
        found("car", Box(280, 200, 320, 240)),
        found("dog", Box(1, 1, 9, 9)),
    ]
    both = regions_of(detections, (240, 320), ("heads", "plates"))
    assert [region.kind for region in both] == ["heads", "plates"]
    assert all(region.box.x0 >= 0 and region.box.x1 <= 320 and region.box.y0 >= 0 for region in both)
    assert [region.kind for region in regions_of(detections, (240, 320), ("plates",))] == ["plates"]


def test_what_is_pixelated_holds_nothing_finer_than_its_squares() -> None:
    image = noise()
    before = image.copy()
    pixelate(image, Box(40, 40, 100, 100), 20)
    part = image[40:100, 40:100].reshape(3, 20, 3, 20, 3)
    assert (np.ptp(part, axis=(1, 3)) == 0).all()
    image[40:100, 40:100] = before[40:100, 40:100]
    assert (image == before).all()


@pytest.mark.parametrize("side_px", [4, 12, 40, 200])
def test_of_a_face_of_any_size_at_most_a_dozen_colours_are_left(side_px: int) -> None:
    image = noise()
    masked = hidden_in(image, (HiddenRegion("heads", Box(10, 10, 10 + side_px, 10 + side_px)),))
    colours = np.unique(masked[10 : 10 + side_px, 10 : 10 + side_px].reshape(-1, 3), axis=0)
    assert len(colours) <= 12
    assert masked is not image


@pytest.mark.parametrize("plate_share", [0.14, 0.25])
def test_a_plate_is_left_fewer_squares_than_it_has_signs(plate_share: float) -> None:
    image = noise(640, 360)
    vehicle = Box(100, 50, 500, 300)
    masked = hidden_in(image, regions_of([found("car", vehicle)], (360, 640), ("plates",)))
    plate = slice(280, 280 + round(plate_share * vehicle.width))
    row = masked[250, plate]
    squares = 1 + int((np.diff(row.astype(int), axis=0) != 0).any(axis=1).sum())
    assert squares <= 7


@pytest.mark.parametrize(("width_px", "height_px"), [(1, 1), (2, 700), (1920, 1080)])
def test_a_picture_hidden_whole_keeps_its_size_and_little_else(width_px: int, height_px: int) -> None:
    image = noise(width_px, height_px)
    masked = hidden_whole(image)
    assert masked.shape == image.shape
    assert len(np.unique(masked.reshape(-1, 3), axis=0)) <= 25 * 25


@pytest.mark.parametrize(
    ("picture_hw", "expected"),
    [
        ((720, 1280), (736, 1280)),
        ((1080, 1920), (736, 1280)),
        ((2160, 3840), (736, 1280)),
        ((360, 640), (384, 640)),
        ((240, 426), (384, 640)),
        ((512, 512), (512, 512)),
        ((1200, 1200), (960, 960)),
        ((1920, 1080), (1280, 736)),
        ((1, 1), (512, 512)),
        ((2000, 16), (1280, 736)),
    ],
)
def test_the_networks_input_is_of_the_pictures_shape_and_not_much_larger(
    picture_hw: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert input_size_for(picture_hw, SIZES) == expected


def test_those_are_the_sizes_of_the_shipped_weights() -> None:
    manifest = load_package(MASKING_MODEL).manifest
    assert manifest.input_sizes == SIZES
    assert manifest.violations == ()


def test_an_empty_street_is_left_as_it_is_and_the_picture_given_is_never_changed() -> None:
    image = np.full((360, 640, 3), 120, dtype=np.uint8)
    masked = mask_picture(image)
    assert masked.regions == ()
    assert not masked.is_whole
    assert (masked.image == 120).all()


def test_with_masking_off_pictures_are_shown_as_captured() -> None:
    image = noise()
    assert PictureMasker(PrivacySettings(mask=False))(image).image is image


@pytest.fixture
def broken_package(tmp_path: Path) -> Path:
    """The package with weights that are not those of its manifest."""
    folder = tmp_path / "masking-n"
    shutil.copytree(package_folder(MASKING_MODEL), folder)
    with (folder / "model.onnx").open("r+b") as file:
        file.write(b"broken")
    return folder


def test_weights_that_cannot_be_loaded_hide_the_whole_picture_and_are_counted_and_told(broken_package: Path) -> None:
    masker = PictureMasker(model=str(broken_package))
    image = noise()
    masked = masker(image)
    assert masked.is_whole
    assert masked.image.shape == image.shape
    assert (masked.image != image).any()
    assert masker.counts == {"pictures": 1, "hidden_whole": 1}
    (notice,) = masker.notices
    assert "已整体模糊" in notice
    assert "blurred whole" in notice
    shutil.copy(package_folder(MASKING_MODEL) / "model.onnx", broken_package / "model.onnx")
    assert not masker(image).is_whole
    assert masker.notices == ()


def test_evidence_of_a_failed_masking_is_kept_with_a_sealed_original_and_hidden_pictures(broken_package: Path) -> None:
    image = noise()
    pictures = render_evidence(image, (), "CAM-01", PictureMasker(model=str(broken_package)))
    original, annotated, crop = map(decoded, (pictures.original, pictures.annotated, pictures.crop))
    sharpness = [float(np.abs(np.diff(each.astype(int), axis=1)).mean()) for each in (original, annotated, crop)]
    assert sharpness[0] > 4 * sharpness[2]
    assert sharpness[0] > 2 * sharpness[1]


def test_the_crop_and_the_annotated_picture_are_cut_from_the_masked_one_and_the_original_is_not() -> None:
    image = noise()
    black = np.zeros_like(image)
    pictures = render_evidence(image, (), "", lambda _image: MaskedPicture(black, ()))
    original, annotated, crop = map(decoded, (pictures.original, pictures.annotated, pictures.crop))
    assert annotated.max() < 5
    assert crop.max() < 5
    assert original.mean() > 100


def test_a_frame_is_masked_once_for_several_incidents_but_never_one_that_could_have_changed() -> None:
    masker = PictureMasker()
    frame = noise()
    frame.flags.writeable = False
    masker(frame)
    masker(frame)
    assert masker.counts["pictures"] == 1
    changing = noise()
    masker(changing)
    masker(changing)
    assert masker.counts["pictures"] == 3


@pytest.mark.shared_data
def test_of_the_heads_that_were_marked_by_eye_nearly_all_are_hidden_and_little_else() -> None:
    from benchmarks.masking import figures_of, marked_pictures

    folder = shared_folder("data")
    pictures = list(marked_pictures(folder))
    masker = PictureMasker()
    heads = figures_of([each for each in pictures if each.kind == "heads"], masker, None)
    plates = figures_of([each for each in pictures if each.kind == "plates"], masker, None)
    assert heads["hidden_share"] >= 0.95
    assert heads["beside_area_share"] <= 0.01
    assert plates["hidden_share"] >= 0.85
