"""The case room for commands that work on its database on this machine."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cases.house import CaseHouse
from patrol.settings import load_settings
from patrol.wiring import open_case_room

WhyOption = Annotated[str, typer.Option("--why", help="原因，记入审计日志 / why, for the audit log.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只说明会改动什么 / only tell what would change.")]


@contextmanager
def case_house(config: Path) -> Iterator[CaseHouse]:
    """The stores over the configured database, closed at the end."""
    room = open_case_room(load_settings(config))
    try:
        yield CaseHouse.over(room.store)
    finally:
        room.engine.dispose()


def actor_name() -> str:
    """How the audit log names whoever runs a command on this machine."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a container's user without a name
        return "command line"
