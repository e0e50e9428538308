"""Was a picture taken by day, at dusk or by night? Its scene record tells, or else a plain rule on its brightness."""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.matching import Light

NIGHT_BELOW = 70.0
"""Mean luma, 0 to 255. Street lamps lift a night above black, exposure lifts it further: see docs/figures.md."""

_STEP = 4
"""Every fourth pixel each way is enough for a mean."""


_LIGHT_OF_WEATHER: dict[str, Light] = {"dusk": "dusk", "night": "night"}
"""Of rendered scenes; all their other weathers are daylight."""


def recorded_light(picture: Path, scenes: Path | None = None) -> Light | None:
    """What ``<stem>.json`` in ``scenes`` or beside the picture says; None where there is none, or it does not say.

    Raises:
        ModelError: the record cannot be read.
    """
    for folder in (scenes, picture.parent):
        record = None if folder is None else folder / f"{picture.stem}.json"
        if record is None or not record.is_file():
            continue
        try:
            content = json.loads(record.read_text(encoding="utf-8"))
            told = content.get("light", content.get("weather"))
        except (OSError, ValueError, AttributeError) as error:
            raise ModelError(
                f"scene record {record} cannot be read ({error!r}); mend: render the scene anew"
            ) from error
        if isinstance(told, str):
            return _LIGHT_OF_WEATHER.get(told, "day")
    return None


def light_of(picture: NDArray[np.uint8]) -> Light:
    """Day or night, by the mean luma (BT.601) of a BGR picture ``(H, W, 3)``."""
    luma = cv2.cvtColor(np.ascontiguousarray(picture[::_STEP, ::_STEP]), cv2.COLOR_BGR2GRAY)
    return "night" if float(luma.mean()) < NIGHT_BELOW else "day"
