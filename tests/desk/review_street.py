"""Candidates in cells of their own, each with pictures that can be told apart, for the review's browser tests."""

from typing import Any

import cv2
import numpy as np

from cases.life import Stage
from core.ids import CaseId
from tests.api.city import CELL, incident, sha256_of
from tests.desk.browser import Desk

CATEGORIES = ("exposed_garbage", "street_stall", "roadside_clutter")


def drawing(label: str, shade: int, width: int, height: int) -> bytes:
    """A grey picture with a box and a word in it."""
    picture = np.full((height, width, 3), shade, dtype=np.uint8)
    cv2.rectangle(picture, (width // 4, height // 4), (width // 2, height // 2), (40, 90, 230), 3)
    cv2.putText(picture, label, (8, height - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (250, 250, 250), 1)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def put(desk: Desk, data: bytes) -> str:
    name = sha256_of(data)
    desk.send("PUT", f"/api/v1/evidence/{name}", content=data, headers={"content-type": "image/jpeg"})
    return name


def pictures(desk: Desk, number: int, look: int = 0) -> dict[str, str]:
    """The three pictures of one look."""
    shade = 60 + (number * 37 + look * 11) % 120
    sizes = {"original": (320, 180), "annotated": (320, 180), "crop": (160, 120)}
    return {name: put(desk, drawing(f"{name} {number}.{look}", shade, *size)) for name, size in sizes.items()}


def candidate(desk: Desk, number: int, **changes: Any) -> str:
    """One more candidate; its case's id."""
    body = incident(
        incident_id=f"review-{number}",
        cell_id=f"5101040012{number:05d}",
        category=CATEGORIES[number % 3],
        evidence=pictures(desk, number),
        boxes=[[80.0, 45.0, 160.0, 90.0]],
    )
    body |= changes
    key = f"{body['incident_id']}:{body['sequence']}"
    receipt = desk.send("POST", "/api/v1/incidents", json=body, headers={"Idempotency-Key": key}).json()
    return str(receipt["case_id"])


def candidates(desk: Desk, count: int, first: int = 0) -> list[str]:
    """Some, the oldest first."""
    return [candidate(desk, number) for number in range(first, first + count)]


def in_known_cell(desk: Desk, number: int, **changes: Any) -> str:
    """One in the one cell that the city's grid knows, seen three times."""
    case_id = candidate(desk, number, cell_id=CELL, **changes)
    for look in (1, 2):
        at = f"2026-03-02T03:59:{20 * look:02d}Z"
        candidate(
            desk,
            number,
            **({"cell_id": CELL} | changes),
            kind="seen",
            sequence=look,
            at=at,
            last_seen_at=at,
            evidence=pictures(desk, number, look),
        )
    return case_id


def stage_of(desk: Desk, case_id: str) -> Stage:
    return desk.city.store.get_case(CaseId(case_id)).life.stage


def decisions_on(desk: Desk, case_id: str) -> list[str]:
    """What was decided on a case, in its order."""
    kinds = ("accepted", "closed", "undone", "dispatched")
    return [event.kind.value for event in desk.city.store.events_of(CaseId(case_id)) if event.kind.value in kinds]
