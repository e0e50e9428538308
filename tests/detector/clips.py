"""Tiny videos made of two of the test pictures."""

from pathlib import Path

import av
import cv2
import numpy as np

PICTURES = Path(__file__).parent / "pictures"
FRAMES_PER_S = 5
KEY_EVERY = 5


def write_clip(path: Path, frames: int = 10) -> Path:
    """H.264, 5 frames a second, a key frame every second; two pictures in turn, a second each."""
    pictures = [
        np.asarray(cv2.imread(str(picture)), dtype=np.uint8) for picture in sorted(PICTURES.glob("render_*.jpg"))[:2]
    ]
    height_px, width_px = pictures[0].shape[:2]
    gop = {"g": str(KEY_EVERY), "keyint_min": str(KEY_EVERY), "sc_threshold": "0", "bf": "0", "preset": "ultrafast"}
    with av.open(str(path), "w", options={"movflags": "faststart"} if path.suffix == ".mp4" else {}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_S, options=gop)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        for number in range(frames):
            picture = pictures[number // KEY_EVERY % 2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path
