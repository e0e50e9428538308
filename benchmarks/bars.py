"""Bars as SVG: a name, a bar, its figure."""

from collections.abc import Mapping
from html import escape

_NAME_PX, _BAR_PX, _ROW_PX, _TOP_PX = 220, 380, 30, 44
_COLOUR = "#1f77b4"


def bars_svg(values: Mapping[str, float], title: str) -> str:
    """One bar a value, in order, from 0."""
    most = max(values.values(), default=0.0) or 1.0
    width, height = _NAME_PX + _BAR_PX + 70, _TOP_PX + _ROW_PX * len(values) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="10" y="24" font-size="15">{escape(title)}</text>',
    ]
    for row, (name, value) in enumerate(values.items()):
        y = _TOP_PX + row * _ROW_PX
        length = max(1.0, value / most * _BAR_PX)
        parts += [
            f'<text x="{_NAME_PX - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_NAME_PX}" y="{y}" width="{length:.1f}" height="20" fill="{_COLOUR}"/>',
            f'<text x="{_NAME_PX + length + 6:.1f}" y="{y + 15}">{value:.1f}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
