"""Training runs: one folder each, with exact settings, data fingerprint, curves and weights; resumable after a kill."""

import importlib
import json
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import ModelError
from models.datasets import count_boxes, fingerprint, read_spec
from models.start_weights import start_weights
from models.torch_setup import can_use_bf16, load_yolo, run_network_in_bf16, use_all_cores

MOSAIC_SHARE = 0.85
"""Share of a run after which whole pictures are shown instead of mosaics."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Everything that decides a run's outcome besides the data and the start weights."""

    data: Path
    start_from: Path
    runs: Path
    name: str
    size_px: int = 384
    epochs: int = 12
    batch: int = 16
    device: str = "cpu"
    seed: int = 0
    time_budget_min: float | None = None
    """Wall-clock limit in minutes; the cosine then follows the clock, not the epochs, and ends with the budget."""
    learning_rate: float = 1e-3
    final_rate_share: float = 0.02
    warmup_epochs: float = 0.4
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    picture_budget: int | None = None
    """Pictures to show in all; the cosine then follows them, so that runs over unequal data sets can be compared."""
    keep_every: int = 0
    """Keep the weights of every so many epochs as ``weights/epochN.pt``, e.g. to average them; 0 keeps none."""

    @property
    def folder(self) -> Path:
        return self.runs / self.name


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a finished run leaves: its folder, its best weights and the wall-clock it took."""

    folder: Path
    best: Path
    minutes: float


def train(settings: TrainingSettings, say: Say) -> TrainingRun:
    """Start a new run; refuses a run folder that exists, so that nothing is overwritten."""
    if settings.folder.exists():
        raise ModelError(f"run folder {settings.folder} exists; mend: --resume to go on, or another --name")
    if not settings.start_from.is_file():
        raise ModelError(f"start weights {settings.start_from} not found; mend: check --from")
    spec = read_spec(settings.data)
    start = start_weights(settings.start_from)
    yolo = load_yolo()
    bf16 = settings.precision == "bf16" or (settings.precision == "auto" and can_use_bf16(settings.device))
    facts = {
        "settings": {k: str(v) if isinstance(v, Path) else v for k, v in asdict(settings).items()},
        "arguments": _arguments(settings),
        "bf16": bf16,
        "start": start.name,
        "start_sha256": start.sha256,
        "data_fingerprint": fingerprint(spec),
        "names": spec.names,
        "pictures": {part: _part_facts(spec, part) for part in spec.parts},
        "machine": {"python": platform.python_version(), "processor": platform.machine(), "system": platform.system()},
        "versions": {n: importlib.import_module(n).__version__ for n in ("torch", "torchvision", "ultralytics")},
        "started_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    settings.folder.mkdir(parents=True)
    (settings.folder / "run.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    say(f"run {settings.folder}: {facts['pictures']}, {'bf16' if bf16 else 'fp32'}")
    budget = Budget(settings.time_budget_min, settings.picture_budget)
    pacer = _Pacer(settings.folder, budget, settings.final_rate_share, say, bf16)
    model = yolo(str(settings.start_from))
    pacer.attach(model)
    model.train(**_arguments(settings))
    return _finish(settings.folder, pacer)


def resume(folder: Path, say: Say) -> TrainingRun:
    """Go on with a run that was killed, from its last whole epoch; time already spent counts against its budget."""
    last = folder / "weights" / "last.pt"
    record = folder / "run.json"
    if not last.is_file() or not record.is_file():
        raise ModelError(f"{folder} has no weights/last.pt and run.json to go on from; mend: start it anew")
    facts = json.loads(record.read_text(encoding="utf-8"))
    settings = facts["settings"]
    if fingerprint(read_spec(Path(settings["data"]))) != facts["data_fingerprint"]:
        raise ModelError(f"the data of run {folder} has changed since it started; mend: start a new run")
    yolo = load_yolo()
    budget = Budget(settings["time_budget_min"], settings.get("picture_budget"))
    pacer = _Pacer(folder, budget, settings["final_rate_share"], say, facts["bf16"])
    model = yolo(str(last))
    pacer.attach(model)
    model.train(resume=True)
    return _finish(folder, pacer)


def _part_facts(spec: Any, part: str) -> dict[str, Any]:
    pictures, boxes = count_boxes(spec, part)
    return {"pictures": pictures, "boxes": {spec.names[i]: n for i, n in sorted(boxes.items())}}


def _arguments(settings: TrainingSettings) -> dict[str, Any]:
    """Ultralytics' own arguments, written out so that a change of its defaults does not change a run."""
    is_paced = settings.time_budget_min is not None or settings.picture_budget is not None
    return {
        "data": str(settings.data),
        "project": str(settings.runs.resolve()),
        "name": settings.name,
        "exist_ok": True,
        "imgsz": settings.size_px,
        "epochs": 1000 if is_paced else settings.epochs,
        "batch": settings.batch,
        "nbs": settings.batch,
        "device": settings.device,
        "seed": settings.seed,
        "deterministic": True,
        "optimizer": "AdamW",
        "lr0": settings.learning_rate,
        "lrf": settings.final_rate_share,
        "momentum": 0.9,
        "weight_decay": 0.0005,
        "cos_lr": True,
        "warmup_epochs": settings.warmup_epochs,
        "warmup_bias_lr": 0.0,
        "patience": 1000,
        "workers": 0,
        "cache": "ram",
        "amp": settings.device not in {"cpu", "mps"},
        "mosaic": 0.8,
        "close_mosaic": 0 if is_paced else max(1, round(settings.epochs * (1 - MOSAIC_SHARE))),
        "mixup": 0.0,
        "degrees": 0.0,
        "translate": 0.1,
        "scale": 0.5,
        "fliplr": 0.5,
        "hsv_h": 0.015,
        "hsv_s": 0.6,
        "hsv_v": 0.4,
        "erasing": 0.0,
        "save_period": settings.keep_every or -1,
        "plots": True,
        "verbose": True,
    }


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend; whichever is reached first ends it. None and None: a number of epochs decides."""

    minutes: float | None
    pictures: int | None

    def spent_share(self, spent_s: float, pictures: int) -> float | None:
        """0 at the start, 1 when the budget is spent; None where there is none."""
        shares = []
        if self.minutes is not None:
            shares.append(spent_s / (self.minutes * 60))
        if self.pictures is not None:
            shares.append(pictures / self.pictures)
        return min(1.0, max(shares)) if shares else None


class _Pacer:
    """Rides along in the training loop: all cores, reduced precision, the budget's cosine, the stop, plain progress."""

    def __init__(self, folder: Path, budget: Budget, final_share: float, say: Say, bf16: bool) -> None:
        self._state = folder / "progress.json"
        self._budget = budget
        self._final_share = final_share
        self._say = say
        self._bf16 = bf16
        self._spent_before_s = 0.0
        self._seen_before = 0
        if self._state.is_file():
            state = json.loads(self._state.read_text(encoding="utf-8"))
            self._spent_before_s, self._seen_before = float(state["spent_s"]), int(state["seen"])
        self._started = time.monotonic()
        self._last_said = self._started
        self._seen = 0
        self._mosaic_closed = False

    @property
    def spent_s(self) -> float:
        """Wall-clock spent on this run, earlier attempts counted in."""
        return self._spent_before_s + time.monotonic() - self._started

    @property
    def _shown(self) -> int:
        """Pictures shown, earlier attempts counted in."""
        return self._seen_before + self._seen

    @property
    def _progress(self) -> float | None:
        return self._budget.spent_share(self.spent_s, self._shown)

    def attach(self, model: Any) -> None:
        """Register on Ultralytics' events; must come before ``model.train``."""
        model.add_callback("on_train_start", self._on_start)
        model.add_callback("on_train_batch_start", self._on_batch_start)
        model.add_callback("on_train_batch_end", self._on_batch_end)
        model.add_callback("on_fit_epoch_end", self._on_epoch_end)

    def _on_start(self, trainer: Any) -> None:
        threads = use_all_cores()
        if self._bf16:
            run_network_in_bf16(trainer.model)
        self._say(f"{threads} threads, {len(trainer.train_loader)} batches an epoch")

    def _on_batch_start(self, trainer: Any) -> None:
        progress = self._progress
        if progress is None:
            return
        share = cosine_share(progress, self._final_share)
        for group in trainer.optimizer.param_groups:  # the loop's own warm-up, which comes after, may still override it
            group["lr"] = group["initial_lr"] * share
        if progress >= MOSAIC_SHARE and not self._mosaic_closed:
            trainer._close_dataloader_mosaic()
            self._mosaic_closed = True

    def _on_batch_end(self, trainer: Any) -> None:
        self._seen += int(trainer.batch_size)
        now = time.monotonic()
        if now - self._last_said > 20:
            self._last_said = now
            losses = ", ".join(f"{k} {float(v):.3f}" for k, v in trainer.tloss.items())
            rate = self._seen / (now - self._started)
            lr = trainer.optimizer.param_groups[0]["lr"]
            self._say(f"epoch {trainer.epoch + 1}: {self._seen} pictures, {rate:.1f}/s, lr {lr:.2e}, {losses}")
        if self._progress == 1.0:
            trainer.stop = True

    def _on_epoch_end(self, trainer: Any) -> None:
        use_all_cores()
        self._state.write_text(json.dumps({"spent_s": self.spent_s, "epoch": trainer.epoch + 1, "seen": self._shown}))
        scores = ", ".join(f"{k} {float(v):.3f}" for k, v in trainer.metrics.items() if k.startswith("metrics/"))
        self._say(f"epoch {trainer.epoch + 1} done after {self.spent_s / 60:.1f} min: {scores}")


def cosine_share(progress: float, final_share: float) -> float:
    """Share of the first learning rate at ``progress`` (0 to 1): 1 at the start, ``final_share`` at the end."""
    return final_share + (1 - final_share) * (1 + math.cos(math.pi * min(1.0, max(0.0, progress)))) / 2


def _finish(folder: Path, pacer: _Pacer) -> TrainingRun:
    best = folder / "weights" / "best.pt"
    if not best.is_file():
        raise ModelError(f"run {folder} ended without weights; mend: a larger budget or fewer pictures")
    return TrainingRun(folder, best, pacer.spent_s / 60)
