"""How often does the rule that tells day from night by the picture alone agree with what is known?

    python -m benchmarks.light_rule FOLDER … [--by-eye FILE] [--json FILE]

A picture's light is known from its scene record beside it, or else from ``light_by_eye.json``: what one person saw in
the photographs of the street data set's val part, from thumbnails; all others there are day, those that nobody could
tell are left out.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from benchmarks.machine import machine_facts
from benchmarks.result import finish
from models.datasets import PICTURE_SUFFIXES
from models.light import NIGHT_BELOW, light_of, recorded_light
from models.matching import Light

DARK_BELOW = 70.0
"""Mean luma: the rule that was used first, to compare."""

BY_EYE = Path(__file__).with_name("light_by_eye.json")


def main(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of pictures: renders with their records, photographs.")
    ],
    by_eye: Annotated[Path, typer.Option(help="Stems that a person calls night or unsure.")] = BY_EYE,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result here, too.")] = None,
) -> None:
    """Count, and print one JSON object."""
    seen = json.loads(by_eye.read_text(encoding="utf-8"))
    counted = {folder.name: agreement(folder, set(seen["night"]), set(seen["unsure"])) for folder in folders}
    finish({"night_below": NIGHT_BELOW, "folders": counted, **machine_facts()}, json_file, indent=1)


def agreement(folder: Path, night: set[str], unsure: set[str]) -> dict[str, dict[str, int]]:
    """Known light -> how many pictures, how many of them the rule calls night, and how many a mere mean would."""
    pictures: Counter[Light] = Counter()
    called_night: Counter[Light] = Counter()
    dark_on_average: Counter[Light] = Counter()
    for path in sorted(one for one in folder.iterdir() if one.suffix.lower() in PICTURE_SUFFIXES):
        picture = None if path.stem in unsure else cv2.imread(str(path))
        if picture is None:
            continue
        known: Light = recorded_light(path) or ("night" if path.stem in night else "day")
        pictures[known] += 1
        called_night[known] += light_of(np.asarray(picture, dtype=np.uint8)) == "night"
        dark_on_average[known] += float(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).mean()) < DARK_BELOW
    return {
        light: {
            "pictures": pictures[light],
            "called_night": called_night[light],
            "mean_below_70": dark_on_average[light],
        }
        for light in sorted(pictures)
    }


if __name__ == "__main__":
    typer.run(main)
