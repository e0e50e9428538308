"""Small dense least squares in plain floats (Golub & Van Loan, Matrix Computations, 5.4: QR with column pivoting)."""

import math
from collections.abc import Sequence


def solve_least_squares(
    matrix: Sequence[Sequence[float]], targets: Sequence[float], least_pivot: float = 1e-10
) -> tuple[float, ...] | None:
    """The x that makes ``matrix @ x`` closest to ``targets``.

    Args:
        matrix: ``(m, n)`` rows, m >= n.
        targets: ``(m,)``.
        least_pivot: smallest pivot allowed, as a share of the largest.

    Returns:
        ``(n,)`` values, or None where the columns do not decide them (rank-deficient).
    """
    rows = [[*map(float, row), float(target)] for row, target in zip(matrix, targets, strict=True)]
    width = len(matrix[0])
    if len(rows) < width:
        return None
    order = list(range(width))
    pivots: list[float] = []
    for step in range(width):
        _swap_longest_column(rows, order, step)
        pivots.append(_reflect(rows, step))
        if pivots[step] <= least_pivot * pivots[0]:
            return None
    solution = [0.0] * width
    for step in reversed(range(width)):
        known = math.fsum(rows[step][later] * solution[later] for later in range(step + 1, width))
        solution[step] = (rows[step][width] - known) / rows[step][step]
    unordered = [0.0] * width
    for position, column in enumerate(order):
        unordered[column] = solution[position]
    return tuple(unordered)


def _swap_longest_column(rows: list[list[float]], order: list[int], step: int) -> None:
    def length(column: int) -> float:
        return math.fsum(row[column] ** 2 for row in rows[step:])

    longest = max(range(step, len(order)), key=length)
    order[step], order[longest] = order[longest], order[step]
    for row in rows:
        row[step], row[longest] = row[longest], row[step]


def _reflect(rows: list[list[float]], step: int) -> float:
    """Zero one column below the diagonal by a Householder reflection; returns the pivot's size."""
    norm = math.sqrt(math.fsum(row[step] ** 2 for row in rows[step:]))
    if norm == 0.0:
        return 0.0
    axis = [row[step] for row in rows[step:]]
    axis[0] += math.copysign(norm, axis[0])
    squared = math.fsum(value * value for value in axis)
    for column in range(step, len(rows[0])):
        along = math.fsum(value * row[column] for value, row in zip(axis, rows[step:], strict=True))
        for value, row in zip(axis, rows[step:], strict=True):
            row[column] -= 2.0 * along / squared * value
    return norm
