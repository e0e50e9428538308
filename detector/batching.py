"""One owner of a device, many lanes: what waits while a batch is worked on makes the next batch.

Nothing is ever held back to fill a batch. On an idle device a picture is looked at alone and at once; on a busy one
the batch grows by itself to what came in meanwhile, so there is no waiting time to choose.
"""

import queue
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np

from core.errors import ModelError
from detector.runtimes import Tensor, first_line

MOST_BATCH = 32
LONGEST_WAIT_S = 60.0
"""For a batch, its engine's first planning included; a device that hangs costs its looks, not its lanes."""

_Waiting = tuple[Tensor, "Future[Tensor]"]
_Line = queue.SimpleQueue["_Waiting | None"]


@dataclass(slots=True)
class BatchCounts:
    """Written by the owner's thread, read by anybody."""

    batches: int = 0
    pictures: int = 0


class Gatherer:
    """Owns a device's session through ``run``; ends by itself when nobody holds it any more.

    Args:
        run: ``(B, 3, H, W)`` to ``(B, 4 + C, N)``; called by one thread only, with B a power of two.
        most: largest batch; a power of two.
    """

    def __init__(self, run: Callable[[Tensor], Tensor], most: int = MOST_BATCH) -> None:
        if most < 1 or most & (most - 1):
            raise ValueError(f"a largest batch of {most} is no power of two")
        self.counts = BatchCounts()
        self._line: _Line = queue.SimpleQueue()
        owner = threading.Thread(
            target=_own, args=(self._line, run, most, self.counts), name="device-owner", daemon=True
        )
        owner.start()
        weakref.finalize(self, self._line.put, None)

    def run(self, tensor: Tensor) -> Tensor:
        """One picture's tensor ``(1, 3, H, W)`` to its head ``(1, 4 + C, N)``; waits for its batch.

        Raises:
            ModelError: the device failed on the batch, or does not answer.
        """
        answer: Future[Tensor] = Future()
        self._line.put((tensor, answer))
        try:
            return answer.result(LONGEST_WAIT_S)
        except TimeoutError as error:
            raise ModelError(
                f"the device has not answered for {LONGEST_WAIT_S:g} s; mend: look at its driver's log, then restart"
            ) from error


class GatheredNetwork:
    """A lane's network whose pictures are looked at together with the other lanes'."""

    def __init__(
        self, gatherer: Gatherer, name: str, input_shape: tuple[int, ...], output_shape: tuple[int, ...]
    ) -> None:
        self._gatherer = gatherer
        self.name = name
        self.input_shape = input_shape
        self.output_shape = output_shape

    def run(self, tensor: Tensor) -> Tensor:
        return self._gatherer.run(tensor)

    def twin(self) -> "GatheredNetwork":
        """The same device for another lane."""
        return GatheredNetwork(self._gatherer, self.name, self.input_shape, self.output_shape)


def _own(line: _Line, run: Callable[[Tensor], Tensor], most: int, counts: BatchCounts) -> None:
    while (first := line.get()) is not None:
        batch, is_last = [first], False
        while len(batch) < most:
            try:
                further = line.get_nowait()
            except queue.Empty:
                break
            if further is None:
                is_last = True
                break
            batch.append(further)
        _answer(batch, run)
        counts.batches += 1
        counts.pictures += len(batch)
        if is_last:
            return


def _answer(batch: list[_Waiting], run: Callable[[Tensor], Tensor]) -> None:
    try:
        heads = run(padded([tensor for tensor, _ in batch]))
    except Exception as error:  # noqa: BLE001 (the device's outermost call: whoever waits is told, the owner goes on)
        fault = error if isinstance(error, ModelError) else ModelError(f"the device failed: {first_line(error)}")
        for _, answer in batch:
            answer.set_exception(fault)
        return
    for row, (_, answer) in enumerate(batch):
        answer.set_result(heads[row : row + 1])


def padded(tensors: list[Tensor]) -> Tensor:
    """All in one, repeated up to the next power of two: a device plans anew for every size it has not seen."""
    wanted = 1 << (len(tensors) - 1).bit_length()
    return np.concatenate([*tensors, *[tensors[-1]] * (wanted - len(tensors))])
