"""A YOLO package over a runtime: the detector that patrols."""

from collections.abc import Mapping

import numpy as np

from core.detections import Detection, ModelRef
from core.errors import ModelError
from core.ids import CategoryId
from detector.letterbox import as_input, letterbox
from detector.postprocess import detections_from
from detector.runtimes import InputSize, Network
from detector.shapes import NetworkShelf, shape_for
from models.manifest import ModelPackage
from streams.frames import Picture


class YoloDetector:
    """Letterbox, network, class-aware suppression, boxes back in source pixels.

    Args:
        confidence: one least confidence for all, or per category in place of the manifest's.
        input_size: height, width in pixels: one of the manifest's; None: its first.
        shelf: networks for pictures of another shape; None: every picture is fitted into ``input_size``.

    Raises:
        ModelError: the network's shapes are not what the manifest says.
    """

    def __init__(
        self,
        package: ModelPackage,
        network: Network,
        confidence: Mapping[CategoryId, float] | float | None = None,
        input_size: InputSize | None = None,
        shelf: NetworkShelf | None = None,
    ) -> None:
        manifest = package.manifest
        self._input_size = manifest.size_or_default(input_size)
        expected = (1, 3, *self._input_size)
        if network.input_shape != expected:
            raise ModelError(
                f"{package.weights_path}: takes {network.input_shape}, the manifest says {expected}; "
                "correct input_size in the manifest or export the weights anew"
            )
        rows = 4 + len(manifest.categories)
        if len(network.output_shape) != 3 or network.output_shape[1] != rows:
            raise ModelError(
                f"{package.weights_path}: gives {network.output_shape}, {len(manifest.categories)} categories need "
                f"(1, {rows}, N); the manifest's categories and the weights do not belong together"
            )
        self._package = package
        self._network = network
        self._shelf = shelf
        self._others: dict[InputSize, Network] = {}
        self._thresholds = thresholds_of(package, confidence)

    @property
    def model(self) -> ModelRef:
        return self._package.ref

    @property
    def categories(self) -> tuple[CategoryId, ...]:
        return self._package.categories

    @property
    def backend(self) -> str:
        return self._network.name

    def detect(self, picture: Picture) -> tuple[Detection, ...]:
        manifest = self._package.manifest
        size, network = self._for_shape_of(picture)
        boxed, place = letterbox(picture, size, manifest.preprocessing.fill)
        head = network.run(as_input(boxed, manifest.preprocessing.scale))
        return detections_from(
            head[0], place, (picture.height_px, picture.width_px), self.categories, self._thresholds, manifest.nms_iou
        )

    def _for_shape_of(self, picture: Picture) -> tuple[InputSize, Network]:
        base = self._input_size, self._network
        if self._shelf is None:
            return base
        size = shape_for((picture.height_px, picture.width_px), self._input_size)
        if size == self._input_size:
            return base
        network = self._others.get(size) or self._shelf.network(size)
        if network is None:
            return base
        self._others[size] = network
        return size, network


def thresholds_of(
    package: ModelPackage, confidence: Mapping[CategoryId, float] | float | None
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """``(C,)`` least confidence per class index."""
    given: Mapping[str, float] = package.manifest.thresholds
    if isinstance(confidence, Mapping):
        package.require_categories(confidence)
        given = {**given, **{str(name): value for name, value in confidence.items()}}
    elif confidence is not None:
        given = dict.fromkeys(package.manifest.categories, confidence)
    return np.array([given[name] for name in package.manifest.categories], dtype=np.float32)
