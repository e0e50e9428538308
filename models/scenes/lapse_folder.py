"""A lapse's folder remembers which generator it was begun with, so that going on never mixes two streets."""

import json
from pathlib import Path

_NAME = "generator.json"


def generator_of(folder: Path, wanted: int) -> int:
    """The generator to go on with: the one it was begun with, or ``wanted`` for a new lapse.

    Folders that were begun before this was kept hold pictures of generator 1.
    """
    kept = folder / _NAME
    if kept.exists():
        return int(json.loads(kept.read_text(encoding="utf-8"))["generator"])
    return 1 if any((folder / "frames").glob("*.json")) else wanted


def keep_generator(folder: Path, generator: int) -> None:
    """Note the generator in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _NAME).write_text(json.dumps({"generator": generator}), encoding="utf-8")
