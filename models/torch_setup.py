"""Makes PyTorch and Ultralytics usable for training on the machine at hand.

The only module of ``models`` that imports ``torch`` or ``ultralytics``; none of it is on the run-time path.
Needs the ``train`` extra: ``pip install 'gridpatrol[train]'``.
"""

import importlib
import importlib.util
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelError

TRAIN_EXTRA = "pip install 'gridpatrol[train]'"


def require_train_extra() -> None:
    """Refuse early, with the mend, when a package of the training extra is missing.

    Raises:
        ModelError: names the missing packages and the extra that brings them.
    """
    missing = [
        name for name in ("torch", "torchvision", "ultralytics", "onnx") if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise ModelError(f"training needs {', '.join(missing)}, which is not installed; mend: {TRAIN_EXTRA}")


def load_yolo() -> Callable[..., Any]:
    """Return Ultralytics' ``YOLO`` class, ready to use with CPU-only or CUDA builds of torch.

    Its notices, analytics and automatic installs are switched off: nothing leaves the machine.
    """
    require_train_extra()
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    os.environ.setdefault("YOLO_OFFLINE", "true")
    register_missing_nms()
    ultralytics = importlib.import_module("ultralytics")
    ultralytics.settings.update({"sync": False})
    loaded: Callable[..., Any] = ultralytics.YOLO
    return loaded


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a ``.pt`` file of a training run on the CPU; ``load_yolo`` must have been called.

    A checkpoint is a pickle: it runs what its writer put in. Only files of one's own training belong here.

    Raises:
        ModelError: the file is missing or is no checkpoint.
    """
    if not path.is_file():
        raise ModelError(f"weights {path} not found; mend: check the path")
    try:
        checkpoint = importlib.import_module("torch").load(path, map_location="cpu", weights_only=False)
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"{path} is no checkpoint ({error}); mend: a .pt file that a training run wrote") from error
    if not isinstance(checkpoint, dict):
        raise ModelError(f"{path} holds no checkpoint; mend: a .pt file that a training run wrote")
    return checkpoint


def register_missing_nms() -> bool:
    """Give torchvision its ``nms`` operators back where its build does not fit this torch.

    A torchvision built for CUDA cannot load its binary part beside a CPU-only torch and then fails on import, because
    the operators' schemas are unknown. Where the operators are there, nothing is touched.

    Returns:
        True when the pure-torch kernels were put in.
    """
    torch = importlib.import_module("torch")
    if _has_working_nms(torch):
        return False
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define(
        "qnms(Tensor dets, Tensor scores, float dets_scale, float scores_scale, float iou_threshold) -> Tensor"
    )
    library.impl("nms", _nms_in_torch, "CPU")
    _KEPT_LIBRARIES.append(library)
    extension: Any = importlib.import_module("torchvision.extension")
    extension._has_ops = _has_ops_now  # else torchvision.ops.nms refuses although the operator is there
    return True


_KEPT_LIBRARIES: list[Any] = []  # an operator lives only as long as the library object that defined it


def _has_ops_now() -> bool:
    return True


def _has_working_nms(torch: Any) -> bool:
    extension = importlib.util.find_spec("torchvision")
    if extension is None or extension.origin is None:
        return True
    try:
        torch.ops.torchvision.nms.default  # noqa: B018 - the attribute's look-up is the test
    except AttributeError:
        pass
    else:
        return True
    folder = os.path.dirname(extension.origin)
    binary = os.path.join(folder, "_C.so")
    if not os.path.exists(binary):
        return False
    try:
        torch.ops.load_library(binary)
    except (OSError, RuntimeError):
        return False
    return True


def _nms_in_torch(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Greedy non-maximum suppression: (N, 4) xyxy boxes, (N,) scores -> kept indices, best first.

    In numpy, because a validation picture brings thousands of faint boxes and torch's cost per small call adds up.
    """
    torch = importlib.import_module("torch")
    corners, weights = boxes.detach().float().numpy(), scores.detach().float().numpy()
    order = np.argsort(-weights, kind="stable")
    x0, y0, x1, y1 = corners[order].T
    area = (x1 - x0) * (y1 - y0)
    alive = np.arange(len(order))
    kept: list[int] = []
    while alive.size:
        best, rest = alive[0], alive[1:]
        kept.append(int(order[best]))
        width = np.minimum(x1[best], x1[rest]) - np.maximum(x0[best], x0[rest])
        height = np.minimum(y1[best], y1[rest]) - np.maximum(y0[best], y0[rest])
        overlap = np.clip(width, 0, None) * np.clip(height, 0, None)
        alive = rest[overlap <= iou_threshold * (area[best] + area[rest] - overlap)]
    return torch.tensor(kept, dtype=torch.int64, device=boxes.device)


def use_all_cores(threads: int = 0) -> int:
    """Set torch's CPU threads (0 = every core this process may use) and return how many.

    Ultralytics sets (cores - 1) when it chooses a device, which halves a two-core machine; call this after it has.
    """
    torch = importlib.import_module("torch")
    wanted = threads if threads > 0 else len(os.sched_getaffinity(0))
    torch.set_num_threads(wanted)
    return wanted


def can_use_bf16(device: str) -> bool:
    """Whether this processor multiplies bfloat16 in hardware (about twice as fast here as float32)."""
    if device != "cpu":
        return False
    torch = importlib.import_module("torch")
    return bool(torch.cpu._is_avx512_bf16_supported())


def run_network_in_bf16(model: Any) -> None:
    """Let a detection model's forward pass run in bfloat16 on a CPU, its loss in float32.

    Ultralytics refuses bfloat16 autocast on a CPU. The weights, their averages and the checkpoint stay float32.
    """
    torch = importlib.import_module("torch")
    model.to(memory_format=torch.channels_last)
    forward = model.forward

    def forward_in_bf16(batch: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(batch, dict):
            return forward(batch, *args, **kwargs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            predictions = forward(batch["img"])
        return model.loss(batch, _as_float32(predictions, torch))

    model.forward = forward_in_bf16


def _as_float32(value: Any, torch: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_float32(item, torch) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_float32(item, torch) for item in value)
    return value.float() if torch.is_tensor(value) and value.is_floating_point() else value
