"""Was a picture taken by day, at dusk or by night? Its scene record tells, or else a plain rule on its brightness."""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.matching import Light

NIGHT_BELOW = 110.0
"""Luma, 0 to 255, that a quarter of the picture exceeds. By day a good part of it is bright, however dark the rest; by
night, however long the exposure, only what a lamp shines on is. It errs often: measured in docs/figures.md."""

_LOOKED_AT_PX = 160
"""Longer side; averaging takes a night's noise away, which would lift the brighter quarter."""


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
    """Day, or night or dusk (told as night), by the brighter quarter's luma (BT.601) of a BGR picture ``(H, W, 3)``."""
    height, width = picture.shape[:2]
    factor = min(1.0, _LOOKED_AT_PX / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    luma = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return "night" if float(np.percentile(luma, 75)) < NIGHT_BELOW else "day"
