"""From decided cases to a promoted model, as commands over a real case room and a real API."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cases.case import CloseReason
from cases.keys import Scope
from cases.regions import Region, RegionCorrection
from core.clock import SystemClock
from core.errors import ConfigError, ModelError
from core.geometry import Box
from detector.load import load_detector
from models.datasets import fingerprint, pictures_of, read_spec
from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from patrol.api_client import ApiKeyRefused
from patrol.cli import app
from patrol.survey import read_picture
from streams.frames import ImagePicture
from tests.detector.clips import PICTURES as PICTURE_FOLDER
from tests.detector.packages import edit_manifest
from tests.models.test_promotion import package
from tests.patrol.conftest import OutageApi
from tests.patrol.street import GARBAGE, NEXT_CELL, PICTURES, cases, clip, clip_camera, garbage_in, run, worker

WIDE = (160, 96)


def models(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["models", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.fixture
def decided(tmp_path: Path, outage_api: OutageApi) -> OutageApi:
    """Two cameras' cases: one put right and drawn anew, one a false alarm."""
    outage_api.come()
    cameras = [
        clip_camera("CAM-01", clip(tmp_path / "1.mp4")),
        clip_camera("CAM-02", clip(tmp_path / "2.mp4", WIDE), NEXT_CELL, WIDE),
    ]
    patrol = worker(tmp_path, cameras, outage_api, garbage_in(range(PICTURES)))
    run(patrol, lambda: patrol.has_ended)
    now = SystemClock().now()
    for case in cases(outage_api):
        if case.cameras == ("CAM-01",):
            assert case.evidence is not None
            drawn = RegionCorrection(case.evidence.original, (Region(GARBAGE, Box(32, 24, 96, 72)),))
            outage_api.store.correct_regions(case.id, drawn, "王工", None, now)
        reason = CloseReason.HANDLED if case.cameras == ("CAM-01",) else CloseReason.FALSE_ALARM
        outage_api.store.close_case(case.id, reason, "", "王工", None, now)
    return outage_api


def build(api: OutageApi, key: str, out: Path, *more: str) -> str:
    return models("dataset", "build", "--from-cases", "--api", api.url, "--key", key, "--out", out, *more)


def test_decided_cases_become_a_data_set_over_the_api(decided: OutageApi, tmp_path: Path) -> None:
    said = build(decided, decided.key("teacher", Scope.READ), tmp_path / "data", "--site", "demo", "--format", "coco")
    spec = read_spec(tmp_path / "data" / "data.yaml")
    assert fingerprint(spec) in said
    found = {p.path.name.split("_")[0]: p for part in ("train", "val") for p in pictures_of(spec, part)}
    assert spec.names == load_package(DEFAULT_MODEL).manifest.categories
    (heap,) = found["CAM-01"].boxes
    assert spec.names[heap.class_id] == GARBAGE
    assert heap.box == pytest.approx((32, 24, 96, 72), abs=0.01)
    assert found["CAM-02"].boxes == ()
    for part in ("train", "val"):
        assert len({p.path.name.split("_")[0] for p in pictures_of(spec, part)}) == 1
        assert (tmp_path / "data" / "annotations" / f"instances_{part}.json").is_file()
    provenance = (tmp_path / "data" / "provenance.csv").read_text(encoding="utf-8")
    assert "demo/5101" in provenance
    assert "王工" not in provenance


def test_the_database_and_the_api_give_the_same_data_set(decided: OutageApi, tmp_path: Path) -> None:
    build(decided, decided.key("teacher", Scope.READ), tmp_path / "by-api")
    config = site(tmp_path, decided.folder)
    models("dataset", "build", "--from-cases", "--config", config, "--out", tmp_path / "by-file")
    assert fingerprint(read_spec(tmp_path / "by-api/data.yaml")) == fingerprint(
        read_spec(tmp_path / "by-file/data.yaml")
    )


