"""What the API asks of a grid that the desk makes: a port, filled in by the composition."""

from typing import Protocol


class GridLayer(Protocol):
    """The layer that follows from the places in the database."""

    def refresh(self) -> bool:
        """Make the layer anew after places changed; True when it is another one.

        Raises:
            GridError: the places make no usable grid; the layer stays as it was.
        """
        ...
