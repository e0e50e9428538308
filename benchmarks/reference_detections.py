"""What Ultralytics' own ``predict`` sees with the shipped weights, kept as the reference for our pipeline.

Run in an environment with the extra ``train`` after the shipped model has changed:

    python -m benchmarks.reference_detections

It writes ``tests/detector/reference/<model>.json``; the test compares our detector with it, without torch.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer

from models.manifest import load_package
from models.registry import DEFAULT_MODEL
from models.torch_setup import load_yolo

PICTURES = Path("tests/detector/pictures")
REFERENCE = Path("tests/detector/reference")
CONFIDENCE = 0.05
"""Low, so that many boxes are compared."""


def main(model: str = DEFAULT_MODEL) -> None:
    """Write the reference of one model package."""
    make = load_yolo()

    package = load_package(model)
    yolo = make(str(package.weights_path), task="detect")
    found: dict[str, Any] = {}
    for picture in sorted(PICTURES.glob("*.jpg")):
        (result,) = yolo.predict(
            str(picture),
            imgsz=list(package.manifest.input_size),
            conf=CONFIDENCE,
            iou=package.manifest.nms_iou,
            rect=False,
            verbose=False,
        )
        found[picture.name] = [
            {
                "category": package.manifest.categories[int(category)],
                "confidence": float(confidence),
                "box_xyxy": [float(value) for value in box],
            }
            for box, confidence, category in zip(
                result.boxes.xyxy.tolist(), result.boxes.conf.tolist(), result.boxes.cls.tolist(), strict=True
            )
        ]
    target = REFERENCE / f"{package.manifest.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    reference = {
        "model_sha256": package.manifest.sha256,
        "made_with": f"ultralytics {version('ultralytics')}",
        "confidence": CONFIDENCE,
        "pictures": found,
    }
    target.write_text(json.dumps(reference, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"{target}: {sum(map(len, found.values()))} boxes in {len(found)} pictures")


if __name__ == "__main__":
    typer.run(main)
