"""One client process of the API's load: so many connections, each posting as fast as it is answered."""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from benchmarks.api_load_history import CAMERAS, CATEGORIES

KINDS = ("opened", "seen", "seen", "cleared")
"""The steps of one incident; each makes one event, and the first one a case."""
ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a client process is told."""

    url: str
    key: str
    client: int
    connections: int
    seconds: float
    run: int = 0
    """Another one for each load on one database: its incidents and cells are its own."""


@dataclass(slots=True)
class Told:
    """What came back, of all connections of one process."""

    latencies_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    posted_s: float = 0.0
    """From the first request to the last answer."""


def post_incidents(load: Load) -> Told:
    """Closed loop: each connection waits for its answer before it posts again; bounded by ``load.seconds``."""
    told = Told()
    began = time.monotonic()
    until = began + load.seconds
    threads = [
        threading.Thread(target=_post_on, args=(load, number, until, told), daemon=True)
        for number in range(load.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(load.seconds + ANSWER_S + 5)
    told.posted_s = time.monotonic() - began
    return told


def _post_on(load: Load, connection: int, until: float, told: Told) -> None:
    place = urlsplit(load.url)
    line = http.client.HTTPConnection(str(place.hostname), place.port, timeout=ANSWER_S)
    head = {"authorization": f"Bearer {load.key}", "content-type": "application/json"}
    step = 0
    try:
        while time.monotonic() < until:
            body = report(load.client, connection, step, load.run)
            head["idempotency-key"] = f"{body['incident_id']}:{body['sequence']}"
            text = json.dumps(body)
            began = time.perf_counter()
            line.request("POST", "/api/v1/incidents", text, head)
            answer = line.getresponse()
            said = answer.read()
            took = time.perf_counter() - began
            if answer.status in (200, 201):
                told.latencies_s.append(took)
            else:
                told.refused.append(f"{answer.status} {said[:200]!r}")
            step += 1
    except (OSError, http.client.HTTPException) as error:
        told.refused.append(f"connection broke: {type(error).__name__}")
    finally:
        line.close()


def report(client: int, connection: int, step: int, run: int = 0) -> dict[str, Any]:
    """The step-th report of one connection: incidents one after the other, each in a cell of its own."""
    incident, sequence = divmod(step, len(KINDS))
    kind = KINDS[sequence]
    at = datetime.now(UTC)
    seen_at = at - timedelta(minutes=10) if kind == "cleared" else at
    return {
        "incident_id": f"load-{run}-{client}-{connection}-{incident}",
        "sequence": sequence,
        "kind": kind,
        "camera_id": CAMERAS[incident % len(CAMERAS)],
        "view_id": CAMERAS[incident % len(CAMERAS)],
        "cell_id": f"5101{run:06d}{20 + client}{connection:02d}{incident:08d}",
        "category": CATEGORIES[incident % len(CATEGORIES)],
        "at": at.isoformat(),
        "first_seen_at": (seen_at - timedelta(minutes=5)).isoformat(),
        "last_seen_at": seen_at.isoformat(),
        "object_count": 1,
        "confidence": 0.8,
        "boxes": [] if kind == "cleared" else [[10.0, 20.0, 110.0, 220.0]],
        "model": {"name": "bench", "sha256": "9f" * 32},
        "evidence": None,
        "worker_id": "bench",
    }
