"""Citizens' pictures: checked, written anew without what the telephone told along, blurred; shown by token only."""

import hashlib
import struct

import cv2
import numpy as np

from api.open311.errors import bad
from api.rooms import Rooms
from cases.requests.draft import Media
from detector.masking import mask_picture
from streams.frames import Image

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
LONGEST_SIDE_PX = 2560
JPEG_QUALITY = 90
SHOWN_SIDE_PX = 1600
SHOWN_QUALITY = 80
"""Other than the original's, so that a picture in which nothing is hidden is another file all the same."""
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG markers that tell the picture's size."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Those without a length."""


def keep_picture(rooms: Rooms, data: bytes) -> Media:
    """Keep a picture: as it is, sealed, and blurred, to be shown.

    Both are written anew from the pixels alone, upright, so that neither tells where and with what it was taken.

    Raises:
        Open311Refused: it is no JPEG or PNG picture, or too large.
        EvidenceError: it cannot be kept.
    """
    image = _opened(data, rooms)
    image.flags.writeable = False
    shown = _shrunk(mask_picture(image).image, SHOWN_SIDE_PX)
    return Media(original=_kept(rooms, image, JPEG_QUALITY), shown=_kept(rooms, shown, SHOWN_QUALITY))


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as the file's beginning tells them; None for what is no JPEG or PNG."""
    if data.startswith(PNG_START) and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return _jpeg_size(data) if data.startswith(JPEG_START) else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _opened(data: bytes, rooms: Rooms) -> Image:
    settings = rooms.settings.open311
    if len(data) > settings.media_bytes:
        raise bad(f"图片过大 / the picture has {len(data)} bytes; send one of at most {settings.media_bytes}")
    size = size_of(data)
    if size is None or 0 in size:
        raise bad("附件不是图片 / a file that came along is no JPEG or PNG picture; send pictures as JPEG or PNG")
    width, height = size
    if width * height > settings.media_pixels:
        raise bad(
            f"图片像素过多 / the picture has {width} x {height} pixels; send one of at most {settings.media_pixels}"
        )
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise bad("图片无法打开 / a picture that came along cannot be opened; it was cut on its way, send it again")
    return _shrunk(np.ascontiguousarray(image, dtype=np.uint8), LONGEST_SIDE_PX)


def _shrunk(image: Image, longest_px: int) -> Image:
    height_px, width_px = image.shape[:2]
    scale = longest_px / max(height_px, width_px)
    if scale >= 1:
        return image
    size = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _kept(rooms: Rooms, image: Image, quality: int) -> str:
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise bad("图片无法保存 / a picture that came along cannot be written as JPEG; send another one")
    data = encoded.tobytes()
    sha256 = hashlib.sha256(data).hexdigest()
    file = rooms.evidence.put(data, sha256)
    rooms.store.register_evidence(file, rooms.clock.now())
    if not rooms.evidence.path(sha256).exists():  # a purge had found it unnamed, just before it came again
        rooms.evidence.put(data, sha256)
    return sha256
