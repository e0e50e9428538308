"""Heads and plates made unrecognisable in a picture, before anybody is shown it; what cannot be masked is blurred whole.

The weights (``models/weights/masking-n``) are loaded at the first picture. A failure costs no incident: the picture is
hidden whole, counted, and said so.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
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
from models.manifest import load_package
from streams.frames import Image, ImagePicture

log = logging.getLogger(__name__)

MASKING_MODEL = "masking-n"
HEAD_BLOCKS = 3
"""Squares across the height of a hidden head: of a face nothing but its mean colours is left."""
PLATE_BLOCK = 0.09
"""Side of a square over the vehicle's width: a plate with its seven signs is two or three squares wide."""
LEAST_BLOCK_PX = 8
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
        self._detectors: dict[InputSize, Detector] = {}
        self._counts: Counter[str] = Counter()
        self._trouble = ""

    def __call__(self, image: Image) -> MaskedPicture:
        """A picture that may be shown; never fails.

        Args:
            image: BGR uint8 ``(H, W, 3)``; left as it is.
        """
        if not self._rules.mask:
            return MaskedPicture(image, ())
        with self._lock:
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
            "隐私遮挡不可用，证据图片已整体模糊；原图完好封存。 / Faces and plates cannot be masked, so evidence pictures "
            f"are blurred whole; the sealed originals are sound. {trouble}",
        )

    def _masked(self, image: Image) -> MaskedPicture:
        height_px, width_px = image.shape[:2]
        found = self._detector_for(height_px, width_px).detect(ImagePicture(image))
        regions = regions_of(found, (height_px, width_px), self._rules.hide)
        return MaskedPicture(hidden_in(image, regions), regions)

    def _detector_for(self, height_px: int, width_px: int) -> Detector:
        """One network for each of the package's few input sizes; the size whose shape is nearest to the picture's."""
        package = load_package(self._model) if not self._detectors else None
        if package is not None:
            self._sizes = package.manifest.input_sizes
        shape = np.log(max(width_px, 1) / max(height_px, 1))
        size = min(self._sizes, key=lambda hw: abs(float(np.log(hw[1] / hw[0]) - shape)))
        if size not in self._detectors:
            self._detectors[size] = load_detector(
                package or load_package(self._model), "onnxruntime", self._threads, input_size=size
            )
        return self._detectors[size]

    def _tell(self, trouble: str) -> None:
        if trouble and not self._trouble:
            log.error("pictures are blurred whole: faces and plates cannot be masked: %s", trouble)
        elif self._trouble and not trouble:
            log.info("faces and plates are masked again")
        self._trouble = trouble


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
