"""A package's weights made trainable again: the same answers, honest statistics, and what is refused."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelError
from models.manifest import ModelPackage, load_package, read_manifest, sha256_of, write_manifest
from models.registry import package_folder
from models.restoring import LEAST_PICTURES, restore_weights
from models.start_weights import start_weights

HAS_TORCH = importlib.util.find_spec("ultralytics") is not None
PICTURES = sorted((Path(__file__).parents[1] / "detector" / "pictures").glob("*.jpg"))
SIZE = (160, 160)


def _unread(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    raise AssertionError(f"{path} was prepared at {size} before anything was refused")


def test_a_restored_file_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "start.pt").write_bytes(b"kept")
    with pytest.raises(ModelError, match=r"start\.pt exists; mend: another file"):
        restore_weights(load_package("gridpatrol-n"), PICTURES, _unread, SIZE, tmp_path / "start.pt")
    assert (tmp_path / "start.pt").read_bytes() == b"kept"


def test_too_few_pictures_for_statistics_are_refused(tmp_path: Path) -> None:
    few = PICTURES[: LEAST_PICTURES - 1]
    with pytest.raises(ModelError, match=f"at least {LEAST_PICTURES} pictures, {len(few)} given"):
        restore_weights(load_package("gridpatrol-n"), few, _unread, SIZE, tmp_path / "start.pt")


def test_start_weights_are_a_file_unless_the_record_beside_it_is_of_that_very_file(tmp_path: Path) -> None:
    weights = tmp_path / "start.pt"
    weights.write_bytes(b"weights")
    assert (start_weights(weights).name, start_weights(weights).sha256) == ("start.pt", sha256_of(weights))
    told = {"name": "city-n", "version": "7", "sha256": "a" * 64, "checkpoint_sha256": sha256_of(weights)}
    weights.with_suffix(".json").write_text(json.dumps({"restored_from": told}))
    assert (start_weights(weights).name, start_weights(weights).sha256) == ("city-n-7", "a" * 64)
    weights.write_bytes(b"trained on since")
    assert start_weights(weights).name == "start.pt"
    weights.with_suffix(".json").write_text(json.dumps({"average_of": []}))
    assert start_weights(weights).name == "start.pt"


@pytest.mark.train
@pytest.mark.skipif(not HAS_TORCH, reason="needs the train extra")
class TestWithTorch:
    @staticmethod
    def prepared(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
        from patrol.commands.models import _prepared

        return _prepared(path, size)

    @classmethod
    def restored(cls, tmp_path: Path) -> Path:
        out = tmp_path / "start.pt"
        agreement = restore_weights(load_package("gridpatrol-n"), PICTURES, cls.prepared, SIZE, out)
        assert agreement.box_px < 0.05
        assert agreement.score < 1e-4
        return out

    def test_the_shipped_model_answers_the_same_and_the_file_names_it(self, tmp_path: Path) -> None:
        start = start_weights(self.restored(tmp_path))
        manifest = load_package("gridpatrol-n").manifest
        assert (start.name, start.sha256) == (f"gridpatrol-n-{manifest.version}", manifest.sha256)

    def test_its_statistics_are_those_of_the_pictures(self, tmp_path: Path) -> None:
        """In training, normalisation takes the batch's own statistics: over the same pictures little may change."""
        import torch

        from models.torch_setup import load_checkpoint, load_yolo

        load_yolo()
        network = load_checkpoint(self.restored(tmp_path))["model"].float()
        batch = torch.from_numpy(np.concatenate([self.prepared(path, SIZE) for path in PICTURES]))
        block = network.model[0]
        with torch.no_grad():
            at_rest = block.eval()(batch)
            for normalise in (m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)):
                assert float(normalise.running_var.min()) >= 0
            in_training = block.train()(batch)
        assert float((in_training - at_rest).abs().max()) < 1e-2 * float(at_rest.abs().max())

    @pytest.mark.filterwarnings("ignore")  # torch's exporter, which Ultralytics calls, warns from within C
    def test_training_starts_from_a_package_and_the_next_package_names_it(self, tmp_path: Path) -> None:
        from typer.testing import CliRunner

        from patrol.commands.models import app

        data = self.small_data(tmp_path / "data")
        run = [
            "train",
            "--data",
            str(data),
            "--from",
            "gridpatrol-n",
            "--runs",
            str(tmp_path / "runs"),
            "--name",
            "city",
        ]
        result = CliRunner().invoke(app, [*run, "--size", "96", "--epochs", "1", "--batch", "4"])
        assert result.exit_code == 0, result.output
        facts = json.loads((tmp_path / "runs" / "city" / "run.json").read_text())
        shipped = load_package("gridpatrol-n").manifest
        assert (facts["start"], facts["start_sha256"]) == (f"gridpatrol-n-{shipped.version}", shipped.sha256)
        out = ["--out", str(tmp_path / "package"), "--name", "city", "--size", "96"]
        result = CliRunner().invoke(app, ["export", str(tmp_path / "runs" / "city"), "--data", str(data), *out])
        assert result.exit_code == 0, result.output
        assert read_manifest(tmp_path / "package" / "manifest.json").parents == (
            f"gridpatrol-n-{shipped.version} {shipped.sha256}",
        )

    @staticmethod
    def small_data(folder: Path) -> Path:
        """Eight pictures with one box each; ``val`` is the same ones, as nothing is judged here."""
        for kind in ("images", "labels"):
            (folder / kind / "train").mkdir(parents=True)
        for picture in PICTURES[:8]:
            shutil.copyfile(picture, folder / "images" / "train" / picture.name)
            (folder / "labels" / "train" / f"{picture.stem}.txt").write_text("1 0.5 0.5 0.3 0.3\n")
        names = dict(enumerate(load_package("gridpatrol-n").manifest.categories))
        told = {"path": str(folder), "train": "images/train", "val": "images/train", "names": names}
        (folder / "data.yaml").write_text(json.dumps(told))
        return folder / "data.yaml"

    def test_a_network_of_another_make_is_refused_by_name(self, tmp_path: Path) -> None:
        folder = tmp_path / "strange"
        folder.mkdir()
        network = Path(__file__).parents[1] / "detector" / "networks" / "any_size.onnx"
        shutil.copyfile(network, folder / "model.onnx")
        shipped = read_manifest(package_folder("gridpatrol-n") / "manifest.json")
        manifest = shipped.model_copy(update={"name": "strange", "sha256": sha256_of(network), "version": "3"})
        write_manifest(manifest, folder)
        package = ModelPackage(manifest, folder / "model.onnx", folder / "CARD.md")
        with pytest.raises(
            ModelError, match=re.escape("strange 3 is none of the networks that can be restored (yolo11n")
        ):
            restore_weights(package, PICTURES, self.prepared, SIZE, tmp_path / "start.pt")
        assert not (tmp_path / "start.pt").exists()
