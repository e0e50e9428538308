"""What a detector makes of things that look like a violation and are allowed, in rendered scenes that know them.

Beside each rendered picture lies its scene record, ``<picture's stem>.json``: the groups whose ``cls`` is null are hard
negatives, and ``name`` says of what kind. See docs/scenes.md.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.geometry import Box
from models.matching import JudgedPicture, match_picture

LEAST_SHARE = 0.5
"""Of a false alarm's box that lies on the object which it is laid to."""


@dataclass(frozen=True, slots=True)
class HardNegative:
    """One object that looks like a violation and is allowed; ``box`` in source pixels."""

    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class KindFigures:
    """False alarms on one kind of hard negative, at the operating thresholds."""

    kind: str
    objects: int
    false_alarms: int
    per_100_objects: float


@dataclass(frozen=True, slots=True)
class HardNegativeReport:
    """Every kind, the worst first."""

    pictures: int
    """With a scene record."""
    elsewhere: int
    """False alarms in those pictures that lie on no hard negative."""
    kinds: tuple[KindFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for ``json.dumps``."""
        return asdict(self)


def judge_hard_negatives(
    judged: Sequence[JudgedPicture], scenes: Path, thresholds: Mapping[str, float]
) -> HardNegativeReport:
    """Lay each false alarm to the hard negative that holds most of it (of equal ones the smaller).

    Args:
        scenes: folder of scene records; pictures without one are left out.
        thresholds: operating threshold of each violation category.

    Raises:
        ModelError: no picture has a record there, or a record does not hold.
    """
    objects: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    pictures, elsewhere = 0, 0
    for picture in judged:
        record = None if picture.path is None else scenes / f"{picture.path.stem}.json"
        if record is None or not record.is_file():
            continue
        pictures += 1
        negatives = read_hard_negatives(record, picture.long_side_px)
        objects.update(negative.kind for negative in negatives)
        for category, threshold in thresholds.items():
            for alarm in match_picture(picture, category, threshold).false_alarms:
                kind = _kind_under(alarm.box, negatives)
                if kind is None:
                    elsewhere += 1
                else:
                    alarms[kind] += 1
    if pictures == 0:
        raise ModelError(f"{scenes} has no scene record of any judged picture; mend: name the folder of the renders")
    kinds = [KindFigures(kind, count, alarms[kind], 100 * alarms[kind] / count) for kind, count in objects.items()]
    kinds.sort(key=lambda row: (-row.per_100_objects, row.kind))
    return HardNegativeReport(pictures, elsewhere, tuple(kinds))


def read_hard_negatives(record: Path, long_side_px: float) -> tuple[HardNegative, ...]:
    """The hard negatives that can be seen in a scene, scaled to a picture of this longer side.

    Raises:
        ModelError: the record is no scene record.
    """
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        factor = long_side_px / max(content["size"])
        return tuple(
            HardNegative(group["name"], Box(*(float(side) * factor for side in group["box"])))
            for group in content["groups"]
            if group["cls"] is None and group["box"] is not None
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"scene record {record} cannot be read ({error!r}); mend: render the scene anew") from error


def _kind_under(alarm: Box, negatives: Sequence[HardNegative]) -> str | None:
    shares = [(_share_within(alarm, negative.box), -negative.box.area, negative.kind) for negative in negatives]
    share, _, kind = max(shares, default=(0.0, 0.0, ""))
    return kind if share >= LEAST_SHARE else None


def _share_within(box: Box, other: Box) -> float:
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return max(0.0, width) * max(0.0, height) / box.area if box.area > 0 else 0.0