def test_a_data_set_needs_a_key_that_may_read(decided: OutageApi, tmp_path: Path) -> None:
    with pytest.raises(ApiKeyRefused, match="refused the key"):
        build(decided, "gp_wrong", tmp_path / "data")
    with pytest.raises(ConfigError, match="GRIDPATROL_KEY"):
        models("dataset", "build", "--from-cases", "--api", decided.url, "--out", tmp_path / "data")
    with pytest.raises(ModelError, match="--from-cases"):
        models("dataset", "build", "--out", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def site(tmp_path: Path, data_dir: Path) -> Path:
    """A configuration over a folder's cases."""
    config = tmp_path / "gridpatrol.toml"
    config.write_text(
        f'site = {{ data_dir = {json.dumps(str(data_dir))} }}\ngrid = {{ file = "grids.geojson" }}\n'
        f"database = {{ url = {json.dumps(f'sqlite:///{data_dir}/cases.db')} }}\n"
        '[[cameras]]\nid = "CAM-01"\nurl = "1.mp4"\n',
        encoding="utf-8",
    )
    return config


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    """The test pictures, each with what the shipped model surely finds in it as truth; twice, to have enough."""
    shipped = load_package(DEFAULT_MODEL)
    detector = load_detector(shipped, "onnxruntime", 1)
    for folder in ("images/val", "labels/val"):
        (tmp_path / "streets" / folder).mkdir(parents=True)
    for path in PICTURE_FOLDER.glob("*.jpg"):
        image = read_picture(path)
        height, width = image.shape[:2]
        lines = []
        for found in detector.detect(ImagePicture(image)):
            x0, y0, x1, y1 = found.box.as_xyxy()
            shares = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
            lines.append(f"{shipped.categories.index(found.category)} " + " ".join(f"{s:.6f}" for s in shares) + "\n")
        for copy in ("a", "b"):
            shutil.copy(path, tmp_path / "streets/images/val" / f"{copy}_{path.name}")
            (tmp_path / "streets/labels/val" / f"{copy}_{path.stem}.txt").write_text("".join(lines))
    data = tmp_path / "streets" / "data.yaml"
    data.write_text(json.dumps({"val": "images/val", "names": dict(enumerate(shipped.manifest.categories))}))
    return data


def test_a_model_that_is_as_good_is_promoted_and_can_be_taken_back(tmp_path: Path, streets: Path) -> None:
    config = site(tmp_path, tmp_path / "var")
    candidate = package(tmp_path / "new", "2")
    said = models("promote", candidate, "--data", streets, "--config", config, "--by", "王工")
    assert "已启用 / promoted: gridpatrol-n 2" in said
    told = models("history", "--config", config)
    assert "promoted" in told
    assert "王工" in told
    assert "现用 / active: gridpatrol-n 2" in told
    (step,) = json.loads((tmp_path / "var/models/active.json").read_text())["steps"]
    assert step["data_fingerprint"] == fingerprint(read_spec(streets))
    assert step["figures"]["comparison"]["categories"][0]["ap50_b"] > 0.9
    shipped = load_package(DEFAULT_MODEL).manifest
    assert f"rolled back to: gridpatrol-n {shipped.version}" in models("rollback", "--config", config)
    assert "rolled back" in models("history", "--config", config)
    with pytest.raises(ModelError, match="none to go back from"):
        models("rollback", "--config", config)


def test_a_model_that_is_worse_is_refused_unless_someone_says_why(tmp_path: Path, streets: Path) -> None:
    config = site(tmp_path, tmp_path / "var")
    candidate = package(tmp_path / "new", "2")
    categories = list(load_package(DEFAULT_MODEL).manifest.categories)
    edit_manifest(candidate, categories=[categories[1], categories[0], *categories[2:]])  # calls garbage a stall
    arguments = ("promote", candidate, "--data", streets, "--config", config)
    with pytest.raises(ModelError, match=r"is not promoted: .*exposed_garbage: AP50 0\.\d+, the active model has"):
        models(*arguments)
    assert not (tmp_path / "var/models").exists()
    with pytest.raises(ModelError, match="needs a reason"):
        models(*arguments, "--accept-worse", "  ")
    models(*arguments, "--accept-worse", "a drill")
    assert "a drill" in models("history", "--config", config)


def test_a_model_that_cannot_file_what_the_active_one_does_is_refused_whatever_the_reason(
    tmp_path: Path, streets: Path
) -> None:
    candidate = package(tmp_path / "new", "2")
    edit_manifest(candidate, violations=["exposed_garbage"])
    config = site(tmp_path, tmp_path / "var")
    with pytest.raises(ModelError, match="files no cases for street_stall"):
        models("promote", candidate, "--data", streets, "--config", config, "--accept-worse", "never mind")


def test_a_model_that_the_configuration_does_not_fit_is_refused(tmp_path: Path, streets: Path) -> None:
    config = site(tmp_path, tmp_path / "var")
    with config.open("a", encoding="utf-8") as stream:
        stream.write("[detector.confidence]\nstray_dog = 0.5\n")
    with pytest.raises(ModelError, match="stray_dog"):
        models("promote", package(tmp_path / "new", "2"), "--data", streets, "--config", config)


def test_a_damaged_candidate_is_refused_before_anything_is_judged(tmp_path: Path, streets: Path) -> None:
    candidate = package(tmp_path / "new", "2")
    with (candidate / "model.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="expected sha256"):
        models("promote", candidate, "--data", streets, "--config", site(tmp_path, tmp_path / "var"))


def test_showing_a_model_tells_what_it_was_tuned_from() -> None:
    said = models("show")
    assert "来历 / ancestry: gridpatrol-n" in said
    assert "<- " in said
