"""The pictures that a category needs before it counts as put right, or a word instead."""

from sqlalchemy import Connection, select

from cases import tables
from cases.case import Case, CaseEventKind
from cases.catalogue.in_force import catalogue_in_force, catalogue_of_version, version_opened_under
from cases.life import Proposal
from cases.workflow.orders import CommandIncomplete, Order

AFTER = "after"


def lacks_after(connection: Connection, case: Case) -> bool:
    """Whether its category needs the picture after, and no camera that looked again has brought it.

    What is needed stands in the catalogue that the case was opened under (``closing_evidence``).
    """
    if not _needs_after(connection, case):
        return False
    return case.life.proposal is not Proposal.ABSENT or not _has_after(connection, case)


def check_closing_pictures(connection: Connection, case: Case, order: Order) -> None:
    """For a verification: the picture after, or a note of who saw it gone and how.

    Raises:
        CommandIncomplete: neither is there.
    """
    if order.note.strip() or not lacks_after(connection, case):
        return
    raise CommandIncomplete(
        f"no camera has brought a picture after of case {case.number}, and {case.category} needs one; wait for "
        "the next look, or write in the note who saw it gone, when and how"
    )


def _needs_after(connection: Connection, case: Case) -> bool:
    version = version_opened_under(connection, case.id)
    found = None if version is None else catalogue_of_version(connection, version)
    catalogue = (found or catalogue_in_force(connection)).catalogue
    category = catalogue.category(case.category)
    return category is not None and AFTER in category.closing_evidence


def _has_after(connection: Connection, case: Case) -> bool:
    """Of the newest proposal: an older one was about an older report."""
    table = tables.case_event
    newest = (
        select(table.c.data)
        .where(table.c.case_id == case.id, table.c.kind == CaseEventKind.PROPOSED.value)
        .order_by(table.c.seq.desc())
        .limit(1)
    )
    data = connection.execute(newest).scalar_one_or_none()
    return data is not None and data.get(AFTER) is not None
