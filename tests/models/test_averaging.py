"""The mean of several weights of one line, and what is refused."""

import importlib.util
import json
from pathlib import Path

import pytest

from core.errors import ModelError
from models.averaging import average_weights

HAS_TORCH = importlib.util.find_spec("torch") is not None


def test_one_file_alone_is_no_average(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at least two"):
        average_weights([tmp_path / "a.pt"], tmp_path / "out.pt")


def test_an_average_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "out.pt").write_bytes(b"kept")
    with pytest.raises(ModelError, match="exists"):
        average_weights([tmp_path / "a.pt", tmp_path / "b.pt"], tmp_path / "out.pt")
    assert (tmp_path / "out.pt").read_bytes() == b"kept"


@pytest.mark.train
@pytest.mark.skipif(not HAS_TORCH, reason="needs the train extra")
class TestWithTorch:
    @staticmethod
    def checkpoint(path: Path, seed: int, classes: int = 2) -> Path:
        import torch

        from models.torch_setup import load_yolo

        yolo = load_yolo()
        torch.manual_seed(seed)
        configuration = path.with_suffix(".yaml")
        configuration.write_text(
            f"nc: {classes}\nscales: {{n: [0.5, 0.25, 1024]}}\n"
            "backbone:\n  - [-1, 1, Conv, [16, 3, 2]]\n  - [-1, 1, Conv, [32, 3, 2]]\n  - [-1, 1, Conv, [32, 3, 2]]\n"
            "head:\n  - [[2], 1, Detect, [nc]]\n",
            encoding="utf-8",
        )
        torch.save({"model": yolo(str(configuration)).model, "ema": None, "train_args": {}}, path)
        return path

    def test_every_weight_is_the_mean_of_the_sources(self, tmp_path: Path) -> None:
        from models.torch_setup import load_checkpoint

        one, two = self.checkpoint(tmp_path / "one.pt", 1), self.checkpoint(tmp_path / "two.pt", 2)
        out = average_weights([one, two, two], tmp_path / "new" / "mean.pt")
        first, second, mean = (load_checkpoint(path)["model"].float().state_dict() for path in (one, two, out))
        for name, value in mean.items():
            wanted = (first[name].float() + 2 * second[name].float()) / 3
            assert (value.float() - wanted).abs().max() <= 2e-3 * (1 + wanted.abs().max()), name
        record = json.loads((tmp_path / "new" / "mean.json").read_text())
        assert [source["file"] for source in record["average_of"]] == ["one.pt", "two.pt", "two.pt"]

    def test_another_network_is_refused_by_name(self, tmp_path: Path) -> None:
        one, other = self.checkpoint(tmp_path / "one.pt", 1), self.checkpoint(tmp_path / "other.pt", 1, classes=3)
        with pytest.raises(ModelError, match=r"other\.pt is another network"):
            average_weights([one, other], tmp_path / "mean.pt")
        assert not (tmp_path / "mean.pt").exists()

    def test_a_file_that_is_no_checkpoint_is_refused_by_name(self, tmp_path: Path) -> None:
        one = self.checkpoint(tmp_path / "one.pt", 1)
        (tmp_path / "broken.pt").write_bytes(b"not a checkpoint")
        with pytest.raises(ModelError, match=r"broken\.pt is no checkpoint"):
            average_weights([one, tmp_path / "broken.pt"], tmp_path / "mean.pt")
