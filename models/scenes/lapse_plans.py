"""What happens in a time lapse: who comes, what is left behind, when it goes. Drawn from the seed, without Blender."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from models.scenes import GENERATOR
from models.scenes.cameras import CameraChoice
from models.scenes.labels import CATEGORIES, Box, short_side
from models.scenes.plans import LIGHT_SHARES, Heights, draw, draw_camera

_PLAN_STREAM = 515151
"""Apart from the stills' plans and from the scene's own stream."""
_VIOLATION_SHARES = {"0": 0.25, "1": 0.3, "2": 0.3, "3": 0.15}
_HOUR_UTC = {"day": 3, "lowsun": 8, "overcast": 2, "wet": 6, "dusk": 10, "night": 13, "rain": 7, "backlight": 9}
"""Eight hours behind the street's own clock."""
_BYSTANDERS = ("bins", "street_bin", "tricycle", "terrace", "ebikes", "planter", "umbrella")
_NEW_BYSTANDERS = ("cafe", "bin_row", "courier_bikes", "covered_tricycle", "puddle", "leaf_drift")
"""Those of generator 2."""
CLOCK_OFFSET = timedelta(hours=8)
"""From UTC to the clock burnt into the picture."""

LEAST_SIDE_PX = 14
LEAST_VISIBLE = 0.4
LEAST_SHARE = 0.6
"""A violation is judged when it is seen so large and so much of it in this share of its pictures."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that stands in the street for a while."""

    category: str | None
    """None for a look-alike."""
    name: str
    """The category, or what kind of look-alike it is."""
    first_frame: int
    last_frame: int

    def is_there(self, frame: int) -> bool:
        return self.first_frame <= frame <= self.last_frame


@dataclass(frozen=True, slots=True)
class LapsePlan:
    """One fixed camera over ``frames`` pictures, ``step_s`` of city time apart."""

    seed: int
    light: str
    camera: CameraChoice
    frames: int
    step_s: int
    happenings: tuple[Happening, ...]
    bystanders: tuple[str, ...]
    """Look-alikes that stand there from the first picture to the last."""
    walkers: int
    parked: int
    brightness: tuple[float, ...]
    """Per picture: how much light there is against the first, as clouds and the evening change it."""
    generator: int = GENERATOR

    @property
    def name(self) -> str:
        """Folder name."""
        return lapse_name(self.seed)

    @property
    def started_at(self) -> datetime:
        """UTC."""
        return datetime(2026, 5, 14, _HOUR_UTC[self.light], 30, tzinfo=UTC)

    def clock(self, frame: int) -> str:
        """The time burnt into a picture."""
        return f"{self.started_at + CLOCK_OFFSET + timedelta(seconds=frame * self.step_s):%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What one picture shows of a thing."""

    visible: float
    """Share of it that is seen, 0..1."""
    box: Box | None


@dataclass(frozen=True, slots=True)
class SeenThing:
    """A happening as its camera saw it."""

    id: int
    happening: Happening
    variant: str
    at: tuple[float, float] | None
    """x and y in metres; None for what stands there all the time."""
    glimpses: Sequence[Glimpse]
    """One for each picture of the lapse."""


def lapse_name(seed: int) -> str:
    """Folder name of a seed's lapse."""
    return f"lapse_{seed:06d}"


def plan_lapse(
    seed: int, heights: Heights, frames: int, step_s: int, light: str | None = None, generator: int = GENERATOR
) -> LapsePlan:
    """What the seed asks for; ``light`` replaces what was drawn and changes nothing else.

    Raises:
        ValueError: too few pictures for anything to stay.
    """
    if frames < 30 or not 30 <= step_s <= 300:
        raise ValueError(f"{frames} pictures {step_s} s apart; mend: at least 30 pictures, 30..300 s apart")
    rng = np.random.default_rng(seed + _PLAN_STREAM)
    drawn_light = draw(rng, LIGHT_SHARES[generator])
    camera = draw_camera(rng, heights)
    happenings = _violations(rng, frames, step_s) + _brief_ones(rng, frames, step_s)
    bystanders = tuple(str(name) for name in rng.permutation(_BYSTANDERS))[: int(rng.integers(2, 6))]
    walkers, parked = int(rng.integers(3, 8)), int(rng.integers(1, 5))
    brightness = _brightness(rng, frames)
    if generator > 1:
        bystanders += tuple(str(name) for name in rng.permutation(_NEW_BYSTANDERS))[: int(rng.integers(0, 4))]
    return LapsePlan(
        seed,
        light or drawn_light,
        camera,
        frames,
        step_s,
        tuple(happenings),
        bystanders,
        walkers,
        parked,
        brightness,
        generator,
    )


