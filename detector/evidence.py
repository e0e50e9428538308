"""Pictures that prove a case: the original, which stays sealed, and what is shown of it, faces and plates hidden.

Shown are the picture with its boxes drawn, and the crop around them.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from core.detections import Detection
from core.errors import EvidenceError
from core.geometry import Box
from core.ids import CategoryId
from detector.masking import MaskPicture, mask_picture
from streams.frames import Image

JPEG_QUALITY = 90
CROP_MARGIN = 0.35
"""Of the box's longer side, kept around it."""

LABELS = {
    CategoryId("street_stall"): ("占道经营 stall", (36, 120, 240)),
    CategoryId("exposed_garbage"): ("暴露垃圾 garbage", (50, 50, 230)),
    CategoryId("roadside_clutter"): ("乱堆物料 clutter", (200, 60, 180)),
    CategoryId("garbage_bin"): ("垃圾桶 bin", (120, 160, 60)),
    CategoryId("bin_overflow"): ("桶满溢 overflow", (40, 160, 220)),
}
"""Category to its label and BGR colour."""

OTHER_COLOUR = (200, 160, 40)
HIDDEN_WHOLE = "隐私遮挡不可用，已整体模糊 masking failed, blurred whole"


@dataclass(frozen=True, slots=True)
class EvidencePictures:
    """Three JPEG files, as bytes."""

    original: bytes
    annotated: bytes
    crop: bytes


def render_evidence(
    image: Image, detections: tuple[Detection, ...], caption: str, mask: MaskPicture = mask_picture
) -> EvidencePictures:
    """The evidence of one incident.

    Args:
        image: BGR uint8 ``(H, W, 3)``, the frame as captured.
        detections: what the incident is about, in source pixels.
        caption: one line drawn at the bottom of the annotated picture.
        mask: hides faces and plates in what is shown; the original is never masked.
    """
    original = as_jpeg(image)  # first: a picture that cannot be encoded needs no masking
    masked = mask(image)
    line = f"{caption}  {HIDDEN_WHOLE}".strip() if masked.is_whole else caption
    annotated = annotate(masked.image, detections, line)
    return EvidencePictures(original, as_jpeg(annotated), as_jpeg(crop(masked.image, detections)))


def render_clearing(
    image: Image, category: CategoryId, last_boxes: tuple[Box, ...], caption: str, mask: MaskPicture = mask_picture
) -> EvidencePictures:
    """The evidence that something is gone: the view now, with dashes around where it last stood.

    Args:
        image: BGR uint8 ``(H, W, 3)``, the frame that shows the place clear.
        category: what stood there.
        last_boxes: where, in source pixels.
        caption: one line drawn at the bottom of the annotated picture.
        mask: as in ``render_evidence``.
    """
    original = as_jpeg(image)
    masked = mask(image)
    drawn = np.array(masked.image, dtype=np.uint8, copy=True)
    label, colour = LABELS.get(category, (str(category), OTHER_COLOUR))
    for box in last_boxes:
        dash(drawn, box, colour)
        write(drawn, f"{label} clear", round(box.x0), round(box.y0), max(0.45, drawn.shape[1] / 1400), colour)
    line = f"{caption}  clear  {HIDDEN_WHOLE if masked.is_whole else ''}".strip()
    annotated = annotate(drawn, (), line)
    return EvidencePictures(original, as_jpeg(annotated), as_jpeg(crop_around(masked.image, last_boxes)))


def dash(drawn: Image, box: Box, colour: tuple[int, int, int]) -> None:
    """A box's edges in dashes: it is not there any more."""
    thickness = max(2, round(drawn.shape[1] / 480))
    corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        dashes = max(1, min(64, round(max(abs(x1 - x0), abs(y1 - y0)) / (6 * thickness))))
        for number in range(dashes):
            start, end = number / dashes, (number + 0.55) / dashes
            here = (round(x0 + (x1 - x0) * start), round(y0 + (y1 - y0) * start))
            there = (round(x0 + (x1 - x0) * end), round(y0 + (y1 - y0) * end))
            cv2.line(drawn, here, there, colour, thickness)


def annotate(image: Image, detections: tuple[Detection, ...], caption: str = "") -> Image:
    """A copy with each box, its category and its confidence drawn."""
    drawn = np.array(image, dtype=np.uint8, copy=True)
    height_px, width_px = drawn.shape[:2]
    thickness = max(2, round(width_px / 480))
    size = max(0.45, width_px / 1400)
    for detection in detections:
        label, colour = LABELS.get(detection.category, (str(detection.category), OTHER_COLOUR))
        box = detection.box
        cv2.rectangle(drawn, (round(box.x0), round(box.y0)), (round(box.x1), round(box.y1)), colour, thickness)
        write(drawn, f"{label} {detection.confidence:.2f}", round(box.x0), round(box.y0), size, colour)
    if caption:
        write(drawn, caption, 4, height_px - 4, size, (40, 40, 40))
    return drawn


def write(drawn: Image, text: str, x: int, bottom: int, size: float, colour: tuple[int, int, int]) -> None:
    """White text on a coloured plate that ends at ``bottom`` and stays inside the picture."""
    (width, height), baseline = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    height += baseline + 4
    x = max(0, min(x, drawn.shape[1] - width - 6))
    bottom = max(height, min(bottom, drawn.shape[0]))
    cv2.rectangle(drawn, (x, bottom - height), (x + width + 6, bottom), colour, -1)
    cv2.putText(
        drawn, text, (x + 3, bottom - baseline - 1), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA
    )


def crop(image: Image, detections: tuple[Detection, ...]) -> Image:
    """What surrounds the boxes, with a margin; the whole picture where there is none."""
    return crop_around(image, tuple(detection.box for detection in detections))


def crop_around(image: Image, boxes: tuple[Box, ...]) -> Image:
    """The same, around boxes alone."""
    if not boxes:
        return image
    around = Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
    margin = CROP_MARGIN * max(around.width, around.height, 16.0)
    height_px, width_px = image.shape[:2]
    x0, y0 = max(0, int(around.x0 - margin)), max(0, int(around.y0 - margin))
    x1, y1 = min(width_px, int(around.x1 + margin) + 1), min(height_px, int(around.y1 + margin) + 1)
    return image[y0:y1, x0:x1]


def as_jpeg(image: Image) -> bytes:
    """JPEG bytes.

    Raises:
        EvidenceError: the picture cannot be encoded.
    """
    refusal = (
        f"a picture of {image.shape[1]} x {image.shape[0]} pixels cannot be encoded as JPEG; "
        "each side must be 1 to 65500 pixels"
    )
    try:
        is_done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise EvidenceError(refusal) from error
    if not is_done:
        raise EvidenceError(refusal)
    return data.tobytes()
