"""ONNX Runtime on an NVIDIA GPU, by CUDA or TensorRT: batches in, raw heads out.

The package's own ONNX file serves, its batch left free. CUDA computes in TensorFloat-32, TensorRT in half precision.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import ModelError
from detector.batching import MOST_BATCH, GatheredNetwork, Gatherer
from detector.runtimes import InputSize, Tensor, first_line, fixed_dimensions

GpuBackend = Literal["cuda", "tensorrt"]
PROVIDERS: dict[GpuBackend, str] = {"cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider"}


class BatchSession:
    """A session that takes any batch; belongs to one thread.

    Args:
        providers: ONNX Runtime's, the wanted one first.
        device: where inputs are bound: ``cuda`` or ``cpu``.

    Raises:
        ModelError: the weights cannot be loaded, or take one picture only.
    """

    def __init__(self, weights: Path, input_size: InputSize, providers: list[Any], device: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        for name, size in fixed_dimensions(input_size).items():
            if name != "batch":
                options.add_free_dimension_override_by_name(name, size)
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=providers)
        except Exception as error:
            raise ModelError(
                f"{weights} cannot be loaded: {first_line(error)}; export it anew with `gridpatrol models export`"
            ) from error
        entry, result = self._session.get_inputs()[0], self._session.get_outputs()[0]
        if isinstance(entry.shape[0], int):
            raise ModelError(
                f"{weights} takes batches of {entry.shape[0]} only; mend: export it with more than one --size, "
                "which leaves the batch free"
            )
        self._runtime = onnxruntime
        self._device = device
        self._input, self._output = entry.name, result.name
        self.input_size = input_size

    @property
    def provider(self) -> str:
        """What really runs it: ONNX Runtime falls back without a word."""
        return str(self._session.get_providers()[0])

    def run(self, batch: Tensor) -> Tensor:
        """``(B, 3, H, W)`` to ``(B, 4 + C, N)``, the copy to the device and back included."""
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(
            self._input, self._runtime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(batch), self._device, 0)
        )
        binding.bind_output(self._output, "cpu")
        self._session.run_with_iobinding(binding)
        heads: Tensor = binding.copy_outputs_to_cpu()[0]
        return heads


def open_gpu(weights: Path, input_size: InputSize, backend: GpuBackend, cache: Path) -> BatchSession:
    """A session on the first GPU.

    Args:
        cache: folder where TensorRT keeps its engines, which take minutes to plan.

    Raises:
        ModelError: this machine's ONNX Runtime cannot reach a GPU that way, or the weights do not fit.
    """
    import onnxruntime

    wanted = PROVIDERS[backend]
    if wanted not in onnxruntime.get_available_providers():
        raise ModelError(
            f"backend {backend!r}: this ONNX Runtime has {', '.join(onnxruntime.get_available_providers())}; "
            "mend: pip uninstall onnxruntime, pip install 'gridpatrol[gpu]', or set detector.backend = \"auto\""
        )
    session = BatchSession(weights, input_size, [(wanted, _options(backend, cache)), "CPUExecutionProvider"], "cuda")
    if session.provider != wanted:
        raise ModelError(
            f"backend {backend!r}: ONNX Runtime fell back to {session.provider}; mend: its libraries (CUDA, cuDNN"
            f"{', TensorRT' if backend == 'tensorrt' else ''}) of the versions that onnxruntime-gpu names"
        )
    return session


def gathered(session: BatchSession, backend: str, most: int = MOST_BATCH) -> GatheredNetwork:
    """The first lane's network over a session; its twins share the device."""
    height, width = session.input_size
    head = session.run(np.zeros((1, 3, height, width), dtype=np.float32))
    return GatheredNetwork(Gatherer(session.run, most), backend, (1, 3, height, width), tuple(head.shape))


def _options(backend: GpuBackend, cache: Path) -> dict[str, str]:
    if backend == "cuda":
        return {"device_id": "0", "use_tf32": "1", "cudnn_conv_algo_search": "EXHAUSTIVE"}
    return {
        "device_id": "0",
        "trt_fp16_enable": "1",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(cache),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(cache),
    }
