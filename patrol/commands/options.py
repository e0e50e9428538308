"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ModelError

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="GRIDPATROL_CONFIG", help="配置文件 / the configuration file.", show_default=True
    ),
]

SizeOption = Annotated[
    str | None,
    typer.Option("--size", help="网络输入 高x宽 / network input, HEIGHTxWIDTH in px; default: the model's first."),
]


def input_size_of(text: str) -> tuple[int, int]:
    """``384`` or ``384x640`` as height, width in pixels.

    Raises:
        ModelError: it is neither.
    """
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.strip().isdecimal() for side in sides):
        raise ModelError(f"--size {text}: expected one side, e.g. 384, or height x width, e.g. 384x640")
    return int(sides[0]), int(sides[-1])
