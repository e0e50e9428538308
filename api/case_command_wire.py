"""Commands to cases as programs give them."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.case_wire import CaseWire
from api.problems import ProblemDetails
from api.wire import PLAIN_TEXT, Identifier, WireModel
from cases.case import CloseReason
from cases.workflow.commands import STEPS, Command, Need
from cases.workflow.orders import LONGEST_NAME, LONGEST_NOTE, MOST_HOURS, Order

MOST_CASES = 200
EXAMPLE: dict[str, Any] = {"command": "dispatch", "unit": "环卫一所", "handler": "王强", "expected_version": 3}
BULK_EXAMPLE: dict[str, Any] = {
    "command": "dispatch",
    "unit": "环卫一所",
    "cases": ["7b9c6b1e-27a7-4a0a-9d0e-7f2a5a1d9c55", "0d4c5a52-6ad6-4d8e-8a5b-1f6f1c0f7d11"],
}

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=PLAIN_TEXT)]


class OrderWire(WireModel):
    """What is to be done."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    command: Command
    note: str = Field("", max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$")
    reason: CloseReason | None = Field(None, description="for reject and void: why there is nothing to put right")
    unit: Name | None = Field(None, description="for dispatch: who is to handle it")
    handler: Name | None = Field(None, description="for dispatch and take: who has it at the unit")
    hours: float | None = Field(
        None, gt=0, le=MOST_HOURS, description="for ask_extension: how much more time, as the deadline counts it"
    )

    def as_order(self) -> Order:
        return Order(self.command, self.note, self.reason, self.unit, self.handler, self.hours)


class CommandWire(OrderWire):
    """One command to one case."""

    expected_version: int | None = Field(
        None, ge=1, description="the case's `version` as it was looked at; a newer one is a conflict"
    )


class BulkCommandWire(OrderWire):
    """The same command to several cases, each by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [BULK_EXAMPLE]})

    cases: tuple[Identifier, ...] = Field(min_length=1, max_length=MOST_CASES)


class BulkResultWire(WireModel):
    """What became of one of them."""

    case_id: str
    case: CaseWire | None = Field(description="as it stands now; null where the command was refused")
    problem: ProblemDetails | None = Field(description="why it was refused; null where it was done")


class BulkResultsWire(WireModel):
    """What became of all of them, in the order asked."""

    results: tuple[BulkResultWire, ...]
    done: int


class PossibleWire(WireModel):
    """A command that the caller may give the case now."""

    command: Command
    needs: tuple[str, ...] = Field(description="fields it does not go without")

    @classmethod
    def of(cls, command: Command, takes_note: bool = False) -> "PossibleWire":
        needs = STEPS[command].needs | ({Need.NOTE} if takes_note else frozenset())
        return cls(command=command, needs=tuple(sorted(needs)))


class PossiblesWire(WireModel):
    """All of them, with the version that they are for."""

    commands: tuple[PossibleWire, ...]
    version: int
