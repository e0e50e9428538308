"""The page on which a camera is added or changed; what it sends goes to the API's camera routes."""

import json
from dataclasses import dataclass
from typing import Any

from desk.camera_detail import ConfigFacts
from desk.camera_page import camera_href
from desk.render import render
from desk.visitor import Visitor
from desk.words import phrase

WORDS = (
    "form.saved",
    "form.added",
    "form.field",
    "form.removed",
    "form.upload.of",
    "form.upload.done",
    "form.upload.failed",
    "form.upload.large",
    "form.probe.running",
    "form.needs.id",
    "form.needs.id.plain",
    "form.needs.url",
    "form.needs.clip",
    "form.needs.cell",
    "form.cell.chosen",
    "form.cell.none",
    "form.clip.use",
    "form.clip.remove",
    "form.clip.remove.sure",
    "cal.moved_on",
    "cal.map.of",
    "cal.goto.none",
)


@dataclass(frozen=True, slots=True)
class FormValues:
    """What stands in the fields."""

    id: str
    name: str
    url: str
    username: str
    interval_s: str
    timeout_s: str
    transport: str
    time_scale: str
    started_at: str
    loop: bool
    full_decode: bool
    gate: bool
    fixed: bool
    worker: str
    enabled: bool
    has_password: bool
    is_file: bool


def render_camera_form(visitor: Visitor, config: ConfigFacts, is_first_step: bool = False) -> str:
    """The page as HTML; ``config`` without a camera id is the page that adds one.

    Args:
        is_first_step: it goes back to the first steps, from which it was opened.
    """
    is_new = config.camera_id is None
    href = "/start" if is_first_step else "/cameras" if is_new else camera_href(config.camera_id or "")
    setup = {
        "isNew": is_new,
        "id": config.camera_id or "",
        "etag": "" if config.revision is None else f'"{config.revision}"',
        "page": "" if is_new else camera_href(config.camera_id or ""),
        "cell": _cell_of(config),
        "then": href if is_first_step else "",
        "words": {key: phrase(key).in_one_line(visitor.language) for key in WORDS},
    }
    return render(
        "camera_form.html",
        visitor,
        config=config,
        values=_values(config),
        is_new=is_new,
        is_first_step=is_first_step,
        href=href,
        setup=json.dumps(setup, ensure_ascii=False),
    )


def _values(config: ConfigFacts) -> FormValues:
    section = config.section

    def text(name: str) -> str:
        value = section.get(name)
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    url = text("url")
    return FormValues(
        id=config.camera_id or "",
        name=text("name"),
        url=url,
        username=text("username"),
        interval_s=text("interval_s") or "2",
        timeout_s=text("timeout_s") or "10",
        transport=text("transport") or "tcp",
        time_scale=text("time_scale") or "1",
        started_at=text("started_at"),
        loop=_flag(section, "loop", False),
        full_decode=_flag(section, "full_decode", False),
        gate=_flag(section, "gate", True),
        fixed=_flag(section, "fixed", True),
        worker=config.worker,
        enabled=config.enabled,
        has_password="password" in config.secrets,
        is_file=bool(url) and "://" not in url.removeprefix("file://"),
    )


def _flag(section: Any, name: str, default: bool) -> bool:
    value = section.get(name)
    return default if value is None else bool(value)


def _cell_of(config: ConfigFacts) -> str:
    """Where the map opens: a cell that the view shows."""
    regions = config.view.get("regions") or ()
    return str(next(iter(regions)).get("cell", "")) if regions else ""
