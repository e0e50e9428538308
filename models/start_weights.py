"""Whose weights training starts from: a file, or the package that it was restored from."""

import json
from dataclasses import dataclass
from pathlib import Path

from models.manifest import sha256_of


@dataclass(frozen=True, slots=True)
class StartWeights:
    """Where training starts: a file, and whose weights they are."""

    path: Path
    name: str
    sha256: str
    """Of the package's ONNX file where the weights were restored from one, else of the file."""


def start_weights(path: Path) -> StartWeights:
    """Whose weights a ``.pt`` file holds; a restored one says so in the ``.json`` beside it."""
    record = path.with_suffix(".json")
    if record.is_file():
        told = json.loads(record.read_text(encoding="utf-8")).get("restored_from")
        if told is not None and told["checkpoint_sha256"] == sha256_of(path):
            return StartWeights(path, f"{told['name']}-{told['version']}", told["sha256"])
    return StartWeights(path, path.name, sha256_of(path))
