"""Composing a training set: repeats, the untouched validation part, held-out scenes, bins in scenes, fingerprints."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import ModelError
from models.composing import compose, context_labels
from models.datasets import count_boxes, fingerprint, pictures_of, read_spec
from models.sources import (
    DatasetRecipe,
    PasteSource,
    PhotoSource,
    RenderSource,
    VideoSource,
    WindowCutting,
    read_recipe,
)

NAMES = ("street_stall", "exposed_garbage", "roadside_clutter", "garbage_bin", "bin_overflow")


def _picture(path: Path, label: str, width: int = 64, height: int = 36) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    labels = Path(str(path).replace("images", "labels")).with_suffix(".txt")
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text(label)


def _scene(folder: Path, seed: int, complete: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"rd_{seed:06d}"
    cv2.imwrite(str(stem.with_suffix(".png")), np.full((36, 64, 3), 120, np.uint8))
    stem.with_suffix(".txt").write_text("1 0.5 0.5 0.25 0.5")
    if complete:
        groups = [{"cls": None, "name": "street_bin", "visible": 0.9, "box": [0, 0, 16, 18]}]
        stem.with_suffix(".json").write_text(json.dumps({"seed": seed, "size": [64, 36], "groups": groups}))


@pytest.fixture
def recipe(tmp_path: Path) -> DatasetRecipe:
    photos = tmp_path / "photos"
    _picture(photos / "images/train/st_1.png", "0 0.5 0.5 0.5 0.5\n")
    _picture(photos / "images/train/cn_1.png", "")
    _picture(photos / "images/val/st_2.png", "0 0.5 0.5 0.5 0.5\n")
    for seed in (20, 22, 23):
        _scene(tmp_path / "scenes", seed)
    _scene(tmp_path / "scenes", 24, complete=False)
    return DatasetRecipe(
        names=NAMES,
        photos=(PhotoSource(kind="yolo", path=str(photos), repeat_by_prefix={"st_": 3}),),
        renders=(
            RenderSource(kind="renders", path=str(tmp_path / "scenes"), repeat=2, context_groups={"street_bin": 3}),
        ),
    )


def _names_in(data: Path, part: str) -> list[str]:
    return [picture.path.stem for picture in pictures_of(read_spec(data), part)]


def test_rare_pictures_are_repeated_in_training_and_never_in_validation(recipe: DatasetRecipe, tmp_path: Path) -> None:
    data = compose(recipe, tmp_path / "out")
    assert [n for n in _names_in(data, "train") if not n.startswith("rd_")] == ["cn_1", "st_1", "st_1__1", "st_1__2"]
    assert _names_in(data, "val") == ["st_2"]


def test_every_second_showing_of_an_oblong_photograph_is_a_square_around_an_object(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    _picture(photos / "images/train/st_1.png", "0 0.2 0.5 0.2 0.5\n")
    (photos / "images/val").mkdir(parents=True)
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, :, 2] = np.arange(300) // 2  # each column its own, so that a window tells where it was cut
    cv2.imwrite(str(photos / "images/train/st_1.png"), wide)
    source = PhotoSource(kind="yolo", path=str(photos), repeat_by_prefix={"st_": 4}, square_copies=True)
    data = compose(DatasetRecipe(names=NAMES, photos=(source,)), tmp_path / "out")
    shown = {picture.path.stem: picture for picture in pictures_of(read_spec(data), "train")}
    pixels = {name: np.asarray(cv2.imread(str(picture.path))) for name, picture in shown.items()}
    shapes = {name: image.shape[:2] for name, image in pixels.items()}
    assert shapes == {"st_1": (100, 300), "st_1__1": (100, 100), "st_1__2": (100, 300), "st_1__3": (100, 100)}
    for name in ("st_1__1", "st_1__3"):
        (found,) = shown[name].boxes
        left = int(pixels[name][50, 0, 2]) * 2
        assert found.box == pytest.approx((30 - left, 25, 90 - left, 75), abs=9), "the same place of the street"
        assert found.box[2] - found.box[0] == pytest.approx(60, abs=1)


def test_stretched_photographs_are_shown_in_the_shapes_they_may_have_had_too(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    for number in range(12):
        _picture(photos / f"images/train/cn_{number}.png", "1 0.5 0.5 0.25 0.5\n")
        _picture(photos / f"images/val/cn_{number}.png", "1 0.5 0.5 0.25 0.5\n")
    _picture(photos / "images/val/st_1.png", "0 0.5 0.5 0.25 0.5\n")
    for path in photos.glob("images/*/*.png"):
        cv2.imwrite(str(path), np.full((100, 100, 3), 90, np.uint8))
    source = PhotoSource(
        kind="yolo",
        path=str(photos),
        repeat_by_prefix={"cn_": 2},
        shapes_by_prefix={"cn_": (0.75, 1.5)},
        square_copies=True,
    )
    data = compose(DatasetRecipe(names=NAMES, photos=(source,)), tmp_path / "out")
    wanted = {(133, 100), (100, 150)}
    shapes: dict[str, set[tuple[int, ...]]] = {"as it is": set(), "again": set(), "val_shapes": set()}
    for picture in pictures_of(read_spec(data), "train"):
        showing = "again" if "__" in picture.path.stem else "as it is"
        shapes[showing].add(np.asarray(cv2.imread(str(picture.path))).shape[:2])
    for picture in pictures_of(read_spec(data), "val_shapes"):
        height, width = np.asarray(cv2.imread(str(picture.path))).shape[:2]
        shapes["val_shapes"].add((height, width))
        (found,) = picture.boxes
        centred = (0.375 * width, 0.25 * height, 0.625 * width, 0.75 * height)
        assert found.box == pytest.approx(centred, abs=1), "the box is stretched with the picture"
    assert shapes == {"as it is": {(100, 100)}, "again": wanted | {(100, 100)}, "val_shapes": wanted}
    assert len(_names_in(data, "val_shapes")) == 12, "only what was stretched"
    assert len(_names_in(data, "val")) == 13, "val is passed on as it is"


def test_held_out_scenes_are_a_part_of_their_own_and_unfinished_ones_are_left_out(
    recipe: DatasetRecipe, tmp_path: Path
) -> None:
    data = compose(recipe, tmp_path / "out")
    scenes = [n for n in _names_in(data, "train") if n.startswith("rd_")]
    assert scenes == ["rd_000022", "rd_000022__1", "rd_000023", "rd_000023__1"]
    assert _names_in(data, "render_val") == ["rd_000020"]


def test_a_scene_gets_its_bins_labelled_as_context(recipe: DatasetRecipe, tmp_path: Path) -> None:
    data = compose(recipe, tmp_path / "out")
    (picture,) = pictures_of(read_spec(data), "render_val")
    assert [box.class_id for box in picture.boxes] == [1, 3]
    assert [box.box for box in picture.boxes] == [pytest.approx((24, 9, 40, 27)), pytest.approx((0, 0, 16, 18))]


@pytest.mark.parametrize(
    "group",
    [
        {"cls": None, "name": "street_bin", "visible": 0.2, "box": [0, 0, 16, 18]},
        {"cls": None, "name": "street_bin", "visible": 0.9, "box": [0, 0, 7, 18]},
        {"cls": None, "name": "street_bin", "visible": 0.0, "box": None},
        {"cls": None, "name": "planter", "visible": 0.9, "box": [0, 0, 16, 18]},
        {"cls": 1, "name": "street_bin", "visible": 0.9, "box": [0, 0, 16, 18]},
    ],
    ids=["hidden", "tiny", "without a box", "not named", "labelled already"],
)
def test_what_cannot_be_seen_or_is_no_bin_gets_no_label(group: dict[str, object]) -> None:
    source = RenderSource(kind="renders", path=".", context_groups={"street_bin": 3})
    assert context_labels({"size": [64, 36], "groups": [group]}, source) == []


def test_counting_boxes_goes_by_class(recipe: DatasetRecipe, tmp_path: Path) -> None:
    spec = read_spec(compose(recipe, tmp_path / "out"))
    assert count_boxes(spec, "train") == (8, {0: 3, 1: 4, 3: 4})


def test_the_fingerprint_stays_for_the_same_data_and_changes_with_one_label(
    recipe: DatasetRecipe, tmp_path: Path
) -> None:
    first, second = read_spec(compose(recipe, tmp_path / "a")), read_spec(compose(recipe, tmp_path / "b"))
    assert fingerprint(first) == fingerprint(second)
    (tmp_path / "b/labels/train/cn_1.txt").write_text("1 0.5 0.5 0.1 0.1\n")
    assert fingerprint(first) != fingerprint(second)


def test_composing_refuses_a_folder_with_something_else_in_it(recipe: DatasetRecipe, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(ModelError, match="is no composed data set"):
        compose(recipe, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").is_file()


def test_a_label_line_that_is_wrong_is_named(recipe: DatasetRecipe, tmp_path: Path) -> None:
    data = compose(recipe, tmp_path / "out")
    (tmp_path / "out/labels/val/st_2.txt").write_text("0 0.5 0.5\n")
    with pytest.raises(ModelError, match=r"st_2\.txt:1: expected 'class cx cy w h'"):
        pictures_of(read_spec(data), "val")


def test_an_unknown_part_is_answered_with_those_there_are(recipe: DatasetRecipe, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no part 'test'; it has: render_val, train, val"):
        pictures_of(read_spec(compose(recipe, tmp_path / "out")), "test")


def test_a_set_without_a_path_of_its_own_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cases" / "images" / "val").mkdir(parents=True)
    (tmp_path / "cases" / "data.yaml").write_text('{"val": "images/val", "names": ["street_stall"]}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    spec = read_spec(Path("cases/data.yaml"))
    assert spec.parts["val"].is_dir(), "named from the folder above it, by a relative path"
    assert read_spec(tmp_path / "cases" / "data.yaml").parts["val"].is_dir()


def test_a_recipe_with_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('names = ["a"]\n[[renders]]\nkind = "renders"\npath = "."\nrepeats = 2\n')
    with pytest.raises(ModelError, match=r"(?s)recipe\.toml.*renders\.0\.repeats"):
        read_recipe(path)


def test_the_recipe_that_comes_with_gridpatrol_is_valid() -> None:
    recipe = read_recipe(Path(__file__).parents[2] / "models/recipes/gridpatrol-n.toml")
    assert recipe.names == NAMES


def _clip(path: Path, pictures: int = 8, fps: int = 4) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (640, 360))
    rng = np.random.default_rng(1)
    for _ in range(pictures):
        writer.write(rng.integers(40, 200, (360, 640, 3), dtype=np.uint8))
    writer.release()


def test_ordinary_streets_become_negatives_and_their_own_validation_part(recipe: DatasetRecipe, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        _clip(tmp_path / "clips" / name)
    clips = VideoSource(
        kind="ordinary_video",
        path=str(tmp_path / "clips"),
        train=("a.mp4",),
        val=("b.mp4",),
        every_s=1.0,
        windows=WindowCutting(count=2),
    )
    data = compose(recipe.model_copy(update={"videos": (clips,)}), tmp_path / "out")
    assert [n for n in _names_in(data, "train") if n.startswith("vi_")] == [
        "vi_a_000",
        "vi_a_000_b",
        "vi_a_001",
        "vi_a_001_b",
    ]
    ordinary = pictures_of(read_spec(data), "ordinary_val")
    assert [(p.width_px, p.height_px, p.boxes) for p in ordinary] == [(640, 360, ())] * 2


def test_a_clip_on_both_sides_is_refused(recipe: DatasetRecipe, tmp_path: Path) -> None:
    clips = VideoSource(kind="ordinary_video", path=str(tmp_path), train=("a.mp4",), val=("a.mp4",))
    with pytest.raises(ModelError, match=r"a\.mp4 stands in train and in val"):
        compose(recipe.model_copy(update={"videos": (clips,)}), tmp_path / "out")


def test_a_clip_that_is_none_is_named(recipe: DatasetRecipe, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    clips = VideoSource(kind="ordinary_video", path=str(tmp_path), train=("a.mp4",))
    with pytest.raises(ModelError, match=r"a\.mp4 cannot be opened; mend"):
        compose(recipe.model_copy(update={"videos": (clips,)}), tmp_path / "out")


def test_pasted_pictures_are_training_pictures_with_labels(recipe: DatasetRecipe, tmp_path: Path) -> None:
    photo = tmp_path / "photos/images/train/st_9.png"
    pixels = np.clip(np.random.default_rng(3).normal(120, 6, (240, 240, 3)), 0, 255).astype(np.uint8)
    cv2.circle(pixels, (120, 120), 50, (30, 40, 200), -1)
    cv2.imwrite(str(photo), pixels)
    (tmp_path / "photos/labels/train/st_9.txt").write_text("0 0.5 0.5 0.42 0.42\n")
    _clip(tmp_path / "clips/a.mp4")
    clips = VideoSource(kind="ordinary_video", path=str(tmp_path / "clips"), train=("a.mp4",))
    pastes = PasteSource(kind="cut_and_paste", class_ids=(0,), count=3)
    data = compose(recipe.model_copy(update={"videos": (clips,), "pastes": (pastes,)}), tmp_path / "out")
    made = [p for p in pictures_of(read_spec(data), "train") if p.path.stem.startswith("pa_")]
    assert len(made) == 3
    assert all(box.class_id == 0 for picture in made for box in picture.boxes)
    assert any(picture.boxes for picture in made)


def test_pasting_without_objects_or_streets_says_what_is_missing(recipe: DatasetRecipe, tmp_path: Path) -> None:
    pastes = PasteSource(kind="cut_and_paste", class_ids=(2,), count=3)
    with pytest.raises(ModelError, match="0 objects and 0 streets; mend"):
        compose(recipe.model_copy(update={"pastes": (pastes,)}), tmp_path / "out")


def test_training_scenes_are_cut_into_windows_and_held_out_ones_stay_whole(
    recipe: DatasetRecipe, tmp_path: Path
) -> None:
    source = recipe.renders[0].model_copy(update={"windows": WindowCutting(side_px=256, count=2), "repeat": 1})
    data = compose(recipe.model_copy(update={"renders": (source,)}), tmp_path / "out")
    scenes = [p for p in pictures_of(read_spec(data), "train") if p.path.stem.startswith("rd_")]
    assert {(p.width_px, p.height_px) for p in scenes} == {(256, 256)}
    assert [p.path.stem for p in scenes] == ["rd_000022", "rd_000022_b", "rd_000023", "rd_000023_b"]
    (whole,) = pictures_of(read_spec(data), "render_val")
    assert (whole.width_px, whole.height_px) == (64, 36)


def test_a_data_set_that_no_recipe_made_is_never_emptied(recipe: DatasetRecipe, tmp_path: Path) -> None:
    checked = tmp_path / "cases"
    _picture(checked / "images/train/CAM-01.png", "1 0.5 0.5 0.5 0.5\n")
    (checked / "data.yaml").write_text(json.dumps({"train": "images/train", "names": list(NAMES)}))
    with pytest.raises(ModelError, match="is no composed data set; mend"):
        compose(recipe, checked)
    assert (checked / "labels/train/CAM-01.txt").read_text() == "1 0.5 0.5 0.5 0.5\n"


def test_a_composed_set_is_made_anew_in_its_place(recipe: DatasetRecipe, tmp_path: Path) -> None:
    compose(recipe, tmp_path / "out")
    (tmp_path / "out/images/train/stray.png").touch()
    compose(recipe, tmp_path / "out")
    assert not (tmp_path / "out/images/train/stray.png").exists()