def _violations(rng: np.random.Generator, frames: int, step_s: int) -> list[Happening]:
    """Up to three, each long enough to be one; some leave again."""
    made: list[Happening] = []
    for _ in range(int(draw(rng, _VIOLATION_SHARES))):
        category = str(rng.choice(CATEGORIES))
        least_s = {"street_stall": 480, "exposed_garbage": 1200, "roadside_clutter": 1500}[category]
        stay = -(-least_s // step_s)
        latest = max(2, frames - 1 - stay)
        first = int(rng.integers(1, max(2, min(latest, frames // 2)) + 1))
        leaves = rng.random() < (0.5 if category == "street_stall" else 0.25)
        last = min(frames - 1, first + stay + int(rng.integers(0, frames // 3))) if leaves else frames - 1
        made.append(Happening(category, category, first, last))
    return made


def _brief_ones(rng: np.random.Generator, frames: int, step_s: int) -> list[Happening]:
    """What looks like a violation and is gone before it is one: a stall that pauses, goods that are unloaded."""
    made: list[Happening] = []
    if rng.random() < 0.3:
        first = int(rng.integers(2, frames - 4))
        last = min(frames - 1, first + max(0, 120 // step_s - 1))
        made.append(Happening("street_stall", "street_stall", first, last))
    if rng.random() < 0.4:
        first = int(rng.integers(2, frames - 8))
        last = min(frames - 1, first + max(1, int(rng.integers(180, 420)) // step_s))
        made.append(Happening(None, "unloading", first, last))
    return made


def _brightness(rng: np.random.Generator, frames: int) -> tuple[float, ...]:
    """A slow drift with a few clouds in it, never under half or over one and a half."""
    drift = np.linspace(1.0, float(rng.uniform(0.7, 1.3)), frames)
    clouds = np.convolve(rng.normal(0, 0.25, frames + 4), np.ones(5) / 5, mode="valid")
    return tuple(float(value) for value in np.clip(drift * (1 + clouds), 0.5, 1.5))


def is_judged(glimpses: Sequence[Glimpse]) -> bool:
    """True when a person would say that the thing is to be seen in most of its pictures."""
    clear = [g.box is not None and g.visible >= LEAST_VISIBLE and short_side(g.box) >= LEAST_SIDE_PX for g in glimpses]
    return bool(clear) and sum(clear) >= LEAST_SHARE * len(clear)


def best_box(glimpses: Sequence[Glimpse]) -> Box | None:
    """The box where most of it is seen; None where it never is."""
    seen = [g for g in glimpses if g.box is not None]
    return max(seen, key=lambda g: g.visible).box if seen else None


def truth_record(
    plan: LapsePlan,
    size: tuple[int, int],
    camera: Mapping[str, float],
    marks: Sequence[Mapping[str, object]],
    things: Sequence[SeenThing],
) -> dict[str, object]:
    """``truth.json``, format 1 (docs/scenes.md)."""
    events: list[dict[str, object]] = []
    boxes: list[list[dict[str, object]]] = [[] for _ in range(plan.frames)]
    for thing in things:
        happening = thing.happening
        during = thing.glimpses[happening.first_frame : happening.last_frame + 1]
        box = best_box(during)
        for frame, glimpse in enumerate(thing.glimpses):
            if glimpse.box is not None and happening.is_there(frame):
                shown = {"id": thing.id, "category": happening.category, "box_xyxy": list(glimpse.box)}
                boxes[frame].append(shown | {"visible": glimpse.visible})
        if box is None:
            continue  # behind something from first to last: nobody can be asked for it
        events.append(
            {
                "id": thing.id,
                "category": happening.category,
                "name": happening.name,
                "variant": thing.variant,
                "world_m": None if thing.at is None else [round(v, 3) for v in thing.at],
                "first_frame": happening.first_frame,
                "last_frame": happening.last_frame,
                "box_xyxy": list(box),
                "judged": is_judged(during),
            }
        )
    return {
        "format": 1,
        "generator": plan.generator,
        "seed": plan.seed,
        "light": plan.light,
        "camera": dict(camera),
        "step_s": plan.step_s,
        "frames": plan.frames,
        "size": list(size),
        "started_at": plan.started_at.isoformat().replace("+00:00", "Z"),
        "control_points": [dict(mark) for mark in marks],
        "events": events,
        "boxes": boxes,
    }
