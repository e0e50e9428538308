"""What a street camera makes of the light: exposure, colour, lens, noise, the burnt-in clock, H.264."""

import math
import subprocess
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.scenes.colours import Rng

Linear = npt.NDArray[Any]
"""(H, W, 3) linear light, blue first."""
Picture = npt.NDArray[np.uint8]
"""(H, W, 3), blue first."""

_HOUR = {"day": 11, "lowsun": 16, "overcast": 10, "wet": 14, "dusk": 18, "night": 21, "rain": 15, "backlight": 17}
_LUMINANCE_BGR = np.array([0.0722, 0.7152, 0.2126])


@dataclass(frozen=True)
class Look:
    """One camera's settings; a fixed camera keeps them, only the noise changes from frame to frame."""

    white: npt.NDArray[np.float64]
    """(3,) gain of each channel."""
    contrast: float
    colour: float
    falloff: float
    """Light lost at the left and right edge, as a share."""
    blur_px: float
    sharpen: float
    noise: float
    """Standard deviation in the shadows, 0..1."""
    crf: int
    """H.264 quality."""


def draw_look(rng: Rng, light: str) -> Look:
    """One camera's settings; the same number of draws for every light."""
    dusk, night, day = rng.uniform(0.012, 0.025), rng.uniform(0.02, 0.045), rng.uniform(0.004, 0.014)
    return Look(
        white=rng.normal(1, 0.03, 3),
        contrast=rng.uniform(1.0, 1.3),
        colour=rng.uniform(0.8, 1.05),
        falloff=rng.uniform(0.05, 0.2),
        blur_px=rng.uniform(0.45, 0.85),
        sharpen=rng.uniform(0.2, 0.7),
        noise={"dusk": dusk, "night": night}.get(light, day),
        crf=int(rng.integers(20, 31)),
    )


def expose(linear: Linear, is_dark: bool = False) -> float:
    """Auto-exposure gain for the whole picture."""
    luminance = linear @ _LUMINANCE_BGR
    key = math.exp(float(np.log(luminance + 1e-4).mean()))
    return min((0.11 if is_dark else 0.17) / key, 1.1 / max(1e-4, float(np.percentile(luminance, 92))))


def tone(linear: Linear, gain: float, look: Look) -> Linear:
    """Linear light to display values 0..1."""
    grey = linear.reshape(-1, 3).mean(0)
    balanced = linear * gain * (grey.mean() / grey) ** 0.55 * look.white  # an imperfect white balance
    x = np.maximum(balanced, 0)
    y = np.clip(x * (1 + x / 5.0) / (1 + x * 0.75), 0, 1)  # soft shoulder
    y = np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)
    y = np.clip(0.42 + (y - 0.42) * look.contrast, 0, 1)
    mean = y.mean(-1, keepdims=True)
    display: Linear = np.clip(mean + (y - mean) * look.colour, 0, 1)
    return display


def camera_look(display: Linear, look: Look, rng: Rng, stamp: tuple[str, str], is_coded: bool = True) -> Picture:
    """Lens fall-off, blur, sensor noise, sharpening, burnt-in clock and name; H.264 when ``is_coded``."""
    height, width = display.shape[:2]
    yy, xx = np.mgrid[0:height, 0:width]
    r2 = ((xx - width / 2) ** 2 + (yy - height / 2) ** 2) / (width / 2) ** 2
    soft: Linear = cv2.GaussianBlur(display * (1 - look.falloff * r2)[..., None], (0, 0), look.blur_px)
    fine = rng.normal(size=soft.shape) * 0.5 + rng.normal(size=(height, width, 1))
    coarse = rng.normal(size=(height // 3, width // 3, 3))
    blot = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    noisy: Linear = soft + look.noise * (0.6 + 0.8 * (1 - soft)) * (fine + 0.7 * blot)
    sharp = noisy + look.sharpen * (noisy - cv2.GaussianBlur(noisy, (0, 0), 1.2))  # sharpening halos
    picture: Picture = (np.clip(sharp, 0, 1) * 255).astype(np.uint8)
    for text, corner in ((stamp[0], (10, 22)), (stamp[1], (width - 9 * len(stamp[1]) - 14, height - 12))):
        for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(picture, text, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.48, colour, thickness, cv2.LINE_AA)
    return h264_roundtrip(picture, look.crf) if is_coded else picture


def h264_roundtrip(picture: Picture, crf: int) -> Picture:
    """One intra frame through x264, so that the artefacts are the real ones."""
    height, width = picture.shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24"]
    to_h264 = ["-frames:v", "1", "-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p"]
    coded = ffmpeg([*raw, "-s", f"{width}x{height}", "-i", "-", *to_h264, "-f", "h264", "-"], picture.tobytes())
    plain = ffmpeg(["-f", "h264", "-i", "-", *raw, "-"], coded)
    return np.frombuffer(plain, np.uint8).reshape(height, width, 3).copy()


def ffmpeg(arguments: list[str], given: bytes = b"") -> bytes:
    """Run ffmpeg quietly; what it writes to its standard output.

    Raises:
        subprocess.CalledProcessError: it refused.
    """
    command = ["ffmpeg", "-v", "error", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout  # noqa: S603 (our own words)


def stamp_text(rng: Rng, light: str, seed: int) -> tuple[str, str]:
    """Clock and camera name as burnt into a still; four draws."""
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
    minute, second = int(rng.integers(0, 60)), int(rng.integers(0, 60))
    return f"2026-{month:02d}-{day:02d} {_HOUR[light]:02d}:{minute:02d}:{second:02d}", f"CAM-{seed % 40 + 1:02d}"
