"""How much work a picture is worth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Size and quality of what is rendered."""

    size: tuple[int, int] = (640, 360)
    """Width and height in pixels."""
    samples: int = 2
    """Light paths for each pixel; the camera's noise hides the rest."""
    threads: int = 1
    keeps_scene: bool = False
    """True keeps what did not change from one frame to the next in memory."""
