"""Precision against recall as SVG: one curve per category."""

from collections.abc import Mapping
from html import escape

import numpy as np

from models.evaluation import OperatingPoint, point_at
from models.matching import Matches, precision_and_recall

_SIDE = 360
_LEFT, _TOP, _LEGEND = 56, 40, 250
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f")
_MOST_POINTS = 400
"""Of a curve; more are not seen."""


def precision_recall_svg(matches: Mapping[str, Matches], thresholds: Mapping[str, float], title: str) -> str:
    """Draw the curves at the IoU at which the matches were made; a category without truth boxes has none.

    Args:
        matches: by category.
        thresholds: the operating threshold of each of those categories.
    """
    width, height = _LEFT + _SIDE + _LEGEND, _TOP + _SIDE + 52
    parts = [*_opening(width, height, title), *_axes("recall", "precision")]
    shown = [category for category, found in matches.items() if found.truth_count]
    for row, category in enumerate(shown):
        colour = _COLOURS[row % len(_COLOURS)]
        point = point_at(matches[category], thresholds[category])
        facts = f"at {point.threshold:.2f}: precision {point.precision:.2f}, recall {point.recall:.2f}"
        parts += [_curve(matches[category], colour), _dot(point, colour), *_legend(row, category, facts, colour)]
    return "\n".join([*parts, "</svg>\n"])


def _opening(width: int, height: int, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]


def _axes(across: str, up: str) -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        share = tenth / 10
        x, y = _place(share, share)
        parts += [
            f'<path d="M{x} {_TOP}V{_TOP + _SIDE}M{_LEFT} {y}H{_LEFT + _SIDE}" stroke="#ddd"/>',
            f'<text x="{x}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{share:.1f}</text>',
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{share:.1f}</text>',
        ]
    return [
        *parts,
        f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 40}" text-anchor="middle">{across}</text>',
        f'<text transform="translate(16 {_TOP + _SIDE / 2}) rotate(-90)" text-anchor="middle">{up}</text>',
    ]


def _curve(matches: Matches, colour: str) -> str:
    precision, recall = precision_and_recall(matches)
    kept = np.unique(np.linspace(0, max(precision.size - 1, 0), _MOST_POINTS).astype(np.int64))[: precision.size]
    points = " ".join("{},{}".format(*_place(float(recall[i]), float(precision[i]))) for i in kept)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>'


def _dot(point: OperatingPoint, colour: str) -> str:
    x, y = _place(point.recall, point.precision)
    return f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}" stroke="#fff"/>'


def _legend(row: int, category: str, facts: str, colour: str) -> list[str]:
    x, y = _LEFT + _SIDE + 20, _TOP + 14 + 44 * row
    return [
        f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="3"/>',
        f'<text x="{x + 24}" y="{y}">{escape(category)}</text>',
        f'<text x="{x}" y="{y + 16}" fill="#555" font-size="11">{facts}</text>',
    ]


def _place(recall: float, precision: float) -> tuple[float, float]:
    return round(_LEFT + recall * _SIDE, 1), round(_TOP + (1 - precision) * _SIDE, 1)
