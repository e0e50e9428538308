"""Model packages to spoil: copies of the shipped one."""

import json
import shutil
from pathlib import Path

from models.manifest import sha256_of
from models.registry import DEFAULT_MODEL, WEIGHTS_FOLDER


def copied_package(target: Path) -> Path:
    """The shipped default package, copied into ``target``."""
    folder = target / "package"
    shutil.copytree(WEIGHTS_FOLDER / DEFAULT_MODEL, folder)
    return folder


def edit_manifest(folder: Path, **changes: object) -> None:
    """Set fields of ``manifest.json``; a change to None takes the field out."""
    path = folder / "manifest.json"
    facts = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({k: v for k, v in facts.items() if v is not None}), encoding="utf-8")


def replace_weights(folder: Path, data: bytes) -> None:
    """Other bytes as weights, with the hash that belongs to them."""
    weights = folder / "model.onnx"
    weights.write_bytes(data)
    edit_manifest(folder, sha256=sha256_of(weights))
