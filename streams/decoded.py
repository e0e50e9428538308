"""A decoder's own picture, mostly planes of brightness and colour: turned into pixels only as far as somebody asks."""

import threading
from typing import Literal, cast

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from streams.frames import Image, Luma

_PLAIN_LUMA = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "gray"})
"""Formats whose first plane is the brightness, eight bits a pixel."""
_mine = threading.local()


class DecodedPicture:
    """Holds the decoder's buffer (1.5 bytes a pixel for camera formats) for as long as it lives.

    Scaling and the change of colour space are one step of FFmpeg's scaler, which averages over what a small pixel
    stands for; nothing of full size is made for a small picture.
    """

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame
        self._whole: Image | None = None
        # A telephone held upright films lying down, and writes beside it how to turn the picture.
        self._quarter_turns = round(frame.rotation / 90) % 4
        """Counter-clockwise."""

    @property
    def width_px(self) -> int:
        return self._frame.height if self._quarter_turns % 2 else self._frame.width

    @property
    def height_px(self) -> int:
        return self._frame.width if self._quarter_turns % 2 else self._frame.height

    def whole(self) -> Image:
        if self._whole is None:
            self._whole = self._reformatted("bgr24", self.width_px, self.height_px)
            self._whole.setflags(write=False)
        return self._whole

    def scaled(self, width_px: int, height_px: int) -> Image:
        if (width_px, height_px) == (self.width_px, self.height_px):
            return self.whole()
        return self._reformatted("bgr24", width_px, height_px)

    def luma(self, width_px: int, height_px: int) -> Luma:
        if self._frame.format.name not in _PLAIN_LUMA:
            return self._reformatted("gray", width_px, height_px)
        if self._quarter_turns % 2:
            width_px, height_px = height_px, width_px
        plane = self._frame.planes[0]
        pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        resized = cv2.resize(pixels, (width_px, height_px), interpolation=cv2.INTER_AREA)
        return self._turned(np.asarray(resized, dtype=np.uint8))

    def _turned(self, made: Image) -> Image:
        return np.ascontiguousarray(np.rot90(made, self._quarter_turns)) if self._quarter_turns else made

    def _reformatted(self, form: Literal["bgr24", "gray"], width_px: int, height_px: int) -> Image:
        reformatter: VideoReformatter | None = getattr(_mine, "reformatter", None)
        if reformatter is None:
            reformatter = _mine.reformatter = VideoReformatter()
        if self._quarter_turns % 2:
            width_px, height_px = height_px, width_px
        made = reformatter.reformat(
            self._frame, width=width_px, height=height_px, format=form, interpolation="AREA"
        ).to_ndarray()
        return self._turned(cast(Image, np.ascontiguousarray(made)))
