"""What the API tells of the installation that it runs in, and what of it can be made on the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.grid_layer import GridLayer
from cases.keeping.rules import KeepingRules


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model that stands or stood."""

    name: str
    version: str
    sha256: str
    is_active: bool
    fault: str = ""
    """Why it cannot be told, in words; empty: it can."""


@dataclass(frozen=True, slots=True)
class OutboxFacts:
    """What this machine's worker still has to deliver."""

    worker: str
    waiting: int | None
    """Messages; None: its file cannot be read, or is not on this machine."""


def _no_models() -> tuple[ModelFacts, ...]:
    return ()


def _no_outboxes() -> tuple[OutboxFacts, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Site:
    """Handed in by the composition."""

    data_dir: Path
    keeping: KeepingRules
    grid_file: Path
    layer: GridLayer | None = None
    """None: the grid stands in a file that an editor keeps."""
    models: Callable[[], tuple[ModelFacts, ...]] = _no_models
    outboxes: Callable[[], tuple[OutboxFacts, ...]] = _no_outboxes
    confirm_s: float = 0.0
    """The longest time that a violation must stand before it becomes a candidate, seconds."""
