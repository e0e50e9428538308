"""Seeded random pictures with hits, near misses, false alarms and ties: rough enough to tell two scorers apart."""

from dataclasses import replace

import numpy as np

from core.detections import Detection
from core.geometry import Box
from core.ids import CategoryId
from models.matching import JudgedPicture

CATEGORIES = tuple(CategoryId(name) for name in ("street_stall", "exposed_garbage", "roadside_clutter"))


def scattered_pictures(seed: int, count: int = 30, crowd: int = 0) -> list[JudgedPicture]:
    """Some empty, some with nothing found; confidences in steps of 0.1, so that many are equal.

    Args:
        crowd: false alarms of one category to add to the first picture.
    """
    generator = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        truth: dict[str, list[Box]] = {}
        found: list[Detection] = []
        for category in CATEGORIES:
            boxes = [_box(generator) for _ in range(int(generator.integers(0, 5)) if number % 4 else 0)]
            if boxes:
                truth[category] = boxes
            for box in boxes:
                for _ in range(int(generator.integers(0, 3))):
                    found.append(Detection(category, _confidence(generator), _shaken(generator, box)))
            for _ in range(int(generator.integers(0, 3)) + (crowd if number == 0 else 0)):
                found.append(Detection(category, _confidence(generator), _box(generator)))
        pictures.append(JudgedPicture(truth, tuple(found)))
    return pictures


def blunter(judged: list[JudgedPicture], category: str, every: int = 2) -> list[JudgedPicture]:
    """The same pictures judged by a model that misses every ``every``-th detection of a category."""
    return [
        replace(p, detections=tuple(d for i, d in enumerate(p.detections) if d.category != category or i % every))
        for p in judged
    ]


def _box(generator: np.random.Generator) -> Box:
    x, y = (float(v) for v in generator.uniform(0, 500, 2))
    width, height = (float(v) for v in generator.uniform(10, 140, 2))
    return Box(x, y, x + width, y + height)


def _shaken(generator: np.random.Generator, box: Box) -> Box:
    shift = generator.normal(0, 0.08, 4) * (box.width, box.height, box.width, box.height)
    x0, y0, x1, y1 = (float(a + b) for a, b in zip(box.as_xyxy(), shift, strict=True))
    return Box(x0, y0, max(x0 + 1, x1), max(y0 + 1, y1))


def _confidence(generator: np.random.Generator) -> float:
    return round(float(generator.uniform(0.05, 1)), 1)
