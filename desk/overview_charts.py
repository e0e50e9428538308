"""Bars as numbers: where each lies in its drawing. The template draws them as SVG; nothing here knows a colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HALF, HEIGHT = 1840.0, 900.0, 220.0
"""Drawn about as large as they are shown at 1920 pixels, so that the words keep their size."""
LEFT, RIGHT, TOP, BOTTOM = 40.0, 6.0, 10.0, 22.0
WIDEST = 56.0
"""A bar of few days stays a bar."""
LABEL_ROOM = 26.0
"""The least room for two letters under a bar; five letters take twice as much."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one bar is made of, from the ground up."""

    label: str
    """Under the bar."""
    name: str
    """As the table calls it."""
    confirmed: int
    rejected: int
    waiting: int

    @property
    def total(self) -> int:
        return self.confirmed + self.rejected + self.waiting


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of one bar, in the drawing's units; y grows downwards."""

    kind: str
    """``confirmed``, ``rejected`` or ``waiting``."""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A number beside its line, or a word under its bar."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars beside each other, with the same as a table beneath."""

    columns: tuple[Column, ...]
    pieces: tuple[Piece, ...]
    lines: tuple[Tick, ...]
    labels: tuple[Tick, ...]

    width: float = WIDE
    height: float = HEIGHT
    left: float = LEFT

    @property
    def right_edge(self) -> float:
        return self.width - RIGHT

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)

    @property
    def highest(self) -> Column | None:
        """The bar with the most; None where nothing came."""
        most = max(self.columns, key=lambda column: column.total, default=None)
        return most if most is not None and most.total else None


def chart_of(columns: Sequence[Column], wide: float = WIDE) -> Chart:
    """The bars laid out; the scale ends at a round number above the highest."""
    top = round_above(max((column.total for column in columns), default=0))
    room, height = (wide - LEFT - RIGHT) / max(1, len(columns)), HEIGHT - TOP - BOTTOM
    width = min(room * 0.72, WIDEST)
    pieces: list[Piece] = []
    for place, column in enumerate(columns):
        x, y = LEFT + room * (place + 0.5) - width / 2, HEIGHT - BOTTOM
        for kind, count in (
            ("confirmed", column.confirmed),
            ("rejected", column.rejected),
            ("waiting", column.waiting),
        ):
            if count:
                tall = height * count / top
                y -= tall
                pieces.append(Piece(kind, round(x, 1), round(y, 1), round(width, 1), round(tall, 1)))
    longest = max((len(column.label) for column in columns), default=1)
    each = max(1, math.ceil(LABEL_ROOM * (1 if longest <= 2 else 2) / room))
    return Chart(
        tuple(columns),
        tuple(pieces),
        lines=tuple(Tick(round(HEIGHT - BOTTOM - height * part / 2, 1), f"{top * part // 2}") for part in (0, 1, 2)),
        labels=tuple(
            Tick(round(LEFT + room * (place + 0.5), 1), column.label)
            for place, column in enumerate(columns)
            if place % each == 0
        ),
        width=wide,
    )


def round_above(most: int) -> int:
    """The least of 2, 4, 10, 20, 40, 100 … that is not below ``most``: half of it is a whole number, too."""
    top = 2
    while top < most:
        top = _next(top)
    return top


def _next(top: int) -> int:
    zeros = int("1" + "0" * (len(str(top)) - 1))
    return {1: 2, 2: 4, 4: 10}[top // zeros] * zeros
