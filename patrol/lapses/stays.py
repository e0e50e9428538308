"""What stood in the city, as a judge counts it: single stays, and the violations they amount to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.geometry import Box
from core.ids import CameraId, CategoryId, CellId


@dataclass(frozen=True, slots=True)
class Stay:
    """One thing that stood in one place for a while."""

    camera_id: CameraId
    light: str
    event_id: int
    name: str
    variant: str
    category: CategoryId | None
    """None: it looks like a violation and is none."""
    cell_id: CellId
    near_cells: frozenset[CellId]
    """Cells beyond a border that it stands so close to that its case may be filed there."""
    first_at: datetime
    last_at: datetime
    """Capture times of the first and last picture it stands in."""
    box: Box
    """Source pixels."""
    is_judged: bool

    @property
    def length(self) -> timedelta:
        return self.last_at - self.first_at


@dataclass(frozen=True, slots=True)
class Presence:
    """A category's unbroken time in a cell: one stay, or several that follow each other within the patrol's memory."""

    first_at: datetime
    last_at: datetime

    @property
    def length(self) -> timedelta:
        return self.last_at - self.first_at


@dataclass(frozen=True, slots=True)
class Violation:
    """One category in one cell that stood at least its dwell time, once or again: it asks for exactly one case.

    A case stays open until a person closes it, so what comes back to the same cell belongs to the same case.
    """

    camera_id: CameraId
    light: str
    category: CategoryId
    cell_id: CellId
    cells: frozenset[CellId]
    """Where its case may be filed: its own cell, and those beyond a border that it stands next to."""
    presences: tuple[Presence, ...]
    stays: tuple[Stay, ...]
    """What it is made of, in order of time."""
    is_judged: bool
    """False where no picture shows enough of it to ask for a case; a case there is neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class JudgeRules:
    """What the patrol's rules mean for the judge."""

    dwell: Mapping[CategoryId, timedelta]
    memory: Mapping[CameraId, timedelta]
    """How long each camera's patrol remembers a thing it no longer sees, before its dwell begins anew."""
    step: Mapping[CameraId, timedelta]
    """City time between two pictures: how far a first sighting may lie beside the truth."""


def violations_in(stays: Iterable[Stay], rules: JudgeRules) -> tuple[Violation, ...]:
    """The violations that stays amount to, in order of camera, cell and category.

    Judged is a violation with a judged stay of at least the dwell time. One whose only long stay is not judged, or
    that is long only as a chain of short ones, is kept with ``is_judged`` false.
    """
    groups: dict[tuple[CameraId, CellId, CategoryId], list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.category is not None and stay.category in rules.dwell:
            groups[stay.camera_id, stay.cell_id, stay.category].append(stay)
    found = (_violation(sorted(group, key=_order), rules) for _, group in sorted(groups.items()))
    return tuple(violation for violation in found if violation is not None)


def _order(stay: Stay) -> tuple[datetime, datetime, int]:
    return stay.first_at, stay.last_at, stay.event_id


def _violation(stays: Sequence[Stay], rules: JudgeRules) -> Violation | None:
    first = stays[0]
    if first.category is None:
        return None
    dwell = rules.dwell[first.category]
    chains = [chain for chain in _chains(stays, rules.memory[first.camera_id]) if _extent(chain).length >= dwell]
    members = tuple(stay for chain in chains for stay in chain)
    if not members:
        return None
    return Violation(
        camera_id=first.camera_id,
        light=first.light,
        category=first.category,
        cell_id=first.cell_id,
        cells=frozenset({first.cell_id}).union(*(stay.near_cells for stay in members)),
        presences=tuple(_extent(chain) for chain in chains),
        stays=members,
        is_judged=any(stay.is_judged and stay.length >= dwell for stay in members),
    )


def _chains(stays: Sequence[Stay], memory: timedelta) -> list[list[Stay]]:
    chains: list[list[Stay]] = []
    for stay in stays:
        if chains and stay.first_at - _extent(chains[-1]).last_at <= memory:
            chains[-1].append(stay)
        else:
            chains.append([stay])
    return chains


def _extent(chain: Sequence[Stay]) -> Presence:
    return Presence(chain[0].first_at, max(stay.last_at for stay in chain))
