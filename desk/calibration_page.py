"""The page on which a view is tied to the ground, and areas are drawn; everything on it is drawn by its scripts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.calibration_words import CALIBRATION_PHRASES
from desk.camera_detail import ConfigFacts, PictureFacts
from desk.camera_page import camera_href
from desk.render import Speech, render
from desk.visitor import Visitor

MODES = ("points", "regions", "masks", "suppressions", "permits")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """Everything the page needs to know."""

    camera_id: str
    name: str
    config: ConfigFacts
    picture: PictureFacts | None
    frame_wh: tuple[int, int] | None
    previous: Mapping[str, Any] | None
    """The calibration before the one that stands; None: there was none."""
    may_save: bool = False
    may_take: bool = False
    may_suppress: bool = False
    may_permit: bool = False


def render_calibration(view: CalibrationView, visitor: Visitor) -> str:
    """The page as HTML."""
    speech = Speech(visitor.language, visitor.category_names)
    config = view.config
    setup = {
        "id": view.camera_id,
        "page": camera_href(view.camera_id),
        "still": "" if view.picture is None else f"{camera_href(view.camera_id)}/still?kind={view.picture.kind}",
        "etag": "" if config.revision is None else f'"{config.revision}"',
        "file": config.file,
        "view": dict(config.view),
        "previous": None if view.previous is None else dict(view.previous),
        "frame": None if view.frame_wh is None else list(view.frame_wh),
        "maySave": view.may_save,
        "mayTake": view.may_take,
        "maySuppress": view.may_suppress,
        "mayPermit": view.may_permit,
        "words": {key: words.in_one_line(visitor.language) for key, words in CALIBRATION_PHRASES.items()},
        "categories": {each: speech.category_plain(each) for each in visitor.category_names},
    }
    return render(
        "calibrate.html",
        visitor,
        view=view,
        modes=MODES,
        days=DAYS,
        href=camera_href(view.camera_id),
        setup=json.dumps(setup, ensure_ascii=False, default=str),
        categories=tuple(visitor.category_names),
    )
