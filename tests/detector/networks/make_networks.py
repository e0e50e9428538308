"""How ``any_size.onnx`` and ``one_size.onnx`` were made: networks of one convolution (needs the train extra).

    python tests/detector/networks/make_networks.py

Its head is ``(1, 9, H / 32 * W / 32)``: per 32-px tile a box of 16 px in the picture's corner, and as the score of
the second category the red of the tile's first pixel. The one takes every picture size, the other 384 x 384 only.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

weights = np.zeros((9, 3, 1, 1), dtype=np.float32)
weights[5, 0] = 1.0
bias = np.array([8, 8, 16, 16, 0, 0, 0, 0, 0], dtype=np.float32)

for name, size, anchors in (("any_size", ("height", "width"), "anchors"), ("one_size", (384, 384), 144)):
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["images", "weights", "bias"], ["tiles"], strides=[32, 32]),
            helper.make_node("Reshape", ["tiles", "shape"], ["output0"]),
        ],
        name,
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch" if name == "any_size" else 1, 3, *size])],
        [
            helper.make_tensor_value_info(
                "output0", TensorProto.FLOAT, ["batch" if name == "any_size" else 1, 9, anchors]
            )
        ],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(bias, "bias"),
            numpy_helper.from_array(np.array([0, 9, -1], dtype=np.int64), "shape"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(Path(__file__).with_name(f"{name}.onnx")))
