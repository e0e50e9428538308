"""The manual's table is the code's."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from pathlib import Path

from cases.life import Stage
from cases.roles import Role
from cases.workflow.commands import STEPS, Command

MANUAL = Path(__file__).parents[3] / "docs" / "workflow.md"


def named(some: Collection[StrEnum], every: Sequence[StrEnum]) -> str:
    return "every" if set(some) == set(every) else ", ".join(f"`{each}`" for each in every if each in some)


def row_of(command: Command) -> str:
    step = STEPS[command]
    columns = (
        f"`{command}`",
        named(step.stages, list(Stage)),
        named(step.roles, list(Role)),
        ", ".join(f"`{need}`" for need in sorted(step.needs)) or "–",
        f"`{step.event}`",
        "yes" if step.while_suspended else "–",
    )
    return f"| {' | '.join(columns)} |"


def test_the_manual_tells_the_table_as_it_is() -> None:
    lines = MANUAL.read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("| command |"))
    assert lines[begin + 2 : begin + 2 + len(Command)] == [row_of(command) for command in Command]
    assert not lines[begin + 2 + len(Command)].startswith("|")
