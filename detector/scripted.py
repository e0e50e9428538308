"""The scripted twin of a detector: sees what it is told to see."""

from collections.abc import Callable

from core.detections import Detection, ModelRef
from core.ids import CategoryId
from streams.frames import Image, Picture

Script = Callable[[Image], tuple[Detection, ...]]


class ScriptedDetector:
    """Answers every picture from a script, with no weights and no runtime."""

    def __init__(self, script: Script, categories: tuple[CategoryId, ...]) -> None:
        self._script = script
        self._categories = categories

    @property
    def model(self) -> ModelRef:
        return ModelRef("scripted", "0" * 64)

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        return self._categories

    def detect(self, picture: Picture) -> tuple[Detection, ...]:
        return self._script(picture.whole())
