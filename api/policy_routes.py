"""What policy decided and why, and which cameras may file without a person."""

import base64
import binascii
import json
from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import Reader
from api.openapi_answers import refusals
from api.policy_rule_routes import Cursor, Limit, RuleAdmin
from api.policy_wire import (
    AutoFilingWire,
    AutoPlaceWire,
    AutoSwitchWire,
    DecisionFilterWire,
    DecisionPageWire,
    DecisionWire,
    ExplainFilterWire,
    ExplanationWire,
    KeptSwitchWire,
)
from api.problems import FieldRefused
from api.rooms import RoomsDep
from api.wire import Category, Identifier
from cases.policy.facts import CandidateFacts
from cases.policy.outlines import outline_of
from cases.policy.reviews import Place
from cases.queries import CursorInvalid, cursor_before, opened_seq_of
from cases.transactions import reading
from core.ids import CameraId, CategoryId, CellId

router = APIRouter(prefix="/api/v1/policy", tags=["policy"])


@router.get("/decisions", summary="What policy decided, newest first", responses=refusals())
def list_decisions(
    reader: Reader, filters: Annotated[DecisionFilterWire, Query()], rooms: RoomsDep
) -> DecisionPageWire:
    """Each candidate that would open a case, with the rule that let it, made it wait, or turned it away."""
    before = None if filters.cursor is None else opened_seq_of(filters.cursor)
    found = rooms.house.policy.decisions.page(filters.as_query(), before, filters.limit + 1)
    more = len(found) > filters.limit
    return DecisionPageWire(
        decisions=tuple(DecisionWire.of(each) for each in found[: filters.limit]),
        next_cursor=cursor_before(found[filters.limit - 1].id) if more else None,
    )


@router.get("/explain", summary="Why a candidate became a case, or did not", responses=refusals())
def explain(reader: Reader, asked: Annotated[ExplainFilterWire, Query()], rooms: RoomsDep) -> ExplanationWire:
    """By `incident_id` or `case_id`: what was decided. By `camera_id`, `category`, `cell_id`: what would be, `at`."""
    decisions = rooms.house.policy.decisions
    if asked.incident_id is not None:
        return ExplanationWire.of(*decisions.of_incident(asked.incident_id))
    if asked.case_id is not None:
        return ExplanationWire.of(*decisions.of_case(asked.case_id))
    if asked.camera_id is None or asked.category is None or asked.cell_id is None:
        raise FieldRefused("say what to explain: incident_id, or case_id, or camera_id with category and cell_id")
    now, cell_id = rooms.clock.now(), CellId(asked.cell_id)
    facts = CandidateFacts(
        camera_id=CameraId(asked.camera_id),
        category=CategoryId(asked.category),
        cell_id=cell_id,
        at=asked.at or now,
        zone=rooms.cells.zone(cell_id),
        outline=outline_of(rooms.cells.feature(cell_id)),
        confidence=asked.confidence,
        probability=asked.probability,
    )
    with reading(rooms.store.engine) as connection:
        decision = rooms.house.policy.policy.decide(connection, facts, now)
    return ExplanationWire.of_answer(decision, facts.at)


@router.get("/auto-filing", summary="Which cameras may file without a person", responses=refusals())
def read_auto_filing(
    reader: Reader,
    rooms: RoomsDep,
    camera_id: Annotated[Identifier | None, Query()] = None,
    category: Annotated[Category | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AutoFilingWire:
    """Counts, precision and its lower bound for each camera and category that people reviewed, by day and night."""
    house, after = rooms.house.policy, None if cursor is None else _place_of(cursor)
    settings = house.policy.settings
    with reading(rooms.store.engine) as connection:
        rules = house.policy.rules(connection, rooms.clock.now())
    found = house.reviews.page(settings.auto_last, after, limit + 1, camera_id, category)
    more = len(found) > limit
    return AutoFilingWire(
        bar=settings.auto_bar,
        least=settings.auto_least,
        last=settings.auto_last,
        z=settings.auto_z,
        switches=tuple(KeptSwitchWire.of(kept) for kept in house.profiles.switches()),
        places=tuple(AutoPlaceWire.of(each, rules) for each in found[:limit]),
        next_cursor=_cursor_behind(found[limit - 1].place) if more else None,
    )


@router.put("/auto-filing/switches", summary="Turn an auto-file switch", responses=refusals(409, 413))
def turn_switch(admin: RuleAdmin, switch: AutoSwitchWire, rooms: RoomsDep) -> KeptSwitchWire:
    """`queue`: a person looks at each. `measured`: file where, and as long as, the lower bound clears the bar.
    `auto`: file until enough reviews say that the precision is under the bar. Who turned it is audited.
    """
    kept = rooms.house.policy.profiles.turn(
        switch.category, switch.camera_id, switch.mode, admin.holder.name, rooms.clock.now()
    )
    return KeptSwitchWire.of(kept)


def _cursor_behind(place: Place) -> str:
    text = json.dumps([place.camera_id, place.category, place.is_night], ensure_ascii=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place_of(cursor: str) -> Place:
    """
    Raises:
        CursorInvalid: it is not one of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        camera_id, category, is_night = json.loads(text)
        is_sound = isinstance(camera_id, str) and isinstance(category, str) and isinstance(is_night, bool)
        if not is_sound or not (camera_id + category).isprintable():
            raise ValueError(text)
        return Place(CameraId(camera_id), CategoryId(category), is_night)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise CursorInvalid(f"cursor {cursor[:40]!a} is not one of ours; start again without a cursor") from error
