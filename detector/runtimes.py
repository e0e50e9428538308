"""The network itself, in one of two runtimes: a picture's tensor in, its raw head out.

Weights that take several input sizes are fixed to one when they are loaded, so that the runtime plans for that size;
what this costs against weights made for one size is measured by ``benchmarks/input_sizes.py``.
"""

import os
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError

Tensor = NDArray[np.float32]
Backend = Literal["onnxruntime", "openvino"]
Precision = Literal["f32", "bf16"]
PrecisionChoice = Literal["auto", Precision]
"""``auto``: bfloat16 where OpenVINO runs and the processor multiplies it, else float32."""
InputSize = tuple[int, int]
"""Height, width in pixels."""


class Network(Protocol):
    """One loaded network; belongs to one thread."""

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """Which runtime."""
        ...

    def run(self, tensor: Tensor) -> Tensor:
        """``(1, 3, H, W)`` to ``(1, 4 + C, N)``."""
        ...


class OnnxRuntimeNetwork:
    """ONNX Runtime on the CPU in float32: the exact reference."""

    name: Backend = "onnxruntime"

    def __init__(self, weights: Path, input_size: InputSize, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        for name, size in fixed_dimensions(input_size).items():
            options.add_free_dimension_override_by_name(name, size)
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(
                f"{weights} cannot be loaded: {first_line(error)}; export it anew with `gridpatrol models export`"
            ) from error
        self._describe()

    def _describe(self) -> None:
        self._input = self._session.get_inputs()[0].name
        self.input_shape = tuple(self._session.get_inputs()[0].shape)
        self.output_shape = tuple(self._session.get_outputs()[0].shape)

    def run(self, tensor: Tensor) -> Tensor:
        try:
            output: Tensor = self._session.run(None, {self._input: tensor})[0]
        except Exception as error:
            raise ModelError(f"onnxruntime failed on a picture: {first_line(error)}") from error
        return output

    def twin(self) -> "OnnxRuntimeNetwork":
        """The same session: it may be run from several threads at once."""
        other = object.__new__(OnnxRuntimeNetwork)
        other._session = self._session
        other._describe()
        return other


def settled(choice: PrecisionChoice) -> Precision:
    """What ``auto`` means on this machine; only OpenVINO knows anything but float32."""
    if choice != "auto":
        return choice
    try:
        import openvino
    except ImportError:
        return "f32"
    return "bf16" if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"


class OpenVinoNetwork:
    """OpenVINO on the CPU.

    In float32 its boxes are ONNX Runtime's. bfloat16 is faster where the processor multiplies it; there most boxes
    stay within a few pixels and scores within about 0.02, with outliers (0.73 was seen to fall to 0.47), so a box
    near its threshold can be lost.

    Args:
        threads: 0 for every core.
        side_by_side: how many twins will run at the same time; each gets its share of the threads.
    """

    name: Backend = "openvino"

    def __init__(
        self,
        weights: Path,
        input_size: InputSize,
        threads: int = 0,
        precision: Precision = "f32",
        side_by_side: int = 1,
    ) -> None:
        try:
            import openvino
        except ImportError as error:
            raise ModelError("the openvino backend is not installed; pip install 'gridpatrol[openvino]'") from error
        config: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads:
            config["INFERENCE_NUM_THREADS"] = threads
            config["ENABLE_CPU_PINNING"] = False  # several networks in one process would share the first core
        if side_by_side > 1:
            config["NUM_STREAMS"] = side_by_side
        config["INFERENCE_PRECISION_HINT"] = precision
        try:
            core = openvino.Core()
            model = core.read_model(str(weights))
            if model.input(0).partial_shape.is_dynamic:
                model.reshape([1, 3, *input_size])
            self._compiled = core.compile_model(model, "CPU", config)
        except RuntimeError as error:
            raise ModelError(
                f"{weights} cannot be loaded: {first_line(error)}; export it anew with `gridpatrol models export`"
            ) from error
        self._describe()

    def _describe(self) -> None:
        self._request = self._compiled.create_infer_request()
        self.input_shape = tuple(self._compiled.input(0).shape)
        self.output_shape = tuple(self._compiled.output(0).shape)

    def run(self, tensor: Tensor) -> Tensor:
        try:
            result = self._request.infer([tensor], share_inputs=True)
        except RuntimeError as error:
            raise ModelError(f"openvino failed on a picture: {first_line(error)}") from error
        output: Tensor = next(iter(result.values()))
        return output

    def twin(self) -> "OpenVinoNetwork":
        """A request of its own on the same compiled model."""
        other = object.__new__(OpenVinoNetwork)
        other._compiled = self._compiled
        other._describe()
        return other


def fixed_dimensions(input_size: InputSize) -> dict[str, int]:
    """Values for the named free dimensions of weights that take several sizes; weights of one size have none."""
    return {"batch": 1, "height": input_size[0], "width": input_size[1]}


def first_line(error: BaseException) -> str:
    """A runtime's message without its stack of source lines."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
