"""A folder of images, shown one after the other in the order of their names."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from core.errors import FeedNotFound
from streams.frames import Image, ImagePicture
from streams.sources import Candidate, FeedFacts, PassEnd
from streams.spec import FeedSpec

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


class FolderSource:
    """Each image is a picture of its own, ``folder_step_s`` after the one before."""

    def __init__(self, spec: FeedSpec) -> None:
        self._spec = spec
        self._paths: tuple[Path, ...] = ()

    def open(self) -> FeedFacts:
        folder = self._spec.path
        if not folder.is_dir():
            raise FeedNotFound(self._spec.id, f"there is no folder {self._spec.address}; check the path of the url")
        found = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())
        self._paths = tuple(sorted(found, key=_by_number))
        if not self._paths:
            suffixes = " ".join(sorted(IMAGE_SUFFIXES))
            raise FeedNotFound(self._spec.id, f"{self._spec.address} holds no images ({suffixes}); put some in")
        first = next((image for image in map(read_image, self._paths) if image is not None), None)
        height_px, width_px = first.shape[:2] if first is not None else (0, 0)
        return FeedFacts("images", width_px, height_px, 1 / self._spec.folder_step_s)

    def candidates(self, alive: Callable[[], None]) -> Iterator[Candidate | PassEnd]:
        for position, path in enumerate(self._paths):
            alive()
            yield Candidate(position * self._spec.folder_step_s, True, partial(read_picture, path))
        yield PassEnd(len(self._paths) * self._spec.folder_step_s)

    def close(self) -> None:
        self._paths = ()


def read_image(path: Path) -> Image | None:
    """The image, BGR and read-only, or None when it is gone or cannot be decoded."""
    try:
        raw = np.fromfile(path, np.uint8)
    except OSError:
        return None
    decoded = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if decoded is None:
        return None
    image = cast(Image, np.ascontiguousarray(decoded))
    image.setflags(write=False)
    return image


def read_picture(path: Path) -> ImagePicture | None:
    """The image as a picture, or None when it is gone or cannot be decoded."""
    image = read_image(path)
    return None if image is None else ImagePicture(image)


def _by_number(path: Path) -> tuple[tuple[int, str], ...]:
    """``frame2`` before ``frame10``."""
    parts = re.split(r"(\d+)", path.name)
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in parts)
