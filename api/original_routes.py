"""The desk's way to a sealed picture: a reason in, the picture out, the viewing in the audit log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.callers import PostedForm, RequireForm
from api.evidence_routes import Sha256Path, handed_over
from api.rooms import RoomsDep
from cases.access.holder import Scope
from cases.access.pictures import Viewing

router = APIRouter(include_in_schema=False)


@router.post("/originals/{sha256}")
def show_original(
    sha256: Sha256Path, posted: Annotated[PostedForm, Depends(RequireForm(Scope.READ))], rooms: RoomsDep
) -> Response:
    fields = posted.fields
    return handed_over(rooms, Viewing(posted.caller.holder, sha256, fields.get("reason"), fields.get("case")))
