"""Pictures in the size that somebody needs, without the whole."""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from streams.decoded import DecodedPicture
from streams.frames import Image, ImagePicture

SIZE = (1280, 720)


def street() -> Image:
    """Smooth colours with a hard edge and fine texture."""
    random = np.random.default_rng(4)
    rough = random.integers(0, 255, (9, 16, 3), np.uint8)
    image = np.asarray(cv2.resize(rough, SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    image[300:420, 500:700] = (20, 200, 240)
    return image


def decoded(path: Path, pix_fmt: str) -> DecodedPicture:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pix_fmt
        stream.options = {"preset": "ultrafast", "crf": "8"}
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(street(), "bgr24")), *stream.encode(None)]:
            container.mux(packet)
    with av.open(str(path)) as container:
        return DecodedPicture(next(container.decode(video=0)))


FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "gray", "yuv420p10le"]


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_a_small_picture_shows_what_the_whole_one_shows(tmp_path: Path, pix_fmt: str) -> None:
    picture = decoded(tmp_path / "clip.mkv", pix_fmt)
    whole = picture.whole()
    assert (picture.width_px, picture.height_px, whole.shape) == (*SIZE, (720, 1280, 3))
    small = picture.scaled(640, 360)
    wanted = cv2.resize(whole, (640, 360), interpolation=cv2.INTER_AREA)
    assert small.shape == (360, 640, 3)
    assert np.abs(small.astype(int) - np.asarray(wanted).astype(int)).mean() < 2.5


@pytest.mark.parametrize("pix_fmt", FORMATS)
def test_brightness_is_in_the_same_place_and_order_as_in_the_whole_one(tmp_path: Path, pix_fmt: str) -> None:
    picture = decoded(tmp_path / "clip.mkv", pix_fmt)
    luma = picture.luma(160, 90).astype(float)
    wanted = ImagePicture(picture.whole()).luma(160, 90).astype(float)
    assert luma.shape == (90, 160)
    assert np.corrcoef(luma.ravel(), wanted.ravel())[0, 1] > 0.995


def test_a_whole_picture_is_made_once_and_cannot_be_written(tmp_path: Path) -> None:
    picture = decoded(tmp_path / "clip.mkv", "yuv420p")
    assert picture.whole() is picture.whole()
    assert picture.scaled(*SIZE) is picture.whole()
    assert not picture.whole().flags.writeable


def test_pixels_are_a_picture_too() -> None:
    image = street()
    picture = ImagePicture(image)
    assert picture.scaled(*SIZE) is image
    assert picture.scaled(64, 36).shape == (36, 64, 3)
    assert picture.luma(64, 36).shape == (36, 64)
