"""What training decides before and beside the network: refusals, the clock's cosine, the run's record."""

import importlib.util
import json
from pathlib import Path

import pytest

from core.errors import ModelError
from models.composing import compose
from models.sources import DatasetRecipe
from models.torch_setup import require_train_extra
from models.training import Budget, TrainingSettings, cosine_share, resume, train

HAS_TORCH = importlib.util.find_spec("ultralytics") is not None


@pytest.mark.parametrize(
    ("progress", "share"), [(0, 1.0), (0.5, 0.51), (1, 0.02), (1.5, 0.02)], ids=["start", "half", "end", "over"]
)
def test_the_learning_rate_falls_along_a_cosine_to_its_final_share(progress: float, share: float) -> None:
    assert cosine_share(progress, 0.02) == pytest.approx(share)


@pytest.mark.parametrize(
    ("budget", "share"),
    [
        (Budget(None, None), None),
        (Budget(10, None), 0.5),
        (Budget(None, 400), 0.25),
        (Budget(10, 400), 0.5),
        (Budget(10, 120), 100 / 120),
        (Budget(None, 99), 1.0),
    ],
)
def test_whichever_budget_is_spent_first_ends_the_run(budget: Budget, share: float | None) -> None:
    assert budget.spent_share(spent_s=300, pictures=100) == (share if share is None else pytest.approx(share))


def _settings(tmp_path: Path, **changes: object) -> TrainingSettings:
    values: dict[str, object] = {
        "data": tmp_path / "data.yaml",
        "start_from": tmp_path / "start.pt",
        "runs": tmp_path / "runs",
        "name": "first",
    }
    return TrainingSettings(**(values | changes))  # type: ignore[arg-type]  # keyword values by name


def test_a_run_folder_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "runs/first").mkdir(parents=True)
    with pytest.raises(ModelError, match="--resume to go on, or another --name"):
        train(_settings(tmp_path), print)


def test_missing_start_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"start weights .*start\.pt not found"):
        train(_settings(tmp_path), print)


def test_a_run_without_a_checkpoint_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no weights/last\.pt and run\.json"):
        resume(tmp_path, print)


def test_a_run_is_not_resumed_on_other_data(tmp_path: Path) -> None:
    data = tmp_path / "set" / "data.yaml"
    (tmp_path / "set/images/train").mkdir(parents=True)
    data.write_text(json.dumps({"train": "images/train", "names": ["a"]}))
    run = tmp_path / "run"
    (run / "weights").mkdir(parents=True)
    (run / "weights/last.pt").write_bytes(b"weights")
    (run / "run.json").write_text(json.dumps({"settings": {"data": str(data)}, "data_fingerprint": "0" * 64}))
    with pytest.raises(ModelError, match="has changed since it started"):
        resume(run, print)


@pytest.mark.skipif(HAS_TORCH, reason="the train extra is installed here")
def test_without_the_train_extra_the_error_names_it() -> None:
    with pytest.raises(ModelError, match=r"torch.*pip install 'gridpatrol\[train\]'"):
        require_train_extra()


@pytest.mark.train
@pytest.mark.skipif(not HAS_TORCH, reason="needs the train extra")
def test_missing_nms_operators_are_put_in_and_answer_as_they_should() -> None:
    import torch

    from models.torch_setup import register_missing_nms

    register_missing_nms()
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
    kept = torch.ops.torchvision.nms(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.5)
    assert kept.tolist() == [1, 2]


def test_composing_nothing_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="names no source"):
        compose(DatasetRecipe(names=("a",)), tmp_path / "out")
