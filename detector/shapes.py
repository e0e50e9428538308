"""The network's input in the picture's own shape: cameras of 4:3, or hung upright, are not put between grey bars.

Bars cost time and show nothing; an upright picture (9:16, "corridor mode") between two of them would keep a third of
the pixels that the same camera has lying down. What it means for photographs stands in docs/figures.md.
"""

import threading
from collections.abc import Callable
from typing import Protocol, Self

from detector.letterbox import fit
from detector.runtimes import InputSize, Network
from models.manifest import STRIDE_PX

MOST_SHAPES = 4
"""Networks beside the package's own, each of some 20 MB; pictures of any further shape get bars."""


class TwinNetwork(Network, Protocol):
    """A network that several threads can have one of, over the same weights."""

    def twin(self) -> Self: ...


def shape_for(picture_hw: tuple[int, int], base: InputSize) -> InputSize:
    """The smallest input that holds the picture as large as ``base``, or ``base`` set upright, would.

    Args:
        picture_hw: height and width in pixels.
        base: height, width in pixels.
    """
    upright = (base[1], base[0])
    roomier = max((base, upright), key=lambda size: fit(picture_hw, size).gain)  # of equals the base
    place = fit(picture_hw, roomier)
    return stepped(place.height_px), stepped(place.width_px)


def stepped(side_px: int) -> int:
    """The next multiple of the network's stride."""
    return -(-side_px // STRIDE_PX) * STRIDE_PX


class NetworkShelf:
    """The networks of one package for pictures of other shapes; loaded when first needed, shared by all lanes.

    Args:
        load: raises ModelError.
    """

    def __init__(self, load: Callable[[InputSize], TwinNetwork], most: int = MOST_SHAPES) -> None:
        self._load = load
        self._most = most
        self._lock = threading.Lock()
        self._networks: dict[InputSize, TwinNetwork] = {}

    def network(self, size: InputSize) -> Network | None:
        """One for the caller alone; None where there is no room for another size.

        Raises:
            ModelError: the weights cannot be loaded for that size.
        """
        with self._lock:
            if size not in self._networks:
                if len(self._networks) >= self._most:
                    return None
                self._networks[size] = self._load(size)
            return self._networks[size].twin()
