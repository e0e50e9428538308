"""New clips of the demo's rendered streets: the same pictures in another order, so that things come and go again."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from core.errors import PatrolError
from patrol.demo.site import ASSETS
from streams.frames import Image


@cache
def pictures_of(camera: str) -> tuple[Image, ...]:
    """The 30 pictures of a demo camera, BGR, 360x640x3.

    Raises:
        PatrolError: there is no such demo camera.
    """
    path = ASSETS / f"{camera}.mp4"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in ASSETS.glob("*.mp4")))
        raise PatrolError(f"{camera} is no camera of the demo; name one of {known}")
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        return tuple(
            np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8) for frame in container.decode(video=0)
        )


def compose(path: Path, camera: str, numbers: Sequence[int]) -> Path:
    """A clip of these pictures of a demo camera, one a second, each a key frame.

    Raises:
        PatrolError: a picture is not there.
    """
    pictures = pictures_of(camera)
    if not all(0 <= number < len(pictures) for number in numbers):
        raise PatrolError(f"{camera} has pictures 0 to {len(pictures) - 1}; name some of these")
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", 1
        stream.options = {"preset": "veryfast", "crf": "14", "bf": "0"}
        for second, number in enumerate(numbers):
            frame = av.VideoFrame.from_ndarray(pictures[number], "bgr24")
            frame.pts, frame.time_base = second, Fraction(1, 1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
