"""The one thing every runtime can do."""

from typing import Protocol

from core.detections import Detection, ModelRef
from core.ids import CategoryId
from streams.frames import Picture


class Detector(Protocol):
    """Looks at one picture at a time; a detector belongs to one thread."""

    @property
    def model(self) -> ModelRef:
        """Which weights look."""
        ...

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        """What it can see, in the order of the network's class index."""
        ...

    def detect(self, picture: Picture) -> tuple[Detection, ...]:
        """What stands in the picture, surest first.

        Returns:
            Boxes in source pixels, xyxy, clipped to the picture.

        Raises:
            ModelError: the runtime failed on this picture.
        """
        ...
