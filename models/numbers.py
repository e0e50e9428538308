"""Figures as a file keeps them."""

from collections.abc import Mapping
from typing import Any

DIGITS = 4


def rounded(value: Any) -> Any:
    """Every float inside lists and mappings to ``DIGITS`` digits; tuples become lists."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return value
