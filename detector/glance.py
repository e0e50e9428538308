"""A small picture for whoever watches a camera: faces and plates hidden, what the last look found drawn."""

import cv2

from core.detections import Detection
from core.errors import EvidenceError
from core.geometry import Box
from detector.evidence import HIDDEN_WHOLE, annotate
from detector.masking import MaskPicture
from streams.frames import Picture

WIDEST_PX = 640
JPEG_QUALITY = 75


def render_glance(picture: Picture, detections: tuple[Detection, ...], mask: MaskPicture) -> bytes:
    """JPEG bytes, at most ``WIDEST_PX`` wide.

    Masked is what is shown: in so small a picture nothing can be recognised that masking was not shown, too.

    Args:
        picture: as it was decoded.
        detections: of the last look, in the picture's own pixels.

    Raises:
        EvidenceError: the picture cannot be encoded.
    """
    scale = min(1.0, WIDEST_PX / picture.width_px)
    width_px, height_px = max(1, round(picture.width_px * scale)), max(1, round(picture.height_px * scale))
    masked = mask(picture.scaled(width_px, height_px))
    boxes = tuple(
        Detection(each.category, each.confidence, Box(*(side * scale for side in each.box.as_xyxy())))
        for each in detections
    )
    drawn = annotate(masked.image, boxes, HIDDEN_WHOLE if masked.is_whole else "")
    try:
        is_done, data = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise EvidenceError(f"a picture of {width_px} x {height_px} pixels cannot be encoded as JPEG") from error
    if not is_done:
        raise EvidenceError(f"a picture of {width_px} x {height_px} pixels cannot be encoded as JPEG")
    return data.tobytes()
