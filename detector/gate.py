"""Whether a due picture needs a look at all: not when it shows what the last one looked at shows.

Pure: a view's memory and a sketch go in, a verdict or a new memory comes out. The reference is the last picture
that was looked at in full, never one that was passed, so nothing can creep in under the threshold picture by picture.
When in doubt it says: look.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from detector.gate_difference import Cells, Difference, difference, thresholds_for
from detector.gate_sketch import CellMask, Sketch

FIRST_VARIANCE = 1.0
"""What a cell's noise is taken for before anything is known of it, grey levels squared."""
NOISE_EACH, RESTLESS_EACH = 1 / 16, 1 / 32
"""How much one picture adds to what is known of a cell's noise, and of its restlessness."""
MOST_LEARNT_LEVELS = 6.0
"""One passer-by must not make a cell noisy for long."""
RESTLESS_FROM = 0.3
"""A cell that differs in so large a share of the pictures tells little by differing: a clock, a flag, a screen."""
MOST_RESTLESS = 0.1
"""Of the watched cells; where more are restless none is passed over."""


class GateSettings(BaseModel):
    """The ``[gate]`` section: when a picture is passed without a look."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    enabled: bool = True
    """False: every due picture is looked at."""
    force_after_s: float = Field(default=60.0, gt=0, le=3600, allow_inf_nan=False)
    """Once the last look is so long ago a picture is looked at whatever it shows; seconds of the city's time.
    A patrol gives each view a limit of its own, up to 30 % below this, so that they do not all come at once."""


class GateReason(StrEnum):
    """What became of a picture, and why."""

    CARRIED = "carried"
    """Passed: what the last look found stands on."""
    FIRST = "first"
    """Looked at: there is nothing to hold it against (start, another model, another size, after a failed look)."""
    CHANGED = "changed"
    """Looked at: it differs."""
    FORCED = "forced"
    """Looked at: it does not differ, and the last look is ``force_after_s`` ago."""
    UNSETTLED = "unsettled"
    """Looked at: it does not differ, and the last look missed something that had been seen before."""
    CONFIRMING = "confirming"
    """Looked at: it does not differ, and something would be filed on it."""
    OFF = "off"
    """Looked at: the gate is off."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewMemory:
    """All that the gate knows of one view: three small pictures."""

    reference: Sketch
    looked_at: datetime
    """Capture time of the reference."""
    watched: CellMask
    """Cells in which a change counts."""
    variance: Cells
    """Noise of each cell's averaged difference, grey levels squared."""
    restlessness: Cells
    """Share of the pictures of late in which each cell differed though nothing else was found."""
    thresholds: Cells
    learnt: int = 0
    """Pictures that noise and restlessness were learnt from."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the gate says of one picture."""

    reason: GateReason
    sketch: Sketch
    difference: Difference | None
    """None where there was nothing to hold it against."""
    changed_cells: int = 0

    @property
    def is_pass(self) -> bool:
        return self.reason is GateReason.CARRIED


def judge_picture(memory: ViewMemory | None, sketch: Sketch, at: datetime, settings: GateSettings) -> Verdict:
    """Whether a picture captured ``at`` can be passed."""
    if memory is None or memory.reference.source_hw != sketch.source_hw or at < memory.looked_at:
        return Verdict(GateReason.FIRST, sketch, None)
    found = difference(memory.reference, sketch, memory.thresholds, memory.watched)
    changed = int(np.count_nonzero(found.exceeds & memory.watched & ~restless_cells(memory)))
    if changed or found.is_other_light:
        return Verdict(GateReason.CHANGED, sketch, found, changed)
    if (at - memory.looked_at).total_seconds() >= settings.force_after_s:
        return Verdict(GateReason.FORCED, sketch, found)
    return Verdict(GateReason.CARRIED, sketch, found)


def restless_cells(memory: ViewMemory) -> CellMask:
    """Cells that are passed over, with their neighbours; none where they are so many that little would be watched."""
    core = (memory.restlessness >= RESTLESS_FROM).astype(np.uint8)
    restless = cv2.dilate(core, np.ones((3, 3), dtype=np.uint8)).astype(np.bool_) & memory.watched
    if np.count_nonzero(restless) > MOST_RESTLESS * np.count_nonzero(memory.watched):
        return np.zeros_like(restless)
    return restless


def first_memory(sketch: Sketch, at: datetime, watched: CellMask) -> ViewMemory:
    """What is known after the first look; ``watched`` is of the sketch's size."""
    variance = np.full(sketch.size_hw, FIRST_VARIANCE, dtype=np.float32)
    calm = np.zeros(sketch.size_hw, dtype=np.float32)
    return ViewMemory(sketch, at, watched, variance, calm, thresholds_for(sketch, variance))


def after_look(memory: ViewMemory, verdict: Verdict, at: datetime, found_the_same: bool) -> ViewMemory:
    """The picture just looked at is the new reference.

    Args:
        found_the_same: the look found what the one before had found, so what differed was only commotion: it is learnt.
    """
    learnt = _learnt(memory, verdict) if found_the_same else memory
    return replace(
        learnt, reference=verdict.sketch, looked_at=at, thresholds=thresholds_for(verdict.sketch, learnt.variance)
    )


def after_pass(memory: ViewMemory, verdict: Verdict) -> ViewMemory:
    """The reference stays; the cells' noise is learnt from what differed."""
    return _learnt(memory, verdict)


def _learnt(memory: ViewMemory, verdict: Verdict) -> ViewMemory:
    seen = verdict.difference
    if seen is None or seen.is_other_light:
        return memory
    share = np.float32(max(NOISE_EACH, 1 / (memory.learnt + 2)))  # a plain mean until there is enough to forget
    levels = np.clip(seen.levels, -MOST_LEARNT_LEVELS, MOST_LEARNT_LEVELS)
    variance = memory.variance + (np.square(levels) - memory.variance) * share
    differs = seen.exceeds.astype(np.float32)
    restlessness = memory.restlessness + (differs - memory.restlessness) * np.float32(RESTLESS_EACH)
    return replace(memory, variance=variance, restlessness=restlessness, learnt=memory.learnt + 1)
