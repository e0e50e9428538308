"""Heads and plates made unrecognisable in a picture, before anybody is shown it; where that fails, all of it.

The weights (``models/weights/masking-n``) are loaded at the first picture. A failure costs no incident: the picture is
hidden whole, counted, and said so.
"""

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from core.errors import ModelError
from core.geometry import Box
from detector.load import load_detector
from detector.masking_rules import HiddenRegion, PrivacySettings, regions_of
from detector.ports import Detector
from detector.runtimes import InputSize
from models.manifest import ModelPackage, load_package
from streams.frames import Image, ImagePicture

log = logging.getLogger(__name__)

MASKING_MODEL = "masking-n"
HEAD_BLOCKS = 3
"""Squares across the height of a hidden head: of a face nothing but its mean colours is left."""
PLATE_BLOCK = 0.045
"""Side of a square over the vehicle's width: a plate is 4 to 6 squares wide, fewer than its seven signs."""
LEAST_BLOCK_PX = 6
ENLARGED_AT_MOST = 1.6
"""Input over picture."""
WHOLE_BLOCKS = 24
"""Squares across the longer side of a picture that is hidden whole."""


@dataclass(frozen=True, slots=True, eq=False)
class MaskedPicture:
    """A picture that may be shown."""

    image: Image
    """BGR uint8, the size of the picture that was given; a copy wherever something is hidden."""
    regions: tuple[HiddenRegion, ...]
    """What was found and hidden; empty where the whole picture is hidden."""
    is_whole: bool = False
    """Masking failed, so the whole picture was made unrecognisable."""


MaskPicture = Callable[[Image], MaskedPicture]
"""What ``render_evidence`` and whoever takes in citizens' pictures need."""


class PictureMasker:
    """Masks pictures one at a time; threads may share one, and then wait for each other.

    Args:
        rules: what is hidden; with ``mask = false`` pictures come back as they were.
        model: a shipped package's name, or a folder with ``manifest.json``.
        threads: of the network; 0 for every core.
    """

    def __init__(
        self, rules: PrivacySettings | None = None, model: str | Path = MASKING_MODEL, threads: int = 0
    ) -> None:
        self._rules = rules or PrivacySettings()
        self._model = model
        self._threads = threads
        self._lock = threading.Lock()
        self._package: ModelPackage | None = None
        self._detectors: dict[InputSize, Detector] = {}
        self._counts: Counter[str] = Counter()
        self._trouble = ""
        self._last: tuple[Image, MaskedPicture] | None = None

    def __call__(self, image: Image) -> MaskedPicture:
        """A picture that may be shown; never fails.

        Args:
            image: BGR uint8 ``(H, W, 3)``; left as it is.
        """
        if not self._rules.mask:
            return MaskedPicture(image, ())
        with self._lock:
            if self._last is not None and self._last[0] is image:
                return self._last[1]  # one look that tells several incidents is masked once
            try:
                masked = self._masked(image)
            except (ModelError, cv2.error) as error:
                self._tell(str(error))
                masked = MaskedPicture(hidden_whole(image), (), is_whole=True)
            else:
                self._tell("")
            self._counts["pictures"] += 1
            self._counts["hidden_whole"] += masked.is_whole
            self._counts.update(region.kind for region in masked.regions)
            # A picture that could still be drawn into is never taken for the one that was masked.
            self._last = None if image.flags.writeable or masked.is_whole else (image, masked)
            return masked

    @property
    def counts(self) -> dict[str, int]:
        """Since the start: ``pictures`` masked, of them ``hidden_whole``, and ``heads`` and ``plates`` in them."""
        with self._lock:
            return dict(self._counts)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the operators must know; empty while masking works."""
        trouble = self._trouble
        if not trouble:
            return ()
        return (
            "隐私遮挡不可用，证据图片已整体模糊；原图完好封存。 / Faces and plates cannot be masked, so evidence "
            f"pictures are blurred whole ({self._counts['hidden_whole']} so far); "
            f"the sealed originals are sound. {trouble}",
        )

    def _masked(self, image: Image) -> MaskedPicture:
        height_px, width_px = image.shape[:2]
        found = self._detector_for(height_px, width_px).detect(ImagePicture(image))
        regions = regions_of(found, (height_px, width_px), self._rules.hide)
        return MaskedPicture(hidden_in(image, regions), regions)

    def _detector_for(self, height_px: int, width_px: int) -> Detector:
        """One network for each of the package's few input sizes, loaded when a picture first needs it."""
        if self._package is None:
            self._package = load_package(self._model)
        size = input_size_for((height_px, width_px), self._package.manifest.input_sizes)
        if size not in self._detectors:
            self._detectors[size] = load_detector(self._package, "onnxruntime", self._threads, input_size=size)
        return self._detectors[size]

    def _tell(self, trouble: str) -> None:
        if trouble and not self._trouble:
            log.error("pictures are blurred whole: faces and plates cannot be masked: %s", trouble)
        elif self._trouble and not trouble:
            log.info("faces and plates are masked again")
        self._trouble = trouble


def input_size_for(picture_hw: tuple[int, int], sizes: Sequence[InputSize]) -> InputSize:
    """The network's input for a picture: of its shape, and large enough for far heads, but not much larger than it.

    A picture that is enlarged much is seen worse: vehicles that fill it are missed.
    """
    height_px, width_px = (max(side, 1) for side in picture_hw)
    fitting = [size for size in sizes if max(size) <= ENLARGED_AT_MOST * max(height_px, width_px)]

    def unlike(size: InputSize) -> tuple[float, int]:
        shape = abs(math.log(size[1] / size[0]) - math.log(width_px / height_px))
        return round(shape, 1), -size[0] * size[1]

    return min(fitting or [min(sizes, key=max)], key=unlike)


@cache
def shared_masker() -> PictureMasker:
    """This process's masker with the default rules."""
    return PictureMasker()


def mask_picture(image: Image) -> MaskedPicture:
    """A picture of anybody, as it may be shown: heads and plates hidden; blurred whole where that fails.

    Args:
        image: BGR uint8 ``(H, W, 3)``.
    """
    return shared_masker()(image)


def hidden_in(image: Image, regions: tuple[HiddenRegion, ...]) -> Image:
    """A copy of the picture with these parts pixelated; the picture itself where there are none."""
    if not regions:
        return image
    copy = np.array(image, dtype=np.uint8, copy=True)
    for region in regions:
        box = region.box
        block = box.height / HEAD_BLOCKS if region.kind == "heads" else box.width * PLATE_BLOCK
        pixelate(copy, box, round(block))
    return copy


def hidden_whole(image: Image) -> Image:
    """A copy of which only the broad colours are left."""
    copy = np.array(image, dtype=np.uint8, copy=True)
    height_px, width_px = copy.shape[:2]
    pixelate(copy, Box(0.0, 0.0, float(width_px), float(height_px)), round(max(height_px, width_px) / WHOLE_BLOCKS))
    return copy


def pixelate(image: Image, box: Box, block_px: int) -> None:
    """Leave only the mean colour of each square: what was finer is gone from the pixels for good."""
    x0, y0 = int(box.x0), int(box.y0)
    part = image[y0 : int(np.ceil(box.y1)), x0 : int(np.ceil(box.x1))]
    height_px, width_px = part.shape[:2]
    if height_px == 0 or width_px == 0:
        return
    block = max(block_px, LEAST_BLOCK_PX)
    squares = (max(1, round(width_px / block)), max(1, round(height_px / block)))
    means = cv2.resize(part, squares, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(means, (width_px, height_px), interpolation=cv2.INTER_NEAREST)
