"""Where the training photos and clips lie, which are not part of this repository."""

import os
from pathlib import Path

import pytest


def shared_folder(inside: str) -> Path:
    """A folder of the shared data; skips the test with the reason where it is not at hand."""
    root = Path(os.environ.get("GRIDPATROL_SHARED", "../shared"))
    folder = root / inside
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: the training data is not part of this repository (set GRIDPATROL_SHARED)")
    return folder
