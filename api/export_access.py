"""Who may take the desk's figures and cases away as files."""

from typing import Annotated

from fastapi import Depends, Request

from api.callers import Caller, CaseReader
from api.problems import RoleMissing
from cases.roles import Role

EXPORT_ROLES = frozenset({Role.SHIFT_LEADER, Role.DISPATCHER, Role.ADMIN, Role.AUDITOR})
"""People of a handling unit take their own unit's cases away, whatever stands here."""


def may_export(caller: Caller) -> bool:
    return bool(caller.holder.roles & EXPORT_ROLES) or caller.holder.is_bound


async def exporter(request: Request, caller: CaseReader) -> Caller:
    """
    Raises:
        RoleMissing: they may look, but not take away.
    """
    if not may_export(caller):
        wanted = ", ".join(sorted(EXPORT_ROLES))
        raise RoleMissing(f"{caller.holder.name!r} may not export; this needs one of: {wanted}; ask an admin")
    return caller


Exporter = Annotated[Caller, Depends(exporter)]
"""Lets in who may export; people of a handling unit, too: the route gives them their own unit's cases and no more."""


def check_sees_all(caller: Caller) -> None:
    """
    Raises:
        RoleMissing: someone who sees their own unit's cases only.
    """
    if caller.holder.is_bound:
        raise RoleMissing(
            f"{caller.holder.name!r} is of a handling unit and exports its cases only: "
            "take /api/v1/exports/cases.xlsx or cases.csv"
        )
