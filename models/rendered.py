"""Is a picture one of ours, rendered? Its scene record says so, and the render itself beside the record proves it.

Pictures of known failures are shown to everybody; a photograph, with people who never agreed, must not slip in by its
name.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError

MOST_DIFFERENCE = 4.0
"""Mean, of 255, at ``_COMPARED_AT``: JPEG of a render differs by less than 1, another scene by 20 and more."""

_COMPARED_AT = (64, 36)
_MOST_NAMED = 3


def require_rendered(pictures: Sequence[Path], scenes: Path) -> None:
    """Let only pictures pass that are renders, each the one of its name in ``scenes`` (``.json`` and ``.png``).

    Raises:
        ModelError: naming those that are not, and why.
    """
    faults = {picture.name: fault for picture in pictures if (fault := _fault_of(picture, scenes)) is not None}
    if faults:
        first = "; ".join(f"{name}: {fault}" for name, fault in list(faults.items())[:_MOST_NAMED])
        raise ModelError(
            f"{len(faults)} of {len(pictures)} pictures are not proven to be renders ({first}); pictures of failures "
            "are shown for renders only; mend: name a part of whole renders, and with --scenes the folder they are in"
        )


def _fault_of(picture: Path, scenes: Path) -> str | None:
    record, render = scenes / f"{picture.stem}.json", scenes / f"{picture.stem}.png"
    if not record.is_file():
        return f"no scene record {record.name}"
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"scene record {record.name} cannot be read ({error})"
    if not isinstance(content, dict) or not isinstance(content.get("groups"), list) or "seed" not in content:
        return f"{record.name} is no scene record"
    shown, made = _small(picture), _small(render)
    if made is None:
        return f"no render {render.name} to hold it against"
    if shown is None:
        return "it cannot be read"
    difference = float(np.abs(shown - made).mean())
    return None if difference <= MOST_DIFFERENCE else f"it is not the picture {render.name}"


def _small(path: Path) -> NDArray[np.float64] | None:
    """BGR, ``(36, 64, 3)``; None where the file is missing or no picture."""
    picture = cv2.imread(str(path)) if path.is_file() else None
    if picture is None:
        return None
    return np.asarray(cv2.resize(picture, _COMPARED_AT, interpolation=cv2.INTER_AREA), dtype=np.float64)
