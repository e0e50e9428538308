"""Is a confidence worth what it says? One small diagram per category, before and after its map, as SVG.

Each has the share that was right over what was told, in ten bins, with the diagonal of a model whose word can be taken,
and under it how many detections each bin holds: a bin of three says little, however far off it lies.
"""

from collections.abc import Mapping
from html import escape
from math import sqrt

from models.calibration import Calibration, CalibrationReport

BEFORE, AFTER = "#D55E00", "#0072B2"
"""Vermilion and blue of Okabe and Ito's palette, told apart by every kind of colour vision; dashes tell them, too."""

_SIDE, _ROW_PX = 220, 13
_GAP_X, _LEFT, _TOP = 48, 46, 62
_PANEL_PX = 20 + _SIDE + 20 + 4 * _ROW_PX + 32
_COLUMNS = 3
_Z_95 = 1.96


def reliability_svg(calibration: Mapping[str, CalibrationReport], title: str) -> str:
    """Every category with detections; the same figures give the same text.

    Args:
        calibration: by category; those without a map have only what the network tells.
    """
    shown = [(category, found) for category, found in calibration.items() if found.confidence.detections]
    columns = max(1, min(_COLUMNS, len(shown)))
    rows = -(-len(shown) // columns)
    width, height = columns * (_LEFT + _SIDE) + (columns - 1) * (_GAP_X - _LEFT) + 64, _TOP + rows * _PANEL_PX
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT - 36}" y="20" font-size="14">{escape(title)}</text>',
        *_key(),
    ]
    for number, (category, found) in enumerate(shown):
        left, top = _LEFT + number % columns * (_SIDE + _GAP_X), _TOP + number // columns * _PANEL_PX
        parts += [f'<g transform="translate({left} {top})">', *_panel(category, found), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def _key() -> list[str]:
    x, y = _LEFT - 36, 40
    return [
        f'<path d="M{x} {y - 4}h22" stroke="{BEFORE}" stroke-width="2" stroke-dasharray="5 3"/>',
        f'<text x="{x + 28}" y="{y}">before: confidence</text>',
        f'<path d="M{x + 160} {y - 4}h22" stroke="{AFTER}" stroke-width="2"/>',
        f'<text x="{x + 188}" y="{y}">after: probability, 95 % interval</text>',
        f'<text x="{x + 380}" y="{y}" fill="#444">numbers: detections of each bin</text>',
    ]


def _panel(category: str, found: CalibrationReport) -> list[str]:
    parts = [f'<text y="10" font-size="12" font-weight="bold">{escape(category)}</text>', *_axes()]
    parts += _line(found.confidence, BEFORE, "5 3")
    errors = [f"error before {_error(found.confidence)}"]
    if found.probability is not None:
        parts += [*_whiskers(found.probability), *_line(found.probability, AFTER, "none")]
        errors.append(f"after {_error(found.probability)}")
    errors.append(f"held out {_error(found.held_out)}")
    y = 20 + _SIDE + 20 + _ROW_PX
    parts += _counts(found.confidence, BEFORE, y)
    if found.probability is not None:
        parts += _counts(found.probability, AFTER, y + _ROW_PX)
    parts.append(f'<text y="{y + 2 * _ROW_PX + 5}" fill="#444">{", ".join(errors)}</text>')
    return parts


def _axes() -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        x, y = _place(tenth / 10, tenth / 10)
        parts += [
            f'<path d="M{x} 20V{20 + _SIDE}M0 {y}H{_SIDE}" stroke="#e3e3e3"/>',
            f'<text x="{x}" y="{20 + _SIDE + 14}" text-anchor="middle" fill="#444">{tenth / 10:.1f}</text>',
            f'<text x="-5" y="{y + 4}" text-anchor="end" fill="#444">{tenth / 10:.1f}</text>',
        ]
    (x0, y0), (x1, y1) = _place(0, 0), _place(1, 1)
    middle = 20 + _SIDE / 2
    return [
        *parts,
        f'<path d="M{x0} {y0}L{x1} {y1}" stroke="#888" stroke-dasharray="2 3"/>',
        f'<text transform="translate(-30 {middle}) rotate(-90)" text-anchor="middle" fill="#444">share right</text>',
    ]


def _line(calibration: Calibration, colour: str, dashes: str) -> list[str]:
    places = [_place(told, right) for told, right, _ in _told_bins(calibration)]
    points = " ".join(f"{x},{y}" for x, y in places)
    fill = colour if dashes == "none" else "#fff"
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dashes}"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3.2" fill="{fill}" stroke="{colour}" stroke-width="1.4"/>' for x, y in places),
    ]


def _whiskers(calibration: Calibration) -> list[str]:
    drawn = []
    for told, right, count in _told_bins(calibration):
        low, high = wilson_interval(right, count)
        (x, y0), (_, y1) = _place(told, low), _place(told, high)
        drawn.append(f'<path d="M{x} {y0}V{y1}" stroke="{AFTER}" stroke-opacity="0.45"/>')
    return drawn


def _counts(calibration: Calibration, colour: str, y: int) -> list[str]:
    """Detections of each bin, under the bin."""
    return [
        f'<text x="{round((row.low + row.high) / 2 * _SIDE, 1)}" y="{y}" text-anchor="middle" font-size="9" '
        f'fill="{colour}">{row.count}</text>'
        for row in calibration.bins
    ]


def _told_bins(calibration: Calibration) -> list[tuple[float, float, int]]:
    """Mean told, share right and count of each bin that holds something."""
    return [
        (row.mean_confidence, row.share_right, row.count)
        for row in calibration.bins
        if row.mean_confidence is not None and row.share_right is not None
    ]


def wilson_interval(share: float, count: int, z: float = _Z_95) -> tuple[float, float]:
    """Where the true share may lie when ``share`` of ``count`` were right (Wilson's score interval, 95 %)."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _error(calibration: Calibration) -> str:
    return "–" if calibration.expected_error is None else f"{calibration.expected_error:.3f}"


def _place(told: float, right: float) -> tuple[float, float]:
    return round(told * _SIDE, 1), round(20 + (1 - right) * _SIDE, 1)
