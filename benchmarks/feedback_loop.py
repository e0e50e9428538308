"""A small city's first weeks, for the feedback loop: a patrol files cases, an operator decides them over the real API.

    python -m benchmarks.feedback_loop --out var/loop [--seconds 120] [--confidence 0.05] [--json FILE]

The packaged demo clips are the city, the patrol is the real one (API and worker as processes), with thresholds so low
that it also cries wolf. The operator is the clips' own truth: what stood there is closed as handled, what did not as a
false alarm, and a box that misses the thing is drawn anew. ``docs/feedback_loop.md`` goes on from the folder it leaves.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from api.server import BackgroundApi
from benchmarks.result import finish
from cases.keys import Scope
from core.clock import SystemClock
from core.geometry import Box
from patrol.demo.run import run_demo
from patrol.demo.site import ASSETS, free_port, lay_out
from patrol.settings import Settings, load_settings
from patrol.wiring import build_api, open_case_room

SAME_THING_IOU = 0.3
"""From here on a reported box is of the thing."""
WELL_DRAWN_IOU = 0.6
"""Below it the operator draws the box anew."""
CATEGORIES = ("street_stall", "exposed_garbage", "roadside_clutter")


@dataclass(frozen=True, slots=True)
class TrueThing:
    """What stands in one camera's clip, by the clip's clock."""

    camera: str
    category: str
    first_s: float
    last_s: float
    box: Box


@dataclass(frozen=True, slots=True)
class CityTruth:
    """Every clip's things; each pass of a clip shows them again."""

    started_at: datetime
    pass_s: float
    step_s: float
    things: tuple[TrueThing, ...]

    def standing(self, camera: str, category: str, at: datetime) -> tuple[Box, ...]:
        """Boxes of what stands before the camera at that moment; one picture of slack."""
        clip_s = (at - self.started_at).total_seconds() % self.pass_s
        return tuple(
            thing.box
            for thing in self.things
            if (thing.camera, thing.category) == (camera, category)
            and thing.first_s - self.step_s <= clip_s <= thing.last_s + self.step_s
        )


def main(
    out: Annotated[Path, typer.Option(help="Folder for the site; an earlier one of this script is replaced.")],
    seconds: Annotated[float, typer.Option(min=30, help="How long the patrol runs.")] = 120,
    confidence: Annotated[float, typer.Option(min=0.01, max=1, help="Every category's threshold.")] = 0.05,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the counts here, too.")] = None,
) -> None:
    """Patrol, then decide every case."""
    config = lay_out(out.resolve(), free_port(8650), fresh=True, now=SystemClock().now())
    careless(config, confidence)
    run_demo(config, seconds, typer.echo)
    decided = decide_all(load_settings(config), typer.echo)
    finish({"seconds": seconds, "confidence": confidence, "decided": decided}, json_file)


def careless(config: Path, confidence: float) -> None:
    """Lower the thresholds and let things be filed sooner, so that there is something to reject."""
    thresholds = ", ".join(f"{name} = {confidence}" for name in CATEGORIES)
    dwell = ", ".join(f"{name} = 180" for name in CATEGORIES)
    first, _, rest = config.read_text(encoding="utf-8").partition("\n")
    added = f"detector = {{ confidence = {{ {thresholds} }} }}\nconfirmation = {{ dwell_s = {{ {dwell} }} }}\n"
    config.write_text(f"{first}\n{added}{rest}", encoding="utf-8")


def decide_all(settings: Settings, say: Callable[[str], None]) -> dict[str, int]:
    """Close every case over the API as the clips' truth says; counts by decision."""
    room = open_case_room(settings)
    clock = SystemClock()
    key = room.keys.create(f"operator-{secrets.token_hex(4)}", (Scope.READ, Scope.OPERATOR), clock.now())
    truth = city_truth(settings)
    counts: Counter[str] = Counter()
    try:
        with (
            BackgroundApi(build_api(settings, room), settings.api) as api,
            httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client,
        ):
            cursor: str | None = None
            while True:
                asked = {"limit": "100"} | ({} if cursor is None else {"cursor": cursor})
                page = answered(client.get("/api/v1/cases", params=asked))
                for case in page["cases"]:
                    counts.update(decide(client, answered(client.get(f"/api/v1/cases/{case['id']}")), truth))
                cursor = page["next_cursor"]
                if cursor is None:
                    break
    finally:
        room.engine.dispose()
    say(f"已办结 / decided: {dict(counts)}")
    return dict(counts)


def decide(client: httpx.Client, detail: Mapping[str, Any], truth: CityTruth) -> list[str]:
    """Close one case; where it was true, mend the boxes that miss. What was done."""
    case = detail["case"]
    done: list[str] = []
    corrections: list[dict[str, Any]] = []
    is_true = False
    for event in detail["events"]:
        refs = event["data"].get("evidence")
        if refs is None:
            continue
        at = datetime.fromisoformat(event["at"])
        standing = truth.standing(event["data"]["camera_id"], case["category"], at)
        filed = [Box(*box) for box in event["data"]["boxes"]]
        best = [max((box.iou(thing) for box in filed), default=0.0) for thing in standing]
        is_true = is_true or any(share >= SAME_THING_IOU for share in best)
        if len(filed) != len(standing) or min(best, default=0.0) < WELL_DRAWN_IOU:
            regions = [{"category": case["category"], "box": list(thing.as_xyxy())} for thing in standing]
            corrections.append({"picture": refs["original"], "regions": regions, "note": "重画 drawn anew"})
    reason = "handled" if is_true else "false_alarm"
    if is_true:
        for correction in corrections:
            answered(client.post(f"/api/v1/cases/{case['id']}/regions", json=correction))
            done.append("corrected")
    answered(client.post(f"/api/v1/cases/{case['id']}/close", json={"reason": reason}))
    return [*done, reason, f"{reason} {case['category']}"]


def city_truth(settings: Settings) -> CityTruth:
    """The demo clips' truth by the clock that this site's feeds run on."""
    content = json.loads((ASSETS / "truth.json").read_text(encoding="utf-8"))
    started_at = settings.cameras[0].started_at
    assert started_at is not None
    step_s = float(content["step_s"])
    things = tuple(
        TrueThing(
            camera["camera"],
            event["category"],
            event["first_frame"] * step_s,
            event["last_frame"] * step_s,
            Box(*event["box_xyxy"]),
        )
        for camera in content["cameras"]
        for event in camera["events"]
    )
    return CityTruth(started_at, timedelta(seconds=content["frames"] * step_s).total_seconds(), step_s, things)


def answered(answer: httpx.Response) -> dict[str, Any]:
    """The JSON of a good answer; a refusal ends the run with its text."""
    assert answer.is_success, answer.text
    body: dict[str, Any] = answer.json()
    return body


if __name__ == "__main__":
    typer.run(main)
