"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="GRIDPATROL_CONFIG", help="配置文件 / the configuration file.", show_default=True
    ),
]
